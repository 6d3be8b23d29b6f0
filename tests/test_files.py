from pathlib import Path

import pytest

from laam.files import atomic_write


def test_a_replaced_file_is_the_old_one_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old", "utf-8")
    with pytest.raises(RuntimeError), atomic_write(target) as temporary:
        temporary.write_text("ne", "utf-8")
        raise RuntimeError
    assert target.read_text("utf-8") == "old"
    with atomic_write(target) as temporary:
        temporary.write_text("new", "utf-8")
        assert target.read_text("utf-8") == "old"
    assert target.read_text("utf-8") == "new"
    assert list(tmp_path.iterdir()) == [target]
