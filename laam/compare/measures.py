"""Measures: numbers of an emission held against an original, each declared once, in MEASURES.

Page, API and command line show all measures of one emission; the atlas keeps them for every file, and sums them up. Numbers that the
alignment itself gives, such as *reproduced*, are in `laam.compare.score`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from laam.corpus.lines import digested_lines
from laam.corpus.original import Original


class Part(NamedTuple):
    """`amount` out of `of`, in a measure's unit. Both are kept, so that many emissions can be summed up."""

    amount: int
    of: int

    @property
    def share(self) -> float:
        """amount ÷ of, 0…1; 0.0 if `of` is 0."""
        return self.amount / self.of if self.of else 0.0


def summed(parts: Iterable[Part]) -> Part:
    """The part for many texts together: the sum of the amounts, and of what they are out of."""
    amounts, ofs = zip(*parts, strict=True)
    return Part(sum(amounts), sum(ofs))


@dataclass(frozen=True)
class Measure:
    """A declared measure.

    `name`: its column in the atlas and its key in JSON. `label`: its name for readers. `meaning`: the rest of a sentence that begins
    with the label. `unit`: what its parts count. `of_text`: measures a text held against its original, with the number of files of
    the release in which a line occurs, by its digest. If the model continued source, both are what follows the source.
    """

    name: str
    label: str
    meaning: str
    unit: str
    of_text: Callable[[str, Original, Mapping[int, int]], Part]


def _in_original_lines(text: str, _: Original, line_files: Mapping[int, int]) -> Part:
    return Part(sum(length for length, digest in digested_lines(text) if digest in line_files), len(text))


IN_ORIGINAL_LINES = Measure(
    name="in_original_lines",
    label="in the originals’ lines",
    meaning="of all that was written, the part in lines that stand anywhere in the originals, blank lines and braces among them",
    unit="characters",
    of_text=_in_original_lines,
)

MEASURES = (IN_ORIGINAL_LINES,)
"""All measures, in the order in which they are shown."""


def measure_text(text: str, original: Original, line_files: Mapping[int, int]) -> dict[str, Part]:
    """Every measure of one text, by name."""
    return {measure.name: measure.of_text(text, original, line_files) for measure in MEASURES}
