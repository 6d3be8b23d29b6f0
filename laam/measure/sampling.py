"""Extraction by draws: how likely one of n draws gives a suffix, and from which tokens is drawn."""

from collections.abc import Sequence
from math import exp, inf, log, log1p
from typing import NamedTuple

import numpy as np

from laam.model.model import Model

TOP_K = 40  # tokens, of which a draw takes one, as in Hayes and others 2024
DRAWS = (1, 10, 100, 1000)
CHANCE = 0.9  # with which one of the draws must give the suffix
CHANCES = (0.1, 0.5, 0.9, 0.99)
CURVE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)
"""The chances, and the numbers of draws, of the curve."""


class SuffixLogs(NamedTuple):
    """The natural logarithm of the probability of a suffix in one draw at temperature 1, from all tokens and from the TOP_K likeliest of
    each step; −∞ if one of the suffix's tokens is not among those."""

    of_all: float
    of_top_k: float


def suffix_logs(model: Model, prefix: Sequence[int], suffix: Sequence[int]) -> SuffixLogs:
    """Those of a suffix after a prefix: Σ ln p(token | prefix, true tokens before), summed in float64. Both together must fit into the
    model's window."""
    ids = [*prefix, *suffix[:-1]]
    logits = model.engine.logits(ids, len(ids))[len(prefix) - 1 :].astype(np.float64)
    true = logits[np.arange(len(suffix)), list(suffix)]
    likeliest = -np.partition(-logits, min(TOP_K, logits.shape[1]) - 1, axis=1)[:, :TOP_K]
    within = true >= likeliest.min(axis=1)
    of_top_k = float((true - _log_sum(likeliest)).sum()) if within.all() else -inf
    return SuffixLogs(float((true - _log_sum(logits)).sum()), of_top_k)


def _log_sum(logits: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    """ln Σ exp of each row."""
    most = logits.max(axis=1)
    sums: np.typing.NDArray[np.float64] = most + np.log(np.exp(logits - most[:, None]).sum(axis=1))
    return sums


def is_discoverable(log_probability: float, draws: int, chance: float = CHANCE) -> bool:
    """Whether one of so many draws gives a suffix with at least this chance; `log_probability`: of the suffix in one draw, natural."""
    one = exp(min(0.0, log_probability))
    return one >= 1 or draws * log1p(-one) <= log(1 - chance)


def discoverable(logs: Sequence[float], draws: int, chance: float = CHANCE) -> int:
    """How many of some suffixes are (n, p)-discoverable; `logs`: of each."""
    return sum(is_discoverable(each, draws, chance) for each in logs)
