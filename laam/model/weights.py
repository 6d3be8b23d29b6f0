"""A model's weights, and how many bytes they take in each precision."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize, safe_open

from laam.faults import brief, short_name
from laam.model.weight_files import weight_files

NUMBERS = {"F16": np.float16, "F32": np.float32, "F64": np.float64}


@dataclass(frozen=True)
class WeightBytes:
    """Bytes of the numbers alone, without names and headers."""

    float32: int
    float16: int
    int8: int
    """Matrices in int8 with a float32 scale for each row, everything else in float32: what CTranslate2 keeps."""


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """A model folder's weights by name, in float32. Raises ValueError for a file that is missing or damaged, or holds other numbers."""
    weights: dict[str, np.ndarray] = {}
    for file in weight_files(folder):
        try:
            weights |= {name: _floats(stored) for name, stored in deserialize(file.read_bytes())}  # type: ignore[no-untyped-call]
        except (OSError, SafetensorError, KeyError) as error:
            raise ValueError(f"{short_name(file)}: not readable safetensors weights: {brief(error)}") from error
    return weights


def _floats(stored: dict[str, Any]) -> np.ndarray:
    """One weight in float32. bfloat16, which numpy lacks, is the upper half of a float32. Raises KeyError for other numbers than floats."""
    if stored["dtype"] == "BF16":
        halves = np.frombuffer(stored["data"], "<u2").astype(np.uint32)
        return (halves << 16).view(np.float32).reshape(stored["shape"])
    return np.frombuffer(stored["data"], NUMBERS[stored["dtype"]]).astype(np.float32).reshape(stored["shape"])


def weight_shapes(folder: Path) -> list[list[int]]:
    """The shapes of a model folder's weights; tied weights are stored once. Raises ValueError for a damaged file."""
    shapes = []
    for file in weight_files(folder):
        try:
            with safe_open(file, framework="numpy") as weights:
                shapes += [weights.get_slice(name).get_shape() for name in weights.keys()]  # noqa: SIM118  # no mapping
        except SafetensorError as error:
            raise ValueError(f"{short_name(file)}: not readable safetensors weights: {brief(error)}") from error
    return shapes


def weight_bytes(folder: Path) -> WeightBytes:
    """The bytes of a model folder's weights. Raises ValueError for a damaged file."""
    shapes = weight_shapes(folder)
    numbers = sum(map(prod, shapes))
    int8 = sum(prod(shape) + 4 * shape[0] if len(shape) == 2 else 4 * prod(shape) for shape in shapes)
    return WeightBytes(4 * numbers, 2 * numbers, int8)
