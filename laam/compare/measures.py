"""Measures: numbers of an emission held against an original, each declared once, in MEASURES.

Page, API and command line show all of them of one emission; the atlas keeps them of every file, and sums them up. What the
alignment itself gives, such as *reproduced*, stands in `laam.compare.score`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from laam.compare.align import Block
from laam.corpus.lines import line_digest, split_lines
from laam.corpus.original import Original


class Part(NamedTuple):
    """`amount` out of `of`, in a measure's unit. Both are kept, so that many emissions can be summed up."""

    amount: int
    of: int

    @property
    def share(self) -> float:
        """amount ÷ of, 0…1; 0.0 out of nothing."""
        return self.amount / self.of if self.of else 0.0


@dataclass(frozen=True)
class Held:
    """What a measure is computed from: a text, the original that it is held against, and their alignment.

    `line_files`: for a line's digest, in how many files of the kernel it occurs. A text that follows source counts from there on,
    and `original` is what follows.
    """

    text: str
    original: Original
    blocks: Sequence[Block]
    line_files: Mapping[int, int]

    @property
    def lines(self) -> list[str]:
        """The lines of the text, each with its newline."""
        return split_lines(self.text)


def summed(parts: Iterable[Part]) -> Part:
    """The share of many texts together: amounts and what they are out of, summed up."""
    amounts, ofs = zip(*parts, strict=True)
    return Part(sum(amounts), sum(ofs))


@dataclass(frozen=True)
class Measure:
    """A declared measure.

    `name`: its column in the atlas and its key in JSON. `label`: what it is called. `meaning`: a sentence's end, after the label.
    `unit`: of what its parts count. `of_text`: how one text is measured. `total`: how parts, at least one, are summed up.
    """

    name: str
    label: str
    meaning: str
    unit: str
    of_text: Callable[[Held], Part]
    total: Callable[[Iterable[Part]], Part] = summed


def _in_kernel_lines(held: Held) -> Part:
    return Part(sum(len(line) for line in held.lines if line_digest(line) in held.line_files), len(held.text))


IN_KERNEL_LINES = Measure(
    name="in_kernel_lines",
    label="in kernel lines",
    meaning="of all that was written, the part in lines that stand anywhere in the kernel, blank lines and braces among them",
    unit="characters",
    of_text=_in_kernel_lines,
)

MEASURES = (IN_KERNEL_LINES,)
"""All measures, in the order in which they are shown."""


def measure_text(held: Held) -> dict[str, Part]:
    """Every measure of one text, by name."""
    return {measure.name: measure.of_text(held) for measure in MEASURES}
