"""Measures: numbers of an emission held against an original, each declared once, in MEASURES.

Page, API and command line show all measures of one emission; the atlas keeps them for every file, and sums them up. Numbers that the
alignment itself gives, such as *reproduced*, are in `laam.compare.score`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from laam.compare.longest import longest_common
from laam.compare.near_verbatim import LEAST, near_verbatim_blocks
from laam.compare.undoing import TooMuchWorkError
from laam.corpus.lines import digested_lines
from laam.corpus.original import Original, text_of

MOST_WORDS = 50_000  # of a text that is compared word by word; the longest of the shipped release has 13,000


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
    the release in which a line occurs, by its digest, or None if that isn't known; gives None if nothing can be said. If the model
    continued source, both are what follows the source. `needs_text`: whether the original's digests aren't enough.
    """

    name: str
    label: str
    meaning: str
    unit: str
    of_text: Callable[[str, Original, Mapping[int, int] | None], Part | None]
    needs_text: bool = False


def _in_original_lines(text: str, _: Original, line_files: Mapping[int, int] | None) -> Part | None:
    if line_files is None:
        return None
    return Part(sum(length for length, digest in digested_lines(text) if digest in line_files), len(text))


IN_ORIGINAL_LINES = Measure(
    name="in_original_lines",
    label="in the originals’ lines",
    meaning="of all that was written, the part in lines that stand anywhere in the originals, blank lines and braces among them",
    unit="characters",
    of_text=_in_original_lines,
)


def _words(text: str, original: Original) -> tuple[list[str], list[str]] | None:
    """The words of a text and of its original, split at white space; None if that is sealed, or if either has too many."""
    if not original.has_text:
        return None
    both = text.split(), text_of(original).split()
    return both if max(map(len, both)) <= MOST_WORDS else None


def _near_verbatim(text: str, original: Original, _: Mapping[int, int] | None) -> Part | None:
    both = _words(text, original)
    if both is None or len(both[1]) < LEAST:
        return None
    try:
        return Part(sum(block.words for block in near_verbatim_blocks(*both)), len(both[1]))
    except TooMuchWorkError:
        return None


NEAR_VERBATIM = Measure(
    name="near_verbatim",
    label="near-verbatim",
    meaning=f"of the original’s words, those in blocks of {LEAST} or more that came word for word, but for a few words between: the "
    "nv-recall of Ahmed and others 2026, arXiv 2601.02671, as others describe it",
    unit="words",
    of_text=_near_verbatim,
    needs_text=True,
)


def _longest_common(text: str, original: Original, _: Mapping[int, int] | None) -> Part | None:
    both = _words(text, original)
    return both and Part(longest_common(*both).length, len(both[1]))


LONGEST_COMMON = Measure(
    name="longest_common_substring",
    label="longest common substring",
    meaning="of the original’s words, the longest run that was written word for word, wherever it stands in the text",
    unit="words",
    of_text=_longest_common,
    needs_text=True,
)

MEASURES = (IN_ORIGINAL_LINES, NEAR_VERBATIM, LONGEST_COMMON)
"""All measures, in the order in which they are shown."""

OF_DIGESTS = tuple(measure for measure in MEASURES if not measure.needs_text)
"""Those that a sealed original has as well: the atlas keeps them, and a browser computes them."""


def measure_text(text: str, original: Original, line_files: Mapping[int, int] | None) -> dict[str, Part]:
    """The measures of one text, by name, as far as something can be said."""
    found = ((measure.name, measure.of_text(text, original, line_files)) for measure in MEASURES)
    return {name: part for name, part in found if part is not None}
