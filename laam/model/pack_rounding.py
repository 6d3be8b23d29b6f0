"""What a visitor's browser needs beside a packed model to round it to fewer bits just as `laam.model.lossy` rounds the shipped weights.

The packed model has int8. Rounded again from there, a weight that lies near the middle between two of the fewer numbers may go to the wrong
one. So for each weight this file has a byte, its *side*. Its bit b - 2, for b of 2 to 7 bits, says whether the weight rounds to the other
one of the two whole numbers around `int8 · L ÷ 127`, L = 2^(b-1) - 1, than the nearer one. At 8 bits both roundings differ by one at most,
in a few weights that lie halfway: the last two bits are that difference, plus one.

The file is safetensors in gzip, about a fifth of a packed model. For each matrix `NAME` it has `NAME` (U8, [out, in]), the sides, and
`NAME.largest` (F32, [out]), of which the scales are made. In the header's metadata, `laam` holds as JSON: `format`, and `weights_sha256`.
"""

import gzip
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from laam.model.lossy import row_levels
from laam.model.pack import int8_rows
from laam.model.weight_files import weight_files, weights_sha256
from laam.model.weights import read_weights

FORMAT = "laam-rounding-1"
FEWER = range(2, 8)  # bits


def pack_rounding(folder: Path) -> bytes:
    """The file of a model folder. Raises ValueError for weights that are missing or damaged."""
    tensors: dict[str, np.ndarray] = {}
    for name, weight in read_weights(folder).items():
        if weight.ndim == 2:
            tensors[name] = _sides(weight)
            tensors[f"{name}.largest"] = np.abs(weight).max(axis=1)
    header = {"format": FORMAT, "weights_sha256": weights_sha256(weight_files(folder))}
    return gzip.compress(save(tensors, {"laam": json.dumps(header)}), 4, mtime=0)


def _sides(weight: NDArray[np.float32]) -> NDArray[np.uint8]:
    packed = int8_rows(weight)[0].astype(np.int32)
    sides = (row_levels(weight, 8)[0].astype(np.int32) - packed + 1) << 6
    for bits in FEWER:
        below, past = np.divmod(packed * (2 ** (bits - 1) - 1), 127)
        near = below + (2 * past > 127)
        sides |= (row_levels(weight, bits)[0] != near).astype(np.int32) << (bits - 2)
    return sides.astype(np.uint8)
