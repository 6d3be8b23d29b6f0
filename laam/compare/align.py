"""Align emitted lines with the original's, in order, on digests alone, so that a sealed original aligns like a readable one."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import Match as DifflibMatch
from difflib import SequenceMatcher
from typing import Literal

import numpy as np
from numpy.typing import NDArray

PAIR_LIMIT = 2_000_000  # pairs of equal lines that are looked at together; a file of Linux 1.0 against itself has under 1 million
WINDOW = 200  # lines of the original that a stream looks ahead
PATIENCE = 64  # emitted lines that may wait for a match before they are settled as differing
ANCHOR_RUN = 4  # lines; a shorter run of lines that all occur elsewhere too is no proof of the place in a stream

Kind = Literal["equal", "replace", "delete", "insert"]
_KINDS: dict[str, Kind] = {"equal": "equal", "replace": "replace", "delete": "insert", "insert": "delete"}
Match = tuple[int, int, int]  # emitted index, original index, lines
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """A stretch of lines as half-open spans, counted from 0. *delete*: only the original has it; *insert*: only the emission."""

    kind: Kind
    emitted_start: int
    emitted_end: int
    original_start: int
    original_end: int


def align(emitted: Sequence[int], original: Sequence[int]) -> list[Block]:
    """The blocks that turn `emitted` into `original`; each line of either stands in exactly one, in order.

    The result is that of `difflib.SequenceMatcher(None, emitted, original, autojunk=False)`, span for span; see DigestMatcher.
    Above PAIR_LIMIT pairs (an emission that repeats a line for ever) the most repeated lines are left out at first and
    matched in the gaps between the others, where the limit allows, and at the ends of a gap where not: deterministic, and
    never a match that isn't one.
    """
    return DigestMatcher(emitted, original).blocks()


class StreamAligner:
    """Aligns while the model still writes. What `feed` has returned is settled: it is never taken back.

    Emitted lines that go on where the last match ended are settled at once. Others wait until a later run of equal
    lines shows where they belong: one that holds a line which the original has once, or has ANCHOR_RUN lines, or lies
    equally far ahead on both sides. After PATIENCE lines they are settled against as many lines of the original. The settled
    blocks can differ from `align`'s over the whole emission, which is the one that counts at the end.
    """

    def __init__(self, original: Sequence[int], window: int = WINDOW, patience: int = PATIENCE) -> None:
        self._original = original
        self._count = Counter(original)
        self._window = window
        self._patience = patience
        self._pending: list[int] = []
        self._emitted_at = 0  # emitted lines settled
        self._original_at = 0  # original lines settled

    def feed(self, digests: Iterable[int]) -> list[Block]:
        """Take the next emitted lines; return the newly settled blocks, which follow on the ones before."""
        self._pending.extend(digests)
        blocks = self._settle_head()
        while self._pending:
            ahead = self._original[self._original_at : self._original_at + len(self._pending) + self._window]
            matches = _matches(self._pending, ahead)
            trusted = [n for n, match in enumerate(matches) if self._is_anchor(match)]
            if trusted:
                used = matches[: trusted[-1] + 1]
                emitted, original, lines = used[-1]
                blocks += self._settle(used, emitted + lines, original + lines)
            elif len(self._pending) > self._patience:
                lines = min(len(self._pending), len(ahead))
                used = _matches(self._pending, ahead[:lines])
                blocks += self._settle(used, len(self._pending), lines)
            else:
                break
            blocks += self._settle_head()
        return blocks

    def finish(self, complete: bool = True) -> list[Block]:
        """Settle what waits. `complete`: the emission has ended by itself, so what is left of the original is a delete."""
        rest = len(self._original) - self._original_at
        reach = rest if complete else min(rest, len(self._pending) + self._window)
        matches = _matches(self._pending, self._original[self._original_at : self._original_at + reach])
        if not complete:
            emitted, original, _ = matches[-1] if matches else (0, 0, 0)
            reach = min(reach, original + len(self._pending) - emitted)
        return self._settle(matches, len(self._pending), reach)

    def _is_anchor(self, match: Match) -> bool:
        emitted, original, lines = match
        at = self._original_at + original
        return emitted == original or lines >= ANCHOR_RUN or any(self._count[digest] == 1 for digest in self._original[at : at + lines])

    def _settle_head(self) -> list[Block]:
        lines = _common_head(self._pending, self._original[self._original_at : self._original_at + len(self._pending)])
        return self._settle([(0, 0, lines)] if lines else [], lines, lines)

    def _settle(self, matches: list[Match], emitted: int, original: int) -> list[Block]:
        """Blocks over the next `emitted` and `original` lines, which are settled by it."""
        ahead = self._original[self._original_at : self._original_at + original]
        blocks = DigestMatcher(self._pending[:emitted], ahead, matches).blocks(self._emitted_at, self._original_at)
        del self._pending[:emitted]
        self._emitted_at += emitted
        self._original_at += original
        return blocks


class DigestMatcher(SequenceMatcher[int]):
    """difflib's matcher over line digests, without autojunk; only its matching blocks are found in a quicker way.

    difflib looks again at every pair of equal lines for each match, and takes seconds where blank lines and braces match
    and little else does. Here the diagonal runs of equal lines are listed once and only clipped: the blocks are the same,
    but for the limit that `align` tells of.
    """

    def __init__(self, emitted: Sequence[int], original: Sequence[int], matches: list[Match] | None = None) -> None:
        super().__init__(None, emitted, original, autojunk=False)
        self._matches = _matches(emitted, original) if matches is None else matches
        self._end = (len(emitted), len(original), 0)  # difflib's own last, empty match

    def get_matching_blocks(self) -> list[DifflibMatch]:
        return [DifflibMatch(*match) for match in [*self._matches, self._end]]

    def blocks(self, emitted_at: int = 0, original_at: int = 0) -> list[Block]:
        """difflib's opcodes as blocks, of stretches that begin at the two offsets.

        difflib names what turns the first text into the second; here the original is what is changed.
        """
        return [
            Block(_KINDS[tag], emitted_at + e, emitted_at + e_end, original_at + o, original_at + o_end)
            for tag, e, e_end, o, o_end in self.get_opcodes()
        ]


def _common_head(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _matches(a: Sequence[int], b: Sequence[int]) -> list[Match]:
    """difflib's matching blocks without the empty one at the end, adjacent ones joined."""
    if list(a) == list(b):
        return [(0, 0, len(a))] if a else []
    numbers: dict[int, int] = {}
    numbered_a = [numbers.setdefault(digest, len(numbers)) for digest in a]
    numbered_b = [numbers.setdefault(digest, len(numbers)) for digest in b]
    return _joined(_limited(numbered_a, numbered_b, 0, 0))


def _limited(a: list[int], b: list[int], a_at: int, b_at: int) -> list[Match]:
    """Matches within PAIR_LIMIT, in order; offsets are added to what is returned."""
    count_a, count_b = Counter(a), Counter(b)
    pairs = {number: count * count_b[number] for number, count in count_a.items() if number in count_b}
    total = sum(pairs.values())
    if total <= PAIR_LIMIT:
        return [(i + a_at, j + b_at, n) for i, j, n in _longest_first(np.array(a, np.int64), np.array(b, np.int64))]
    left_out: set[int] = set()
    for number in sorted(pairs, key=lambda number: (-pairs[number], number)):
        if total <= PAIR_LIMIT:
            break
        total -= pairs[number]
        left_out.add(number)
    rest_a = [number if number not in left_out else -1 for number in a]
    rest_b = [number if number not in left_out else -2 for number in b]
    anchors = _longest_first(np.array(rest_a, np.int64), np.array(rest_b, np.int64))
    found: list[Match] = []
    i = j = 0
    for anchor_i, anchor_j, lines in [*anchors, (len(a), len(b), 0)]:
        gap_a, gap_b = a[i:anchor_i], b[j:anchor_j]
        if anchors:
            found += _limited(gap_a, gap_b, a_at + i, b_at + j)
        else:  # nothing but the most repeated lines: only what the two ends have in common
            head = _common_head(gap_a, gap_b)
            tail = _common_head(gap_a[head:][::-1], gap_b[head:][::-1])
            ends = [(i, j, head), (anchor_i - tail, anchor_j - tail, tail)]
            found += [(x + a_at, y + b_at, n) for x, y, n in ends if n]
        if lines:
            found.append((anchor_i + a_at, anchor_j + b_at, lines))
        i, j = anchor_i + lines, anchor_j + lines
    return found


def _joined(matches: list[Match]) -> list[Match]:
    joined: list[Match] = []
    for i, j, lines in matches:
        if joined and joined[-1][0] + joined[-1][2] == i and joined[-1][1] + joined[-1][2] == j:
            i, j, lines = joined[-1][0], joined[-1][1], joined[-1][2] + lines
            joined.pop()
        joined.append((i, j, lines))
    return joined


def _longest_first(a: Indices, b: Indices) -> list[Match]:
    """difflib's rule: the longest run in the rectangle, of those the earliest in a, then in b; then left and right of it.

    All the longest runs of a rectangle are taken in one pass in that order, since none that comes later in it can lie to the left
    of one taken before; what is left is clipped to the gaps between them.
    """
    found: list[Match] = []
    stack = [((0, len(a), 0, len(b)), _runs(a, b))]
    while stack:
        (a_from, a_end, b_from, b_end), (i, j, lines) = stack.pop()
        if not len(i):
            continue
        longest = int(lines.max())
        at = np.flatnonzero(lines == longest)
        gaps: list[tuple[int, int, int, int]] = []
        for x, y in zip(i[at].tolist(), j[at].tolist(), strict=True):
            if x >= a_from and y >= b_from:
                found.append((x, y, longest))
                gaps.append((a_from, x, b_from, y))
                a_from, b_from = x + longest, y + longest
        gaps.append((a_from, a_end, b_from, b_end))
        if longest == 1:
            continue  # every other run crosses one that was taken
        for gap in gaps:
            if gap[0] < gap[1] and gap[2] < gap[3]:
                low, high = np.searchsorted(i, (gap[0] - longest + 1, gap[1]))
                stack.append((gap, _clipped(i[low:high], j[low:high], lines[low:high], gap)))
    return sorted(found)


def _clipped(i: Indices, j: Indices, lines: Indices, to: tuple[int, int, int, int]) -> tuple[Indices, Indices, Indices]:
    """The parts of the runs that lie in a rectangle, ordered by their start."""
    a_from, a_end, b_from, b_end = to
    skip = np.maximum(np.maximum(a_from - i, b_from - j), 0)
    end = np.minimum(np.minimum(a_end - i, b_end - j), lines)
    keep = end > skip
    skip = skip[keep]
    i, j, lines = i[keep] + skip, j[keep] + skip, end[keep] - skip
    if skip.any():
        order = np.lexsort((j, i))
        i, j, lines = i[order], j[order], lines[order]
    return i, j, lines


def _runs(a: Indices, b: Indices) -> tuple[Indices, Indices, Indices]:
    """Every longest possible diagonal run of equal lines: its start in a and in b, and its lines; ordered by start."""
    order = np.argsort(b, kind="stable")
    ordered = b[order]
    first = np.searchsorted(ordered, a, "left")
    count = np.searchsorted(ordered, a, "right") - first
    i = np.repeat(np.arange(len(a), dtype=np.int64), count)
    within = np.arange(len(i), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    j = order[np.repeat(first, count) + within].astype(np.int64)
    diagonal = (i - j + len(b)) * (len(a) + 1) + i
    by_diagonal = np.argsort(diagonal, kind="stable")
    diagonal = diagonal[by_diagonal]
    start = np.flatnonzero(np.diff(diagonal, prepend=-2) != 1)
    lines = np.diff(start, append=len(diagonal))
    head = by_diagonal[start]
    by_start = np.argsort(head, kind="stable")  # pairs were listed by i, then j
    head = head[by_start]
    return i[head], j[head], lines[by_start]
