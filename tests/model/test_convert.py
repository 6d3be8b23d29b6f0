import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from laam.model import llama
from laam.model.convert import SUMS, convert_apart, converted_folder, remove_temporary
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


def full(places: int) -> Callable[[Path, Path, str], None]:
    """A converter that finds the disk full, halfway, at so many places."""
    left = places

    def convert(folder: Path, target: Path, quantization: str) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            (target / "model.bin").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        convert_llama(folder, target, quantization)

    return convert


def test_if_the_cache_is_full_a_temporary_folder_will_do(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(llama, "convert_llama", full(1))
    found = converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    assert (found / "model.bin").is_file()
    assert list((tmp_path / "cache" / "ctranslate2").iterdir()) == []
    assert caplog.messages == ["the converted model is not kept (No space left on device): LAAM_CACHE names another folder for it"]
    remove_temporary()
    assert not found.exists()


def test_if_there_is_no_room_anywhere_it_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama, "convert_llama", full(2))
    with pytest.raises(ValueError, match=r"\(No space left on device\): point LAAM_CACHE to one with some room"):
        converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    assert list((tmp_path / "cache" / "ctranslate2").iterdir()) == []
    remove_temporary()


def test_a_cache_in_which_nothing_can_be_made_is_passed_over(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", "utf-8")
    assert (converted_folder(folder, DIGEST, tmp_path / "cache", "int8") / "model.bin").is_file()
    remove_temporary()


@pytest.mark.parametrize("file", ["model.bin", "config.json", SUMS])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_what_is_damaged_in_the_cache_is_made_anew(folder: Path, tmp_path: Path, file: str, damage: str) -> None:
    target = converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    good = {file.name: file.read_bytes() for file in target.iterdir()}
    damaged = target / file
    if damage == "gone":
        damaged.unlink()
    else:
        damaged.write_bytes(good[file][:-9] if damage == "cut" else good[file][:-9] + bytes(9))
    assert converted_folder(folder, DIGEST, tmp_path / "cache", "int8") == target
    assert {file.name: file.read_bytes() for file in target.iterdir()} == good
    assert list(target.parent.iterdir()) == [target]


def test_a_model_that_can_not_be_converted_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "config.json").write_text("{}", "utf-8")
    with pytest.raises(ValueError, match=r"config\.json"):
        converted_folder(folder, DIGEST, tmp_path / "cache", "int8")
    assert list((tmp_path / "cache" / "ctranslate2").iterdir()) == []


def test_what_is_wrong_in_the_other_process_is_raised_in_this_one(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError):
        convert_apart(folder, tmp_path / "nowhere", "int8")
    (folder / "config.json").write_text("{}", "utf-8")
    with pytest.raises(ValueError, match=r"config\.json"):
        convert_apart(folder, tmp_path, "int8")
    monkeypatch.setattr(sys, "executable", "/bin/false")  # as if the system had killed it
    with pytest.raises(ValueError, match="the model can't be converted: its process ended with 1"):
        convert_apart(folder, tmp_path, "int8")


def test_where_pytorch_is_needed_for_nothing_else_another_process_converts_to_the_same_files(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from laam.model.convert import converted_folder; "
        f"print(converted_folder(Path({str(folder)!r}), {DIGEST!r}, Path({str(tmp_path)!r}), 'int8')); print('torch' in sys.modules)"
    )
    apart, has_torch = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True).stdout.split()
    assert has_torch == "False"
    (tmp_path / "here").mkdir()
    convert_llama(folder, tmp_path / "here", "int8")
    for file in (tmp_path / "here").iterdir():
        assert (Path(apart) / file.name).read_bytes() == file.read_bytes()
