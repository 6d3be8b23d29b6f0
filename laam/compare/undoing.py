"""Lines without what mail, an editor, a listing or another system made of them, if they are known lines then."""

from collections.abc import Container, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TypeVar

from laam.compare.traits import Trait, Undo
from laam.corpus.lines import line_digest

VARIANTS = 64  # that are tried of a line in the whole text
SAMPLED, SAMPLED_VARIANTS = 16, 4_096  # if some have more: of so many lines so many are tried, to learn which ones lead anywhere
STEPS = 150_000_000  # for each variant that is made, its characters and STEP more; of 5 ns of one core each
STEP = 300

Item = TypeVar("Item")


class TooMuchWorkError(ValueError):
    """Nothing is known of a text's differences: to look for them would be too much work."""


@dataclass(frozen=True)
class _Way:
    """How a trait is undone. `variants`: the numbers of those that are tried; None for all."""

    undo: Undo
    variants: Set[int] | None = None


class _Search(NamedTuple):
    """What was found of a line: what it was before, the digest of that, and the number of each trait's variant. `given_up`: there are more
    than were tried."""

    line: str
    digest: int
    path: tuple[int, ...]
    given_up: bool = False


class Undoing:
    """Removes traits from lines. If a line may have been several lines before, the first that is known is taken. `known`: digests."""

    def __init__(self, known: Container[int]) -> None:
        self._known = known
        self._steps = 0

    def digests(self, lines: Sequence[str], traits: Sequence[Trait]) -> list[int]:
        """For each line the digest of the line that it was before it had the traits. Raises TooMuchWorkError."""
        return [search.digest for search in self._searched(lines, traits)]

    def lines(self, lines: Sequence[str], traits: Sequence[Trait]) -> list[str]:
        """For each line the line that it was before it had the traits. Raises TooMuchWorkError."""
        return [search.line for search in self._searched(lines, traits)]

    def _searched(self, lines: Sequence[str], traits: Sequence[Trait]) -> list[_Search]:
        found = [self._search(line, [_Way(trait.undo) for trait in traits], VARIANTS) for line in lines]
        many = [number for number, search in enumerate(found) if search.given_up]  # lines that may have been more lines than are tried
        if many:
            ways = self._sampled([lines[number] for number in spread(many, SAMPLED)], traits)
            for number in many:
                found[number] = self._search(lines[number], ways, VARIANTS)
        return found

    def as_known(self, line: str, traits: Sequence[Trait], digest: int) -> str | None:
        """The line that has this digest, if the line may have been it before it had the traits. Raises TooMuchWorkError."""
        body, newline = (line[:-1], "\n") if line.endswith("\n") else (line, "")
        before = self._before(body, [_Way(trait.undo) for trait in traits])
        return next((each + newline for each, _ in islice(before, VARIANTS) if line_digest(each + newline) == digest), None)

    def _sampled(self, lines: Sequence[str], traits: Sequence[Trait]) -> list[_Way]:
        """For each trait the ways to undo it that lead to the original's lines in a sample."""
        searches = [self._search(line, [_Way(trait.undo) for trait in traits], SAMPLED_VARIANTS) for line in lines]
        return [_Way(trait.undo, {0, *(search.path[at] for search in searches)}) for at, trait in enumerate(traits)]

    def _search(self, line: str, ways: Sequence[_Way], most: int) -> _Search:
        """The first of the lines that a line may have been that the original has, or else the likeliest; `most` are tried."""
        body, newline = (line[:-1], "\n") if line.endswith("\n") else (line, "")
        first: _Search | None = None
        tried: set[str] = set()
        for before, path in self._before(body, ways):
            if before in tried:
                continue
            if first and len(tried) == most:
                return first._replace(given_up=True)
            tried.add(before)
            found = _Search(before + newline, line_digest(before + newline), path)
            if found.digest in self._known:
                return found
            first = first or found._replace(path=(0,) * len(ways))
        return first or _Search(line, 0, (0,) * len(ways))

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


def spread(all_of_them: Sequence[Item], most: int) -> Sequence[Item]:
    """At most `most` of them, evenly spread."""
    return all_of_them[:: max(1, -(-len(all_of_them) // most))]
