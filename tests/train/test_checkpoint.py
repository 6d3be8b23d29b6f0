import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import torch

from laam.train.checkpoint import read_checkpoint, write_checkpoint
from laam.train.recipe import Recipe

STATE: dict[str, Any] = {"passes_done": 3, "model": {"weight": torch.arange(5000.0)}}


def write(file: Path) -> Path:
    write_checkpoint(file, Recipe(), "files", STATE)
    return file


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    state = read_checkpoint(write(tmp_path / "checkpoint.pt"), Recipe(), "files")
    assert state is not None
    assert state["passes_done"] == 3
    assert torch.equal(state["model"]["weight"], STATE["model"]["weight"])
    assert read_checkpoint(tmp_path / "none.pt", Recipe(), "files") is None


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 4]) + data[middle + 4 :]


@pytest.mark.parametrize("damage", [flip, lambda data: data[:-1], lambda data: data[:1000], lambda _: b"", lambda data: data + b"\n"])
def test_a_damaged_one_is_refused_with_what_to_do(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = write(tmp_path / "checkpoint.pt")
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"checkpoint\.pt is damaged: .* delete it, and the training starts again") as refused:
        read_checkpoint(file, Recipe(), "files")
    assert "\n" not in str(refused.value)


def test_a_full_disk_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "checkpoint.pt")
    before = file.read_bytes()
    monkeypatch.setattr(os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        write(file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]
