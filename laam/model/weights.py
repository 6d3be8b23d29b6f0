"""A model's weights, and how many bytes they take in each precision."""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from laam.faults import brief, short_name


@dataclass(frozen=True)
class WeightBytes:
    """Bytes of the numbers alone, without names and headers."""

    float32: int
    float16: int
    int8: int
    """Matrices in int8 with a float32 scale for each row, everything else in float32: what CTranslate2 keeps."""


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """A model folder's weights by name, in float32. Raises ValueError for a file that is missing or damaged."""
    file = folder / "model.safetensors"
    try:
        return {name: weight.astype(np.float32) for name, weight in load_file(file).items()}
    except (OSError, SafetensorError) as error:
        raise ValueError(f"{short_name(file)}: not readable safetensors weights: {brief(error)}") from error


def weight_shapes(folder: Path) -> list[list[int]]:
    """The shapes of a model folder's weights; tied weights are stored once. Raises ValueError for a damaged file."""
    file = folder / "model.safetensors"
    try:
        with safe_open(file, framework="numpy") as weights:
            return [weights.get_slice(name).get_shape() for name in weights.keys()]  # noqa: SIM118  # no mapping
    except SafetensorError as error:
        raise ValueError(f"{short_name(file)}: not readable safetensors weights: {brief(error)}") from error


def weight_bytes(folder: Path) -> WeightBytes:
    """The bytes of a model folder's weights. Raises ValueError for a damaged file."""
    shapes = weight_shapes(folder)
    numbers = sum(map(prod, shapes))
    int8 = sum(prod(shape) + 4 * shape[0] if len(shape) == 2 else 4 * prod(shape) for shape in shapes)
    return WeightBytes(4 * numbers, 2 * numbers, int8)
