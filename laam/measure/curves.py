"""Curves of the literature's measures, as small pictures. This module places their points and says them in words; a template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from laam.emission import wording
from laam.measure.capacity import Membership
from laam.measure.extraction import Tally
from laam.measure.places import PREFIX, SUFFIX
from laam.measure.sampling import CHANCES, CURVE, TOP_K, discoverable

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 388, 28, 208  # of the field in which the curves are
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)

FRAME = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "bottom": BOTTOM, "quarters": QUARTERS}
"""What the template needs beside a Picture; `x` and `y` are `x_of` and `y_of`."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """A line through points in 0…1 × 0…1. `kind`: `main`, `other` or `level`, by which it is drawn."""

    kind: str
    points: Sequence[Point]

    @property
    def drawn(self) -> str:
        """The points as SVG has them."""
        return " ".join(f"{x_of(across)},{y_of(share)}" for across, share in self.points)


@dataclass(frozen=True)
class Picture:
    """Curves with their axes. `across`: ticks of the x axis, each a place in 0…1 and its words. `label`: the same for those who don't see
    it. `caption`: which line is which."""

    curves: Sequence[Curve]
    up: str
    right: str
    across: Sequence[tuple[float, str]]
    label: str
    caption: str


def x_of(across: float) -> str:
    """The place of a number in 0…1 in the picture."""
    return f"{LEFT + (RIGHT - LEFT) * across:.1f}"


def y_of(share: float) -> str:
    """The same of a share."""
    return f"{BOTTOM - (BOTTOM - TOP) * share:.1f}"


def draws_picture(tally: Tally) -> Picture:
    """(n, p)-discoverable extraction by the number of draws, for each of CHANCES, from the TOP_K likeliest tokens and from all; and what
    comes greedily."""
    greedy = tally.extracted.get(PREFIX, 0) / tally.places

    def curve(kind: str, logs: Sequence[float], chance: float) -> Curve:
        return Curve(kind, [(log10(draws) / log10(CURVE[-1]), discoverable(logs, draws, chance) / tally.places) for draws in CURVE])

    of_top_k = [curve("main", tally.drawn_of_top_k, chance) for chance in CHANCES]
    of_all = [curve("other", tally.logs, chance) for chance in CHANCES]
    chances = ", ".join(f"{chance:g}" for chance in CHANCES)
    told = "; ".join(
        f"p = {chance:g}: {', '.join(f'n = {n:,} {wording.percent(share)}' for n, (_, share) in zip(CURVE, each.points, strict=True))}"
        for chance, each in zip(CHANCES, of_top_k, strict=True)
    )
    return Picture(
        [Curve("level", [(0.0, greedy), (1.0, greedy)]), *of_all, *of_top_k],
        up="places",
        right="draws, n →",
        across=[(number / 6, words) for number, words in enumerate(("1", "10", "10²", "10³", "10⁴", "10⁵", "10⁶"))],
        label=f"Share of the places at which one of n draws gives the next {SUFFIX} tokens with a chance of at least p, from the {TOP_K} "
        f"likeliest tokens. {told}. Greedily: {wording.percent(greedy)}.",
        caption=f"(n, p)-discoverable: from left to right, p = {chances}. Solid: from the {TOP_K} likeliest tokens, as in the paper; "
        f"dashed, where it differs: from all tokens. Dotted: what comes greedily, k = {PREFIX}.",
    )


def members_picture(told_apart: Membership) -> Picture:
    """The ROC curve of files that the model was trained on against others."""
    return Picture(
        [Curve("level", [(0.0, 0.0), (1.0, 1.0)]), Curve("main", told_apart.curve)],
        up="files that it was trained on",
        right="others →",
        across=[(share, f"{100 * share:.0f}{' %' if share == 1 else ''}") for share in QUARTERS],
        label=f"ROC curve of {told_apart.members:,} files that the model was trained on against {told_apart.others:,} others, by bits a "
        f"byte. The area under it is {told_apart.auc:.3f}.",
        caption="Members against others: the share of either that takes at most so many bits a byte. Dotted: chance.",
    )
