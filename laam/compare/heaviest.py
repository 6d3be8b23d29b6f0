"""The heaviest common subsequence: of all ways to match equal lines without crossing, the one that keeps the most characters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Match = tuple[int, int, int]  # emitted index, original index, lines
Numbers = NDArray[np.int64]


def common_head(a: Sequence[int], b: Sequence[int]) -> int:
    """The number of lines with which both begin."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def common_tail(a: Sequence[int], b: Sequence[int]) -> int:
    """The number of lines with which both end; 0 if all of them stand elsewhere in b too, like the brace at which a text was stopped."""
    tail = common_head(a[::-1], b[::-1])
    count = Counter(b)
    return tail if any(count[digest] == 1 for digest in b[len(b) - tail :]) else 0


class _Row(NamedTuple):
    """The state after some lines of a, for each number j of lines of b.

    `best` [len(b) + 1]: the value of the best way to match within them, weight × scale − runs. It falls neither from one j to the next nor
    from one row to the next. `ends`: each j, ascending, for which a best way matches the last line of both with each other.
    """

    best: Numbers
    ends: Numbers


class _Lines:
    """The lines of b that equal a line of a: their places, counted from 1, and the value that a match in a new run adds."""

    def __init__(self, a: Sequence[int], b: Sequence[int], weights: Sequence[int]) -> None:
        scale = min(len(a), len(b)) + 1  # more than there can be runs, so that runs never outweigh a character
        places: dict[int, list[int]] = {digest: [] for digest in a}
        for j, digest in enumerate(b, start=1):
            if digest in places:
                places[digest].append(j)
        self.places = {digest: np.array(at, np.int64) for digest, at in places.items()}
        self.gains = {digest: weights[at[0] - 1] * scale - 1 for digest, at in places.items() if at}


class _Front:
    """Computes the rows that follow a row, line by line of a; they are as wide as that row."""

    def __init__(self, lines: _Lines, row: _Row) -> None:
        self._lines = lines
        self._best, self._ends = row.best.copy(), row.ends
        self._saved = np.zeros(len(row.best), np.int64)  # 1 at each j where a run ends that can go on
        self._saved[row.ends] = 1
        self._seen: dict[int, tuple[Numbers, Numbers]] = {}  # lines that changed nothing since `best` changed: ends before, ends after

    @property
    def row(self) -> _Row:
        return _Row(self._best.copy(), self._ends)

    def take(self, digest: int) -> None:
        """Take the next line of a."""
        before, after = self._seen.get(digest, (None, None))
        if after is None or before is not self._ends:
            after = self._matched(digest, after)
        self._saved[self._ends] = 0
        self._saved[after] = 1
        self._ends = after

    def _matched(self, digest: int, seen: Numbers | None) -> Numbers:
        """The next row's ends; `best` becomes the next row's. `seen`: the ends after the last such line, returned again if equal."""
        places = self._lines.places[digest]
        if len(places) and places[-1] >= len(self._best):
            places = places[: places.searchsorted(len(self._best))]
        if not len(places):
            return places
        is_better, ends = (self._match_one if len(places) == 1 else self._match_all)(places, self._lines.gains[digest])
        if is_better:
            self._seen.clear()
            return ends
        if seen is not None and np.array_equal(seen, ends):
            ends = seen
        self._seen[digest] = self._ends, ends
        return ends

    def _match_all(self, places: Numbers, gain: int) -> tuple[bool, Numbers]:
        """Whether `best` became better anywhere, and the ends among the places."""
        best = self._best
        values = best[places - 1] + self._saved[places - 1] + gain
        better = (values > best[places]).nonzero()[0]
        if len(better):
            first, last = better[0], better[-1]
            stop = best.searchsorted(values[last] + 1, "right")  # from there on everything is as good already
            best[places] = np.maximum(best[places], values)
            changed = best[places[first] : stop]
            np.maximum.accumulate(changed, out=changed)
        return len(better) > 0, places[values == best[places]]

    def _match_one(self, places: Numbers, gain: int) -> tuple[bool, Numbers]:
        """The same in half the time, for a line that stands in b once, as most lines of a file do."""
        best, place = self._best, int(places[0])
        value, value_before = best[place - 1] + self._saved[place - 1] + gain, best[place]
        if value > value_before:
            best[place : best.searchsorted(value)] = value
            return True, places
        return False, places if value == value_before else places[:0]


def inner_pairs(a: Sequence[int], b: Sequence[int], weights: Sequence[int]) -> list[tuple[int, int]]:
    """The indices of the lines that are matched with each other, in order; see `bounded_matches` for which these are.

    It is the textbook's dynamic programme, a row for each line of `a` that `b` has, in numpy. Rows in which nothing changes cost next to
    nothing, so a text that repeats itself for ever is cheap too. On the way forth only every √len(a)th row is kept. On the way back the
    rows between two of them are computed again. Memory: len(b) · √len(a) numbers.
    """
    lines = _Lines(a, b, weights)
    step = isqrt(len(a)) + 1
    kept = [_Row(np.zeros(len(b) + 1, np.int64), np.zeros(1, np.int64))]
    front = _Front(lines, kept[0])
    for start in range(0, len(a), step):
        for digest in a[start : start + step]:
            front.take(digest)
        kept.append(front.row)
    pairs: list[tuple[int, int]] = []
    i, j, in_run = len(a), len(b), False
    while i and j:
        block = (i - 1) // step
        start = block * step
        if not in_run and kept[block].best[j] == kept[block + 1].best[j]:
            i = start  # no match in between
            continue
        best, ends = kept[block]
        front = _Front(lines, _Row(best[: j + 1], ends[: ends.searchsorted(j, "right")]))
        rows = [front.row]
        for digest in a[start:i]:
            front.take(digest)
            rows.append(front.row)
        found, j, in_run = _trace(rows, j, in_run)
        pairs += [(start + row - 1, place - 1) for row, place in found]
        i = start
    return pairs[::-1]


def _trace(rows: Sequence[_Row], j: int, in_run: bool) -> tuple[list[tuple[int, int]], int, bool]:
    """Go back from the last row to the first. `in_run`: the last lines of both are known to be matched with each other.

    Returns the matches on the way, the last one first, as line numbers, and j and `in_run` at the first row.
    """
    found: list[tuple[int, int]] = []
    i = len(rows) - 1
    while i and j:
        best, before = rows[i].best, rows[i - 1]
        if not in_run:
            if before.best[j] == best[j]:
                i -= 1
                continue
            j = int(best.searchsorted(best[j]))
        found.append((i, j))
        i, j = i - 1, j - 1
        at = before.ends.searchsorted(j)
        in_run = bool(at < len(before.ends) and before.ends[at] == j)
    return found, j, in_run


def join_matches(matches: Iterable[Match]) -> list[Match]:
    """Matches in order, each with the ones that go on from it; those without lines are left out."""
    joined: list[Match] = []
    for i, j, lines in matches:
        if not lines:
            continue
        if joined and joined[-1][0] + joined[-1][2] == i and joined[-1][1] + joined[-1][2] == j:
            i, j, lines = joined[-1][0], joined[-1][1], joined[-1][2] + lines
            joined.pop()
        joined.append((i, j, lines))
    return joined
