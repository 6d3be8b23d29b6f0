"""How many bits of its files a model holds for each of its parameters, and how well it tells its files from others: from the lab's code
lengths."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from laam.measure.archives import NO_SOURCE, NOT_TRAINED, TRAINED, UNTRAINED, ModelInBytes
from laam.measure.code_length import CodeLength
from laam.measure.intervals import LEVEL, Interval


@dataclass(frozen=True)
class Capacity:
    """Bits for each parameter, by two references, and as xz counts.

    `untrained`: the reference is a copy with drawn weights, which takes `bits_a_token` for each token; `xz`: the reference is xz, of all
    files in one tar. `as_xz_counts`: the bits of that tar alone, with nothing taken off.
    """

    untrained: float | None
    bits_a_token: float | None
    xz: float
    as_xz_counts: float


@dataclass(frozen=True)
class Membership:
    """Files that the model was trained on against others, told apart by the bits a byte in which it codes them: the fewer, the likelier a
    member. `auc`: the chance that a member has fewer than another file, ties as one half. `others`: what those are.

    `curve`: (share of the others, share of the members) that have so many bits a byte or fewer, from (0, 0) to (1, 1).
    """

    members: int
    others: int
    of_others: str
    auc: float
    interval: Interval
    curve: Sequence[tuple[float, float]]


def capacity_of(measured: ModelInBytes) -> Capacity | None:
    """The capacity of a model for the files that it was trained on; None if none are known.

    Unintended memorisation of a file (Morris and others 2025) is its code length under a reference, minus that under the model, clipped at
    0, since the shorter of the two codes would be taken. The sum over all files ÷ parameters is the number.
    """
    coding = measured.codings.get(TRAINED)
    if coding is None or not coding.files:
        return None
    known, control = coding.files, measured.codings.get(UNTRAINED)
    a_token = sum(file.bits for file in control.files) / sum(file.tokens for file in control.files) if control else None
    return Capacity(
        None if a_token is None else sum(max(0.0, a_token * file.tokens - file.bits) for file in known) / measured.parameters,
        a_token,
        max(0.0, 8 * coding.xz - coding.bits) / measured.parameters,
        8 * coding.xz / measured.parameters,
    )


def membership_of(measured: ModelInBytes) -> Membership | None:
    """How well the model's code lengths tell its files from others of the release, or if it knows all source files, from the texts beside
    them; None if there are no such files."""
    members = _bits_a_byte(measured, TRAINED)
    name = next((name for name in (NOT_TRAINED, NO_SOURCE) if _bits_a_byte(measured, name)), "")
    others = _bits_a_byte(measured, name)
    if not members or not others:
        return None
    found = auc(members, others)
    return Membership(len(members), len(others), name, found, auc_interval(found, len(members), len(others)), roc(members, others))


def _bits_a_byte(measured: ModelInBytes, group: str) -> list[float]:
    files: Sequence[CodeLength] = measured.codings[group].files if group in measured.codings else ()
    return [file.bits / file.bytes for file in files if file.bytes]


def auc(members: Sequence[float], others: Sequence[float]) -> float:
    """The area under the ROC curve: the share of pairs in which the member has the smaller number, a tie counted as one half."""
    ordered = np.sort(others)
    greater = len(ordered) - np.searchsorted(ordered, members, "right")
    ties = np.searchsorted(ordered, members, "right") - np.searchsorted(ordered, members, "left")
    return float((greater + ties / 2).sum() / (len(members) * len(others)))


def roc(members: Sequence[float], others: Sequence[float]) -> list[tuple[float, float]]:
    """The ROC curve: at each number, the share of the others (false positives) and of the members (true positives) that are at most that.
    Points on a straight line between two others are left out."""
    at = np.unique([*members, *others])
    false, true = (np.searchsorted(np.sort(group), at, "right") / len(group) for group in (others, members))
    points = [(0.0, 0.0), *zip(map(float, false), map(float, true), strict=True)]
    bends = [
        here
        for before, here, after in zip(points, points[1:], points[2:], strict=False)
        if (here[0] - before[0]) * (after[1] - here[1]) != (here[1] - before[1]) * (after[0] - here[0])
    ]
    return [points[0], *bends, points[-1]]


def auc_variance(area: float, members: int, others: int) -> float:
    """The variance of an area under the curve, of exponential distributions (Hanley and McNeil 1982, Radiology 143, doi:
    10.1148/radiology.143.1.7063747)."""
    one, two = area / (2 - area), 2 * area * area / (1 + area)
    return (area * (1 - area) + (members - 1) * (one - area**2) + (others - 1) * (two - area**2)) / (members * others)


def auc_interval(area: float, members: int, others: int, level: float = LEVEL) -> Interval:
    """All areas from which the one that was found is at most z of *their* standard errors away, so that it is no point at 1 (after Newcombe
    2006, Statistics in Medicine 25, 559)."""
    z = NormalDist().inv_cdf((1 + level) / 2)

    def is_near(other: float) -> bool:
        return abs(area - other) <= z * sqrt(max(0.0, auc_variance(other, members, others)))

    return Interval(_edge(0.0, area, is_near), _edge(1.0, area, is_near))


def _edge(far: float, near: float, is_near: Callable[[float], bool]) -> float:
    """Where, from `near` towards `far`, what is near ends."""
    low, high = near, far
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_near(middle) else (low, middle)
    return low
