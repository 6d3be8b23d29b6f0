"""A text that differs from an original in the same way on every line, because of mail, an editor, a listing or another system."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from laam.compare.bounded import bounded_matches
from laam.compare.traits import Trait, traits_of
from laam.compare.undoing import TooMuchWorkError, Undoing, spread
from laam.corpus.lines import split_lines
from laam.corpus.original import Original

CLEAR = 0.01  # the share of the original's characters that must be gained, unless all of it is
LONGER = 2  # a text with more than so many times the original's lines isn't looked at
MOST_LINES = 20_000  # of a text that is looked at; the longest of a kernel has a few thousand
SAMPLE = 200  # lines that tell which traits can't be left out
ALIGN_STEPS = 16_000_000  # see `bounded_matches`

LINE_ENDS = {"\r": "CR", "\u2028": "U+2028", "\u2029": "U+2029", "\x85": "U+0085"}  # instead of LF


@dataclass(frozen=True)
class Difference:
    """A difference that runs through a whole text, and the share that would be reproduced without it.

    `what`: the beginning of a sentence, such as "Each line ends with CR LF". `reproduced`: the share of the original's characters, 0…1.
    """

    what: str
    reproduced: float


def find_difference(text: str, original: Original, exact_characters: int) -> Difference | None:
    """The difference that runs through a whole text, if far more of the original would be reproduced without it; else None.

    Works on digests, so a sealed original gives the same answer as a readable one. `exact_characters`: of the text as it is.
    It looks for a byte order mark; CR LF, CR and other line ends; what SPELLINGS lists; blanks at line ends; a mark of a patch, of mail or
    of a table before each line; numbers before each line; blanks or tabs that indent every line; and blanks for tabs. It finds several at
    once too, and doesn't name one that makes no difference. If all that a line may have been before is more than VARIANTS, a sample of
    such lines tells which ways to undo each trait are the right ones for this text. Raises TooMuchWorkError after STEPS of it, or for a
    text of more than MOST_LINES.
    """
    total = sum(original.lengths)
    counts = {end: text.count(end) for end in ("\n", *LINE_ENDS)}
    if not text or exact_characters >= total or max(counts.values()) > LONGER * len(original.lengths) + 10:
        return None
    end = other_line_end(text)
    lines = split_lines(text.replace(end, "\n") if end else text)
    if len(lines) > MOST_LINES:
        raise TooMuchWorkError
    traits = traits_of(lines)
    if not traits and not end:
        return None
    undone = _Undone(lines, original)
    most = undone.found(traits)
    if not _is_clear(most, exact_characters, total):
        return None
    for trait in list(traits):
        fewer = [other for other in traits if other is not trait]
        if undone.found(fewer, sample=True) >= undone.found(traits, sample=True) and undone.found(fewer) >= most:
            traits = fewer
    clauses = [*line_end_clause(end), *(trait.what for trait in traits)]
    exact = undone.exact_characters(traits)
    return Difference(sentence_of(clauses), exact / total) if clauses and _is_clear(exact, exact_characters, total) else None


def other_line_end(text: str) -> str:
    """What ends the lines of a text instead of LF; empty if LF does."""
    return next((end for end in LINE_ENDS if text.count(end) > 2 * text.count("\n")), "")


def line_end_clause(end: str) -> list[str]:
    return [f"each line ends with {LINE_ENDS[end]}"] if end else []


def _is_clear(exact: int, before: int, total: int) -> bool:
    """Whether the gain is worth a sentence: all of the original, or a part that can't be chance."""
    return exact > before and (exact == total or exact - before >= CLEAR * total)


class _Undone:
    """A text's lines without some of its traits, held against the original's."""

    def __init__(self, lines: Sequence[str], original: Original) -> None:
        self._lines = lines
        self._original = original
        self._count = Counter(original.digests)
        self._length = dict(zip(original.digests, original.lengths, strict=True))
        self._digests = Undoing(self._count).digests

    def found(self, traits: Sequence[Trait], *, sample: bool = False) -> int:
        """The number of characters in lines that the original has as well, wherever they stand. `sample`: of some of the lines only."""
        common = Counter(self._digests(spread(self._lines, SAMPLE) if sample else self._lines, traits)) & self._count
        return sum(self._length[digest] * count for digest, count in common.items())

    def exact_characters(self, traits: Sequence[Trait]) -> int:
        """The number of characters in lines that are exact and in order. Raises TooMuchWorkError."""
        lengths = self._original.lengths
        matches, cut_short = bounded_matches(self._digests(self._lines, traits), self._original.digests, lengths, ALIGN_STEPS)
        if cut_short:
            raise TooMuchWorkError
        return sum(sum(lengths[start : start + lines]) for _, start, lines in matches)


def sentence_of(clauses: Sequence[str]) -> str:
    *before, last = clauses
    joined = f"{', '.join(before)} and {last}" if before else last
    return joined[0].upper() + joined[1:]
