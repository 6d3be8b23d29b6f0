"""The headline of a result: its number, what that is a share of, and the other number, if it takes two to be fair."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from laam.compare.credit import CreditScore
from laam.compare.score import Score
from laam.emission import wording
from laam.model.prompts import PromptKind
from laam.words import say

Of = Literal["file", "window", "rest", "pieces", "text"]
Kind = Literal["whole", "part", "none", "aside"]

LITTLE = 0.1  # of an original; a file that comes back by less than this was not known


@dataclass(frozen=True)
class Headline:
    """What every output shows first.

    `of`: what the number is a share of: the characters of the original's *file*; what the model's *window* can hold of them; the *rest* of
    the file, after source that was given; what was not given of it, if it was asked for in *pieces*; or the *text* that was written, of
    which so much stands somewhere in the kernel.
    `share`: 0…1; None if nothing follows what was given. `lines`: how many of the original's lines it counts, from the first that was asked
    for; 0 if it is of the text. `second`: the other number, in words; empty if there is none.
    `kind`: `whole`; `part`; `none` if what was written is not the original; or `aside` if the number is no share of a whole original.
    """

    share: float | None
    of: Of
    lines: int
    second: str
    kind: Kind

    @property
    def percent(self) -> str:
        return "–" if self.share is None else wording.percent(self.share)

    @property
    def measure(self) -> str:
        """What the number is a share of, in words."""
        return measure(self.of)

    @property
    def in_short(self) -> str:
        """Both numbers in a few words, for a title."""
        return say(f"short_{self.of}", share=self.percent, second=self.second)

    @property
    def of_what(self) -> str:
        """What follows the number: what it is a share of, and the other number."""
        return "; ".join(filter(None, (self.measure, self.second)))

    @property
    def in_full(self) -> str:
        return f"{self.percent} {self.of_what}"

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, with the words."""
        return {**asdict(self), "percent": self.percent, "measure": self.measure}


def asked_of(prompts: PromptKind) -> Of:
    """What of a file was asked for; `prompts`: what they were made of."""
    asked: dict[PromptKind, Of] = {"source": "rest", "pieces": "pieces"}
    return asked.get(prompts, "file")


def headline_of(score: Score | CreditScore, of: Of = "file", *, filled: bool = False) -> Headline:
    """The headline of a score. `of`: what of the file was asked for.

    `filled`: whether the emission ended because the model's window was full. Then the number is of what the window can hold, unless that is
    all there is.
    """
    if isinstance(score, CreditScore):
        return Headline(score.found_without_boilerplate, "text", 0, "", "aside")
    share = score.reproduced if score.original_characters else None
    within = score.within_reach if score.reach_lines != score.original_lines else None
    known = max(score.reproduced, within or 0.0) >= LITTLE
    kind: Kind = "aside" if of != "file" else "whole" if score.reproduced >= 1 else "part" if known else "none"
    if within is None or score.reach_lines is None:
        return Headline(share, of, score.original_lines, "", kind)
    if filled:
        return Headline(within, "window", score.reach_lines, second_of(of, score.reproduced), kind)
    return Headline(share, of, score.original_lines, second_of("window", within), kind)


def second_of(of: Of, share: float) -> str:
    """The other number, in words."""
    return say(f"second_{of}", share=wording.percent(share))


def measure(of: Of) -> str:
    """What a number is a share of, in words."""
    return say(f"of_{of}")
