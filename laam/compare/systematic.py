"""A text that differs from an original in the same way on every line, because of mail, an editor, a listing or another system."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from laam.compare.bounded import bounded_matches
from laam.compare.traits import Trait, Undo, traits_of
from laam.corpus.lines import line_digest, split_lines
from laam.corpus.original import Original

CLEAR = 0.01  # the share of the original's characters that must be gained, unless all of it is
LONGER = 2  # a text with more than so many times the original's lines isn't looked at
MOST_LINES = 20_000  # of a text that is looked at; the longest of a kernel has a few thousand
VARIANTS = 64  # that are tried of a line in the whole text
SAMPLED, SAMPLED_VARIANTS = 16, 4_096  # if some have more: of so many lines so many are tried, to learn which ones lead anywhere
SAMPLE = 200  # lines that tell which traits can't be left out
STEPS = 150_000_000  # for each variant that is made, its characters and STEP more; of 5 ns of one core each
STEP = 300
ALIGN_STEPS = 16_000_000  # see `bounded_matches`

LINE_ENDS = {"\r": "CR", "\u2028": "U+2028", "\u2029": "U+2029", "\x85": "U+0085"}  # instead of LF

Item = TypeVar("Item")


@dataclass(frozen=True)
class Difference:
    """A difference that runs through a whole text, and the share that would be reproduced without it.

    `what`: the beginning of a sentence, such as "Each line ends with CR LF". `reproduced`: the share of the original's characters, 0…1.
    """

    what: str
    reproduced: float


class TooMuchWorkError(ValueError):
    """Nothing is known of a text's differences: to look for them would be too much work."""


@dataclass(frozen=True)
class _Way:
    """How a trait is undone. `variants`: the numbers of those that are tried; None for all."""

    undo: Undo
    variants: Set[int] | None = None


class _Search(NamedTuple):
    """What was found of a line: its digest, and the number of each trait's variant. `given_up`: there are more than were tried."""

    digest: int
    path: tuple[int, ...]
    given_up: bool = False


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
    end = next((end for end in LINE_ENDS if counts[end] > 2 * counts["\n"]), "")
    lines = split_lines(text.replace(end, "\n") if end else text)
    if len(lines) > MOST_LINES:
        raise TooMuchWorkError
    traits = traits_of(lines)
    if not traits and not end:
        return None
    undoing = _Undoing(lines, original)
    most = undoing.found(traits)
    if not _is_clear(most, exact_characters, total):
        return None
    for trait in list(traits):
        fewer = [other for other in traits if other is not trait]
        if undoing.found(fewer, sample=True) >= undoing.found(traits, sample=True) and undoing.found(fewer) >= most:
            traits = fewer
    clauses = ([f"each line ends with {LINE_ENDS[end]}"] if end else []) + [trait.what for trait in traits]
    exact = undoing.exact_characters(traits)
    return Difference(_sentence(clauses), exact / total) if clauses and _is_clear(exact, exact_characters, total) else None


def _is_clear(exact: int, before: int, total: int) -> bool:
    """Whether the gain is worth a sentence: all of the original, or a part that can't be chance."""
    return exact > before and (exact == total or exact - before >= CLEAR * total)


class _Undoing:
    """Removes traits from lines. If a line may have been several lines before, the one that the original has is taken."""

    def __init__(self, lines: Sequence[str], original: Original) -> None:
        self._lines = lines
        self._original = original
        self._count = Counter(original.digests)
        self._length = dict(zip(original.digests, original.lengths, strict=True))
        self._steps = 0

    def found(self, traits: Sequence[Trait], *, sample: bool = False) -> int:
        """The number of characters in lines that the original has as well, wherever they stand. `sample`: of some of the lines only."""
        common = Counter(self._digests(_spread(self._lines, SAMPLE) if sample else self._lines, traits)) & self._count
        return sum(self._length[digest] * count for digest, count in common.items())

    def exact_characters(self, traits: Sequence[Trait]) -> int:
        """The number of characters in lines that are exact and in order. Raises TooMuchWorkError."""
        lengths = self._original.lengths
        matches, cut_short = bounded_matches(self._digests(self._lines, traits), self._original.digests, lengths, ALIGN_STEPS)
        if cut_short:
            raise TooMuchWorkError
        return sum(sum(lengths[start : start + lines]) for _, start, lines in matches)

    def _digests(self, lines: Sequence[str], traits: Sequence[Trait]) -> list[int]:
        """For each line the digest of the line that it was before it had the traits. Raises TooMuchWorkError."""
        found: list[int] = []
        many: list[int] = []  # lines that may have been more lines than are tried
        for number, line in enumerate(lines):
            search = self._search(line, [_Way(trait.undo) for trait in traits], VARIANTS)
            found.append(search.digest)
            if search.given_up:
                many.append(number)
        if many:
            ways = self._sampled([lines[number] for number in _spread(many, SAMPLED)], traits)
            for number in many:
                found[number] = self._search(lines[number], ways, VARIANTS).digest
        return found

    def _sampled(self, lines: Sequence[str], traits: Sequence[Trait]) -> list[_Way]:
        """For each trait the ways to undo it that lead to the original's lines in a sample."""
        searches = [self._search(line, [_Way(trait.undo) for trait in traits], SAMPLED_VARIANTS) for line in lines]
        return [_Way(trait.undo, {0, *(search.path[at] for search in searches)}) for at, trait in enumerate(traits)]

    def _search(self, line: str, ways: Sequence[_Way], most: int) -> _Search:
        """The first of the lines that a line may have been that the original has, or else the likeliest; `most` are tried."""
        body, newline = (line[:-1], "\n") if line.endswith("\n") else (line, "")
        first: int | None = None
        tried: set[str] = set()
        for before, path in self._before(body, ways):
            if before in tried:
                continue
            if len(tried) == most:
                return _Search(first or 0, (0,) * len(ways), given_up=True)
            tried.add(before)
            digest = line_digest(before + newline)
            if digest in self._count:
                return _Search(digest, path)
            first = digest if first is None else first
        return _Search(first or 0, (0,) * len(ways))

    def _before(self, body: str, ways: Sequence[_Way], path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
        """What a line may have been before it had the traits, the likeliest first, and which variant of each trait leads there."""
        if len(path) == len(ways):
            yield body, path
            return
        way = ways[len(path)]
        for number, each in enumerate(way.undo(body)):
            if way.variants is None or number in way.variants:
                self._steps += len(each) + STEP
                if self._steps > STEPS:
                    raise TooMuchWorkError
                yield from self._before(each, ways, (*path, number))


def _spread(all_of_them: Sequence[Item], most: int) -> Sequence[Item]:
    """At most `most` of them, evenly spread."""
    return all_of_them[:: max(1, -(-len(all_of_them) // most))]


def _sentence(clauses: Sequence[str]) -> str:
    *before, last = clauses
    joined = f"{', '.join(before)} and {last}" if before else last
    return joined[0].upper() + joined[1:]
