"""A model's weights as bytes: the numbers, one weight after the other in the order of their names, and nothing else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laam.measure.packing import xz_bytes
from laam.model.lossy import row_levels
from laam.model.model import Model
from laam.model.weights import read_weights

INT8 = "int8"
PRECISIONS = ("float32", "float16", INT8)


@dataclass(frozen=True)
class Packed:
    """Some numbers or files: `bytes` as they are, `xz` as xz -9e packs them."""

    bytes: int
    xz: int


def packed(data: bytes) -> Packed:
    """How many bytes data takes, plain and as xz packs it."""
    return Packed(len(data), xz_bytes(data))


def weights_in(model: Model, precision: str) -> bytes:
    """A model's numbers in one of PRECISIONS. In int8 a matrix has a float32 scale for each row, as CTranslate2 keeps it; vectors stay in
    float32."""
    if precision == INT8:
        return rounded_weights(model, 8)
    weights = read_weights(model.folder)
    return b"".join(weights[name].astype(precision).tobytes() for name in sorted(weights))


def rounded_weights(model: Model, bits: int, *, tight: bool = True) -> bytes:
    """A model's numbers, rounded to `bits` bits; see `laam.model.lossy`. Vectors stay in float32.

    Of a matrix its scales in float32, and then its whole numbers in two's complement: a byte each, or, if it is `tight`, `bits` bits each,
    with the last byte of a matrix filled up.
    """
    weights = read_weights(model.folder)
    return b"".join(_rounded(weights[name], bits, tight=tight) for name in sorted(weights))


def _rounded(weight: NDArray[np.float32], bits: int, *, tight: bool) -> bytes:
    if weight.ndim != 2:
        return weight.tobytes()
    levels, scales = row_levels(weight, bits)
    whole = levels.astype(np.int8).view(np.uint8)
    return scales.tobytes() + (np.packbits(np.unpackbits(whole.reshape(-1, 1), axis=1)[:, 8 - bits :]) if tight else whole).tobytes()


def packed_rounded(model: Model, bits: int) -> Packed:
    """How many bytes the rounded weights take: tight, and as xz packs them, tight or a byte each, whichever it packs better."""
    tight, loose = rounded_weights(model, bits), rounded_weights(model, bits, tight=False)
    return Packed(len(tight), min(xz_bytes(tight), xz_bytes(loose)))
