"""The knobs of an emission: name, default, bounds and description of each, declared here and read everywhere.

Page, API, command line and links take everything that they show and check from here. A visitor may send anything: `read` makes a
value of it, or raises ValueError with one sentence that names the knob, the value and the bounds.
"""

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

Number = TypeVar("Number", int, float)

SHOWN_CHARACTERS = 40  # of a refused value
_HALF_PAIRS = dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True)
class NumberKnob(Generic[Number]):
    """A number from `low` to `high`, both included. It is a whole number if its default is an `int`.

    `name`: in Python and the API; with dashes, on the command line. `key`: in links, which are also read if they have `name` or one of
    `synonyms` instead. `label`, `about` and `step`: on the page. `unset`: what the default means if it lies outside of the bounds; it may
    be given, too.
    """

    name: str
    key: str
    label: str
    about: str
    default: Number
    low: Number
    high: Number
    step: Number
    synonyms: tuple[str, ...] = ()
    unset: str = ""

    @property
    def bounds(self) -> str:
        bounds = f"{_digits(self.low)} to {_digits(self.high)}"
        return f"{bounds}, or {_digits(self.default)} {self.unset}" if self.unset else bounds

    @property
    def description(self) -> str:
        """What it does, its bounds and its default, for readers who don't see a slider."""
        return f"{self.about} ({self.bounds}; default {_digits(self.default)})"

    def check(self, value: float) -> None:
        """Raises ValueError for a number that is out of bounds."""
        if not (self.low <= value <= self.high or (self.unset and value == self.default)):
            raise ValueError(f"{self.name} {_shown(value)} is outside {self.bounds}")

    def read(self, value: object) -> Number:
        """The number that was sent: as a number, or as its digits. Raises ValueError."""
        if value is None or value == "":
            raise ValueError(f"{self.name} is empty; give {self._kind}, {self.bounds}")
        number = _number(value)
        if not math.isfinite(number) or (isinstance(self.default, int) and number != int(number)):
            raise ValueError(f"{self.name} {_shown(value)} is not {self._kind}; give one from {self.bounds}")
        self.check(number)
        return type(self.default)(number)

    @property
    def _kind(self) -> str:
        return "a whole number" if isinstance(self.default, int) else "a number"


@dataclass(frozen=True)
class SwitchKnob:
    """On or off. The fields are those of NumberKnob."""

    name: str
    key: str
    label: str
    about: str
    default: bool
    synonyms: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        return f"{self.label[0].lower()}{self.label[1:]} {self.about}"

    def read(self, value: object) -> bool:
        """On or off, as a boolean, as 1 or 0, or in words. Raises ValueError."""
        word = str(value).lower() if isinstance(value, bool | int | str) else ""
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off"):
            return False
        raise ValueError(f"{self.name} {_shown(value)} is neither on nor off; give 1 or 0")


@dataclass(frozen=True)
class TextKnob:
    """Text of at most `limit` characters; 0: no limit here. The default is empty. `key`: in links; empty if links don't have it.
    `synonyms`: as for NumberKnob."""

    name: str
    about: str
    key: str = ""
    limit: int = 0
    default: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        return self.about

    def check(self, value: str) -> None:
        """Raises ValueError for a text that is too long."""
        if self.limit and len(value) > self.limit:
            raise ValueError(f"{self.name} has {len(value):,} characters; give at most {self.limit:,}")

    def read(self, value: object) -> str:
        """The text that was sent, made valid Unicode: half a surrogate pair becomes U+FFFD. Raises ValueError."""
        if not isinstance(value, str):
            raise ValueError(f"{self.name} {_shown(value)} is not text; give {self.about}")
        self.check(value)
        return value.translate(_HALF_PAIRS)


Knob = NumberKnob[int] | NumberKnob[float] | SwitchKnob | TextKnob


def _number(value: object) -> float:
    """A number as it was sent; NaN if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return min(max(value, -(10**300)), 10**300) if isinstance(value, int) else float(value)
    except ValueError:
        return math.nan


def _digits(number: float) -> str:
    return f"{number:,}".removesuffix(".0")


def _shown(value: object) -> str:
    """A refused value as a message shows it: as JSON writes it, and cut."""
    if isinstance(value, list | tuple):
        return "(a list)"
    if isinstance(value, dict):
        return "(an object)"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    shown = repr(value).removesuffix(".0")
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}…"


PATH = TextKnob("path", "a file of the release, by its path or the end of it", "path", synonyms=("file", "filename"))
SOURCE = TextKnob("source", "source for the model to continue", limit=4_000)
MODEL = TextKnob("model", "the model's name; empty for the one that the page shows", "model")
TEMPERATURE = NumberKnob("temperature", "t", "Temperature", "0 is greedy: always the likeliest token", 0.0, 0.0, 1.5, 0.05, ("temp",))
TOP_K = NumberKnob("top_k", "k", "Top-k", "above temperature 0: draw from the k likeliest; 0, from all", 0, 0, 200, 1, ("topk",))
SEED = NumberKnob("seed", "seed", "Seed", "on one machine, the same seed gives the same text", 0, 0, 2**32 - 1, 1)
MAX_TOKENS = NumberKnob(
    "max_tokens", "n", "Length", "the most tokens that the model may write", 40_000, 1, 40_000, 1, ("tokens", "length", "max_new_tokens")
)
"""Its default is more than the longest file of the shipped release takes; of one that is known to take more, it is no limit."""
PIECES = NumberKnob(
    "pieces",
    "pieces",
    "Piece by piece",
    "0: from the path alone; above: the whole file, so many tokens given of each later piece",
    0,
    0,
    256,
    1,
)
"""Above 0, a file is asked for in all the pieces that a published model saw it in."""
USUAL_PIECES = 32
"""Tokens that are given of each piece, unless somebody says otherwise: about two lines, which tell it from other pieces."""
ANYWAY = SwitchKnob("anyway", "anyway", "Ask anyway", "by a name that no file has: the model makes something up", False)
AGAINST = TextKnob("against", "another file to hold what it writes against", "against")
SLIDE = SwitchKnob(
    "slide", "slide", "Let it run on", "when its window is full, from the last half of it; it wasn't taught that: expect nonsense", False
)
BITS = NumberKnob("bits", "bits", "Bits a weight", "the model’s weights are rounded to so many bits each", 0, 2, 8, 1, unset="as shipped")
"""What this and the two below do exactly: laam/model/lossy.py."""
NOISE = NumberKnob("noise", "noise", "Noise", "added to the weights: a share of each matrix’s standard deviation", 0.0, 0.0, 1.0, 0.01)
PRUNED = NumberKnob("pruned", "pruned", "Pruned", "the share of each matrix’s weights, its smallest, that is set to 0", 0.0, 0.0, 1.0, 0.05)
