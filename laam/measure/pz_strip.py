"""The strip of p_z along a file: its ticks, and what is said of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from laam.emission import wording
from laam.measure.places import PREFIX, SUFFIX
from laam.measure.pz import NONE, THRESHOLDS, Along, shares_in_words, threshold_in_words

WHAT = (
    f"How likely the model, given {PREFIX} true tokens of the file and no path, goes on with exactly the next {SUFFIX}; for each stretch, "
    "the likeliest of the windows that reach there."
)


@dataclass(frozen=True)
class Strip:
    """`ticks`: see `Along.ticks`; `lines`: of the file. `said`: how much of the file is how likely; `how`: with what it was measured.

    `least`: the lines, counted from 1, of the first of the stretches that are the least likely; None if no stretch is likelier.
    """

    ticks: str
    lines: int
    said: str
    how: str
    least: tuple[int, int] | None


def strip_of(along: Along, lengths: Sequence[int], precision: str) -> Strip:
    """The strip of a file. `lengths`: the characters of its lines."""
    ticks, lines = along.ticks(lengths), len(lengths)
    known = set(ticks) - {NONE}
    least = None
    if len(known) > 1:
        at = ticks.index(min(known))
        least = (at * lines // len(ticks) + 1, (at + 1) * lines // len(ticks))
    above = [along.at_least(threshold) for threshold in THRESHOLDS]
    return Strip(
        ticks,
        lines,
        f"{shares_in_words(along.characters, along.covered, above)}.",
        f"{wording.count(len(along.logs), 'window')}, in {precision}. It gets no path here, whatever it was taught to answer.",
        least,
    )


def legend() -> list[tuple[str, str]]:
    """Each kind of tick, the likeliest first, and what it means."""
    reached = [(str(level), f"{threshold_in_words(threshold)} or more") for level, threshold in enumerate(THRESHOLDS, 1)]
    return [*reversed(reached), ("0", f"under {threshold_in_words(THRESHOLDS[0])}"), (NONE, "not measured")]
