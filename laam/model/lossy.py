"""What a lossy copy of a model's weights loses: fewer bits, noise, pruning. A pure function of the weights; needs no PyTorch.

A *matrix* is a weight of two dimensions, [rows, columns], as it stands in `model.safetensors`: [out, in] of a linear layer, [vocabulary,
width] of the embedding. Tied weights stand there once, so they are rounded once, for both of their uses. All other weights (norms, biases)
stay as they are. In this order, and all in float32 unless something else is said:

1. *noise*, σ: `weight + float32(σ · s) · z`. s: the matrix's standard deviation, in float64; z: standard normal numbers, in the order of
   the rows, from numpy's `default_rng(seed).standard_normal(dtype=float32)`, one generator for all matrices in the order of their names.
2. *pruned*, p: of n weights of a matrix the `floor(p · n)` (float64) smallest are set to 0, by their amounts. Of equal ones those that
   stand first, row by row.
3. *bits*, b: post-training quantisation, round to nearest, symmetric, with one scale for each row: of the largest amount m in the row and
   L = 2^(b−1) − 1, `scale = m / L`; then `weight = round(weight / scale) · scale`. Division and multiplication are float32's, each rounded
   once; `round` takes halves to the even number. A row whose scale is 0 becomes zeros. So each weight of a row is one of 2 L + 1 numbers.

JavaScript does the third step bit for bit with `Math.fround(a / b)` and `Math.fround(a * b)` of float32 numbers, since a float64 has more
than twice their digits.

Sources: round to nearest as the plain baseline of post-training quantisation, Nagel et al. 2021, "A White Paper on Neural Network
Quantization"; pruning by magnitude, Han et al. 2015, "Learning both Weights and Connections". What each number of bits leaves of the
shipped model: `laam atlas --bits`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from laam.knobs import BITS, NOISE, PRUNED, SEED

Weights = Mapping[str, NDArray[np.float32]]
"""By name, in float32."""


@dataclass(frozen=True)
class Lossy:
    """How a model's weights are changed before it is asked; by default not at all. `bits`: 0 for as shipped. `seed`: of the noise; without
    noise it is 0, whatever was given, since it changes nothing. Raises ValueError outside the bounds."""

    bits: int = BITS.default
    noise: float = NOISE.default
    pruned: float = PRUNED.default
    seed: int = SEED.default

    def __post_init__(self) -> None:
        for knob, value in ((BITS, self.bits), (NOISE, self.noise), (PRUNED, self.pruned), (SEED, self.seed)):
            knob.check(value)
        object.__setattr__(self, "seed", self.seed if self.noise else SEED.default)

    def __bool__(self) -> bool:
        """Whether anything is lost."""
        return bool(self.bits or self.noise or self.pruned)

    def copy_of(self, weights: Weights) -> dict[str, NDArray[np.float32]]:
        """The weights that are left; see the module. The given ones aren't changed."""
        left, draw = dict(weights), np.random.default_rng(self.seed)
        for name in sorted(name for name, weight in weights.items() if weight.ndim == 2):
            if self.noise:
                left[name] = add_noise(left[name], self.noise, draw)
            if self.pruned:
                left[name] = prune(left[name], self.pruned)
            if self.bits:
                left[name] = round_rows(left[name], self.bits)
        return left


AS_SHIPPED = Lossy()


def round_rows(matrix: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """A matrix, [rows, columns], rounded to `bits` bits a weight, at least 2, with a scale for each row."""
    levels, scale = row_levels(matrix, bits)
    return levels * scale


def row_levels(matrix: NDArray[np.float32], bits: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The whole numbers of a rounded matrix, from −L to L, and the scale of each row, [rows, 1]; their product is the matrix."""
    scale = np.abs(matrix).max(axis=1, keepdims=True) / np.float32(2 ** (bits - 1) - 1)
    return np.rint(matrix / np.where(scale == 0, np.float32(1), scale)), scale


def add_noise(matrix: NDArray[np.float32], share: float, draw: np.random.Generator) -> NDArray[np.float32]:
    """A matrix with Gaussian noise of `share` of its standard deviation."""
    return matrix + np.float32(share * matrix.std(dtype=np.float64)) * draw.standard_normal(matrix.shape, np.float32)


def prune(matrix: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """A matrix whose smallest weights, `share` of all, are 0."""
    left = matrix.copy()
    left.flat[np.argsort(np.abs(matrix), axis=None, kind="stable")[: int(share * matrix.size)]] = 0
    return left
