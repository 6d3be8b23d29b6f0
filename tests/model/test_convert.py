from collections.abc import Callable
from pathlib import Path

import pytest

from laam.model import llama
from laam.model.convert import converted_folder
from laam.model.llama import convert_llama
from tests.model.made_up import write_model

DIGEST = "ab" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    write_model(folder, tied=True)
    return folder


def test_a_model_is_converted_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    assert list(first.parent.iterdir()) == [first]
    monkeypatch.setattr(llama, "convert_llama", None)
    assert converted_folder(folder, DIGEST, tmp_path / "cache", "int8") == first


def test_other_weights_and_other_quantizations_have_folders_of_their_own(folder: Path, tmp_path: Path) -> None:
    folders = {
        converted_folder(folder, digest, tmp_path / "cache", quantization)
        for digest in (DIGEST, "cd" * 32)
        for quantization in ("int8", "float32")
    }
    assert len(folders) == 4
    assert all((folder / "model.bin").is_file() for folder in folders)


def converting(then: Callable[[], object]) -> Callable[[Path, Path, str], None]:
    """A converter after whose work something else happens."""

    def convert(folder: Path, target: Path, quantization: str) -> None:
        convert_llama(folder, target, quantization)
        then()

    return convert


def test_another_process_may_be_quicker(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    won = (target / "model.bin").read_bytes()
    target.rename(tmp_path / "won")
    monkeypatch.setattr(llama, "convert_llama", converting(lambda: (tmp_path / "won").rename(target)))
    assert converted_folder(folder, DIGEST, tmp_path / "cache", "int8") == target
    assert list(target.parent.iterdir()) == [target]
    assert (target / "model.bin").read_bytes() == won


def test_a_full_disk_is_no_winner(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no space left")

    monkeypatch.setattr(llama, "convert_llama", converting(fail))
    with pytest.raises(OSError, match="no space left"):
        converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    assert list((tmp_path / "cache" / "ctranslate2").iterdir()) == []


def test_a_model_that_can_not_be_converted_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "config.json").write_text("{}")
    with pytest.raises(ValueError, match=r"config\.json"):
        converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    assert list((tmp_path / "cache" / "ctranslate2").iterdir()) == []
