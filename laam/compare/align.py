"""Align emitted lines with the original's, in order, on digests alone, so that a sealed original aligns like a readable one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from laam.compare.bounded import bounded_matches
from laam.compare.heaviest import Match, common_head

WINDOW = 200  # lines of the original that a stream looks ahead
PATIENCE = 64  # emitted lines that may wait for a match before they are settled as differing
ANCHOR_RUN = 4  # lines; a shorter run proves no place in a stream if all its lines occur elsewhere too

Kind = Literal["equal", "replace", "delete", "insert"]


@dataclass(frozen=True)
class Block:
    """A stretch of lines as half-open spans, counted from 0. *delete*: only the original has it; *insert*: only the emission."""

    kind: Kind
    emitted_start: int
    emitted_end: int
    original_start: int
    original_end: int


def exact_lines(blocks: Iterable[Block]) -> Iterator[tuple[int, int]]:
    """The lines of a text that are the original's, each with its line there; both are counted from the first that is compared."""
    for block in blocks:
        if block.kind == "equal":
            yield from zip(range(block.emitted_start, block.emitted_end), range(block.original_start, block.original_end), strict=True)


class Alignment(NamedTuple):
    """The blocks that turn what was written into its original. `cut_short`: see `bounded_matches`; more may be equal."""

    blocks: list[Block]
    cut_short: bool


def align(emitted: Sequence[int], original: Sequence[int], lengths: Sequence[int], emitted_at: int = 0, original_at: int = 0) -> Alignment:
    """The blocks that turn `emitted` into `original`; each line of either stands in exactly one, in order.

    `lengths`: characters of the original's lines; `emitted_at`, `original_at`: the numbers that the first lines have in the blocks. The
    equal blocks are the heaviest common subsequence of lines by characters; see `bounded_matches`, also for what would be too much work.
    """
    matches, cut_short = bounded_matches(emitted, original, lengths)
    return Alignment(blocks_of(matches, len(emitted), len(original), emitted_at, original_at), cut_short)


def blocks_of(matches: Iterable[Match], emitted: int, original: int, emitted_at: int = 0, original_at: int = 0) -> list[Block]:
    """The equal blocks and those between them, over `emitted` and `original` lines that begin at the two offsets."""
    blocks: list[Block] = []
    e = o = 0
    for match_e, match_o, lines in [*matches, (emitted, original, 0)]:
        gap = emitted_at + e, emitted_at + match_e, original_at + o, original_at + match_o
        if e < match_e or o < match_o:
            blocks.append(Block("replace" if e < match_e and o < match_o else "insert" if e < match_e else "delete", *gap))
        e, o = match_e + lines, match_o + lines
        if lines:
            blocks.append(Block("equal", gap[1], emitted_at + e, gap[3], original_at + o))
    return blocks


def first_blocks(blocks: Iterable[Block], emitted: int, original: int) -> Iterator[Block]:
    """The blocks as far as they go within so many lines of either side; the last one is cut."""
    for block in blocks:
        e = min(block.emitted_end, emitted) - block.emitted_start
        o = min(block.original_end, original) - block.original_start
        if block.kind == "equal":
            e = o = min(e, o)
        cut = replace(block, emitted_end=block.emitted_start + max(0, e), original_end=block.original_start + max(0, o))
        if e > 0 or o > 0:
            yield cut
        if cut != block:
            return


class StreamAligner:
    """Aligns while the model still writes. What `feed` has returned is settled: it is never taken back.

    Emitted lines that continue the last match are settled at once. Others wait until a later run of equal lines shows where
    they belong: a run that holds a line which the original has once, or has ANCHOR_RUN lines, or lies equally far ahead on both
    sides. After PATIENCE lines they are settled against as many lines of the original. The settled blocks can differ from those of
    `align` over the whole emission, which count at the end.

    `end`: how many of the original's lines it goes through, which can be set to more once `finish` was called; None for all of them.
    """

    def __init__(
        self, original: Sequence[int], lengths: Sequence[int], window: int = WINDOW, patience: int = PATIENCE, end: int | None = None
    ) -> None:
        self.end = len(original) if end is None else end
        self._original = original
        self._lengths = lengths
        self._count = Counter(original)
        self._window = window
        self._patience = patience
        self._pending: list[int] = []
        self._emitted_at = 0  # emitted lines settled
        self._original_at = 0  # original lines settled

    def feed(self, digests: Iterable[int]) -> list[Block]:
        """Take the next emitted lines; return the newly settled blocks, which follow the ones before."""
        self._pending.extend(digests)
        blocks = self._settle_head()
        while self._pending:
            ahead = len(self._pending) + self._window
            matches = self._matches(ahead)
            trusted = [n for n, match in enumerate(matches) if self._is_anchor(match)]
            if trusted:
                used = matches[: trusted[-1] + 1]
                emitted, original, lines = used[-1]
                blocks += self._settle(used, emitted + lines, original + lines)
            elif len(self._pending) > self._patience:
                lines = min(len(self._pending), self.end - self._original_at)
                blocks += self._settle(self._matches(lines), len(self._pending), lines)
            else:
                break
            blocks += self._settle_head()
        return blocks

    def finish(self, complete: bool = True) -> list[Block]:
        """Settle the lines that wait. `complete`: the emission has ended by itself, so the rest of the original is a delete."""
        rest = self.end - self._original_at
        reach = rest if complete else min(rest, len(self._pending) + self._window)
        matches = self._matches(reach)
        if not complete:
            emitted, original, _ = matches[-1] if matches else (0, 0, 0)
            reach = min(reach, original + len(self._pending) - emitted)
        return self._settle(matches, len(self._pending), reach)

    def _matches(self, reach: int) -> list[Match]:
        """The matches of the lines that wait with the original's next `reach` lines."""
        ahead = slice(self._original_at, min(self._original_at + reach, self.end))
        return bounded_matches(self._pending, self._original[ahead], self._lengths[ahead]).runs

    def _is_anchor(self, match: Match) -> bool:
        emitted, original, lines = match
        at = self._original_at + original
        return emitted == original or lines >= ANCHOR_RUN or any(self._count[digest] == 1 for digest in self._original[at : at + lines])

    def _settle_head(self) -> list[Block]:
        lines = common_head(self._pending, self._original[self._original_at : min(self._original_at + len(self._pending), self.end)])
        return self._settle([(0, 0, lines)] if lines else [], lines, lines)

    def _settle(self, matches: list[Match], emitted: int, original: int) -> list[Block]:
        """Blocks over the next `emitted` and `original` lines; these lines are settled now."""
        blocks = blocks_of(matches, emitted, original, self._emitted_at, self._original_at)
        del self._pending[:emitted]
        self._emitted_at += emitted
        self._original_at += original
        return blocks
