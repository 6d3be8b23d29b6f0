"""The checkpoint of a run, which belongs to its recipe and its files."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from laam.files import atomic_write
from laam.train.recipe import Recipe


def write_checkpoint(file: Path, recipe: Recipe, data: str, state: dict[str, Any]) -> None:
    """Keep the state of a run. `data`: the digest of its samples. The file appears whole or not at all."""
    with atomic_write(file) as temporary:
        torch.save({"recipe": asdict(recipe), "data": data, **state}, temporary)


def read_checkpoint(file: Path, recipe: Recipe, data: str) -> dict[str, Any] | None:
    """The state that was kept, on the CPU; None if there is none. Raises ValueError for that of another recipe or other files."""
    if not file.is_file():
        return None
    state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    if state["recipe"] != asdict(recipe):
        raise ValueError(f"{file} is of another recipe; give another --out, or remove it to start anew")
    if state.get("data", data) != data:
        raise ValueError(f"{file} is of other files; give another --out, or remove all that is in it to start anew")
    return state
