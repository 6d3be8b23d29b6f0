import os
import subprocess
import sys
from pathlib import Path

import pytest

from laam.files import append_json_line, atomic_write, check_file, check_folder, locked, read_json_lines, whole_or_nothing


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


@pytest.mark.parametrize("half", [b'{"number": 2, "lo', b"\0\0\0\0", b"\xff\xfe", b"3", b"[1]", b'{"a": "caf\xc3'])
def test_half_a_line_costs_that_line_and_no_other(tmp_path: Path, half: bytes, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "log.jsonl"
    append_json_line(file, {"number": 1})
    file.write_bytes(file.read_bytes() + half)
    append_json_line(file, {"number": 2})
    append_json_line(file, {"number": 3})
    assert read_json_lines(file) == [{"number": 1}, {"number": 2}, {"number": 3}]
    assert caplog.messages == [f"{file}, line 2: not a whole record, so it is passed over"]


def test_a_lock_is_held_by_one_process_and_goes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    script = "import os, sys, pathlib, laam.files as f; held = f.locked(pathlib.Path(sys.argv[1]), 'taken'); held.__enter__(); os._exit(9)"
    with locked(file, "taken"):
        with pytest.raises(ValueError, match="taken"), locked(file, "taken"):
            pass
        refused = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, check=False)
        assert b"ValueError: taken" in refused.stderr
    assert subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, check=False).returncode == 9
    with locked(file, "taken"):
        pass


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=f"--out {folder}: "):
            check_folder(folder, "--out")
        with pytest.raises(ValueError, match="--out "):
            check_file(folder / "x", "--out")
    with pytest.raises(ValueError, match="is a folder"):
        check_file(tmp_path, "--out")
    check_folder(tmp_path / "new" / "below", "--out")
    check_file(tmp_path / "new" / "file", "--out")
    check_file(tmp_path / "file", "--out")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ValueError, match="nothing can be written in"):
        check_folder(tmp_path / "new", "--out")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_filled_whole_or_not_at_all(tmp_path: Path) -> None:
    site = tmp_path / "new" / "site"
    with pytest.raises(KeyboardInterrupt), whole_or_nothing(site) as half:
        (half / "a").touch()
        raise KeyboardInterrupt
    assert not site.exists()
    for text in ("old", "new"):
        with whole_or_nothing(site) as half:
            (half / "page").mkdir()
            (half / "page" / "a").write_text(text, "utf-8")
        assert (site / "page" / "a").read_text("utf-8") == text
    with pytest.raises(RuntimeError), whole_or_nothing(site) as half:
        (half / "b").touch()
        raise RuntimeError
    assert sorted(file.name for file in site.rglob("*")) == ["a", "page"]
