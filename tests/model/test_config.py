from pathlib import Path

import pytest

from laam.model.config import read_config


def test_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}', "utf-8")
    assert read_config(tmp_path) == {"model_type": "llama"}


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b"7", b"null"])
def test_a_damaged_one_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "config.json").write_bytes(data)
    with pytest.raises(ValueError, match=r"config\.json"):
        read_config(tmp_path)


def test_a_missing_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"config\.json"):
        read_config(tmp_path)
