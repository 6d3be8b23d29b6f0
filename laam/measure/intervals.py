"""Intervals for what was counted or averaged over some files or places, as for a sample of more like them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from laam.emission import wording

LEVEL = 0.95
RESAMPLES = 10_000
SEED = 1994
DRAWN_AT_ONCE = 100_000  # values


@dataclass(frozen=True)
class Interval:
    """An interval for a share or a mean, its ends included."""

    low: float
    high: float

    @property
    def in_words(self) -> str:
        """The interval of a share, such as `72.2 % to 100 %`."""
        return f"{wording.percent(self.low)} to {wording.percent(self.high)}"


def wilson(hits: int, of: int, level: float = LEVEL) -> Interval | None:
    """The score interval for a share, `hits` ÷ `of`; None of nothing.

    With p = hits ÷ n, n = of, and z the normal quantile of (1 + level) ÷ 2, it is (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) ÷ (1 + z²/n).
    It stays within 0…1, and is no point at 0 or at n. It takes the n for independent draws.

    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953; method 3 of Newcombe 1998, whose examples the tests have.
    Raises ValueError for hits that aren't within 0…of.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of}: a share has 0 to {of} hits")
    if of == 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, square = hits / of, z * z / of
    centre, half = share + square / 2, z * sqrt(share * (1 - share) / of + square / (4 * of))
    low, high = (centre - half) / (1 + square), (centre + half) / (1 + square)
    return Interval(0.0 if hits == 0 else low, 1.0 if hits == of else high)  # exactly, where rounding leaves 1e-17


def bootstrap_mean(
    values: Sequence[float],
    seed: int = SEED,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    *,
    weights: Sequence[float] | None = None,
) -> Interval | None:
    """The percentile interval for the mean of one value a file; None for fewer than two files, which tell nothing of others.

    With `weights`, such as the characters or the places of each file, it is that of the weighted mean, Σ weight × value ÷ Σ weight.

    A sample of as many files is drawn with replacement, `resamples` times; the interval reaches from the (1 − level) ÷ 2 quantile of the
    samples' means to their (1 + level) ÷ 2 quantile. Files are drawn and not places, since places of one file are alike. The same `seed`
    gives the same interval.

    Source: Efron 1979, doi:10.1214/aos/1176344552; Efron and Tibshirani 1993, chapter 13.
    """
    if len(values) < 2:
        return None
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    known, draw = np.asarray(values, dtype=np.float64) * weight, np.random.default_rng(seed)
    at_once = max(1, DRAWN_AT_ONCE // len(known))  # samples; the same ones as one by one
    means = []
    for first in range(0, resamples, at_once):
        drawn = draw.integers(len(known), size=(min(at_once, resamples - first), len(known)))
        means.append(known[drawn].sum(axis=1) / weight[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
