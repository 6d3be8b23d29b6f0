"""The checkpoint of a run, which belongs to its recipe and its files, and ends with the sha256 of all that stands before it."""

import io
import os
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from laam.faults import brief
from laam.files import atomic_write
from laam.train.recipe import Recipe

_MARK = b"\nsha256 "
_SEAL = len(_MARK) + 64


def write_checkpoint(file: Path, recipe: Recipe, data: str, state: dict[str, Any]) -> None:
    """Keep the state of a run. `data`: the digest of its samples. The file appears whole or not at all. Raises OSError."""
    kept = io.BytesIO()
    torch.save({"recipe": asdict(recipe), "data": data, **state}, kept)
    with atomic_write(file) as temporary, temporary.open("wb") as out:
        out.write(kept.getbuffer())
        out.write(_MARK + sha256(kept.getbuffer()).hexdigest().encode())
        out.flush()
        os.fsync(out.fileno())  # or a machine that goes down could leave the new name with no content


def read_checkpoint(file: Path, recipe: Recipe, data: str) -> dict[str, Any] | None:
    """The state that was kept, on the CPU; None if there is none.

    Raises ValueError for that of another recipe or other files, and for a file that is not as it was written.
    """
    if not file.is_file():
        return None
    remedy = "put back a copy of it from before, or delete it, and the training starts again from its first pass"
    try:
        content = memoryview(file.read_bytes())
        kept, seal = content[: max(0, len(content) - _SEAL)], content[-_SEAL:]
        if seal != _MARK + sha256(kept).hexdigest().encode():
            raise ValueError(f"{file} is damaged: its bytes are not those that were written; {remedy}")
        state: dict[str, Any] = torch.load(io.BytesIO(kept), map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, KeyError) as error:
        raise ValueError(f"{file} can't be read ({brief(error)}); {remedy}") from error
    if state["recipe"] != asdict(recipe):
        raise ValueError(f"{file} is of another recipe; give another --out, or remove it to start anew")
    if state.get("data", data) != data:
        raise ValueError(f"{file} is of other files; give another --out, or remove all that is in it to start anew")
    return state
