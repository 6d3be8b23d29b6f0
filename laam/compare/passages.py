"""The passages of a text that stand in a file of the kernel: runs of lines, one right after the other."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from laam.corpus.catalog import SourceFile
from laam.corpus.lookup import Digests, Indices, LineIndex

RUN_LINES = 2  # telling lines that a run needs
RUN_CHARACTERS = 60  # of its telling lines, without the white space around each, that a run needs
LINE_PLACES = 50  # of one line that are looked at; more are only of lines that one file repeats
PLACES = 250_000  # that are looked at together; fewer than LINE_PLACES of a line if more than 5,000 lines tell something


@dataclass(frozen=True)
class Passage:
    """Lines of the text that stand in a file of the kernel in the same order. Half-open and counted from 0."""

    start: int
    end: int
    file: SourceFile
    places: Mapping[int, int]
    """For each of its lines that stands there, the line of the file; for all of them, unless there are `gaps`."""
    telling: int
    """How many of its lines tell something; see `trace_text`."""
    others: int
    """The number of other files in which the whole run stands as well; 0 if there are gaps."""

    @property
    def gaps(self) -> bool:
        """Whether lines stand between that are not the file's, or lines of the file are missing."""
        return not (self.end - self.start == len(self.places) == self.file_end - self.file_start)

    @property
    def file_start(self) -> int:
        """The line of the file at which it begins there."""
        return self.places[self.start]

    @property
    def file_end(self) -> int:
        """The line after the last one there."""
        return self.places[self.end - 1] + 1


class Run(NamedTuple):
    """A run of equal lines: first line of the text, the line after its last one, and the place of the first in the row of all lines."""

    start: int
    end: int
    place: int


class Runs:
    """The longest runs of a text that count, each once. `weights`: characters of each line that tells something, 0 for any other."""

    def __init__(self, digests: Sequence[int], weights: Sequence[int], index: LineIndex) -> None:
        self._index = index
        self._digests = np.array(digests, np.uint64)
        self._telling = np.flatnonzero(np.array(weights, np.int64))
        self._weighed = [0, *accumulate(weights)]
        self._told = [0, *accumulate(int(weight > 0) for weight in weights)]
        self._most = min(LINE_PLACES, max(1, PLACES // max(1, len(self._telling))))
        self._by_diagonal: dict[int, list[Run]] = {}  # place less line of the text; in order
        for run in self._found():
            self._by_diagonal.setdefault(run.place - run.start, []).append(run)

    def winnowed(self) -> Iterator[Passage]:
        """The passages, none of which shares a line with another."""
        runs = [run for diagonal in self._by_diagonal.values() for run in diagonal]
        taken = bytearray(len(self._digests))
        for run in sorted(runs, key=lambda run: (-self._weight(run.start, run.end), run)):
            at = taken.find(0, run.start, run.end)
            while at >= 0:
                stop = taken.find(1, at, run.end)
                first, last = at, run.end if stop < 0 else stop
                if self._counts(first, last):
                    yield self._passage(run, first, last)
                    taken[first:last] = b"\1" * (last - first)
                at = taken.find(0, last, run.end)

    def _passage(self, run: Run, first: int, last: int) -> Passage:
        file = _file_at(run.place, self._index)
        line = int(self._telling[self._told[first]])
        others = {_file_at(place, self._index) for place in self._places(line) if self._is_run(place - line, first, last)} - {file}
        start = run.place + first - run.start - int(self._index.starts[file])
        places = dict(enumerate(range(start, start + last - first), first))
        return Passage(first, last, self._index.files[file], places, self._told[last] - self._told[first], len(others))

    def _is_run(self, diagonal: int, first: int, last: int) -> bool:
        """Whether all of these lines are in one run there."""
        runs = self._by_diagonal.get(diagonal, [])
        at = bisect_right(runs, first, key=lambda run: run.start) - 1
        return at >= 0 and runs[at].end >= last

    def _weight(self, start: int, end: int) -> int:
        return self._weighed[end] - self._weighed[start]

    def _counts(self, start: int, end: int) -> bool:
        return self._told[end] - self._told[start] >= RUN_LINES and self._weight(start, end) >= RUN_CHARACTERS

    def _places(self, line: int) -> list[int]:
        places: list[int] = self._index.places(int(self._digests[line]))[: self._most].tolist()
        return places

    def _found(self) -> Iterator[Run]:
        """Diagonal by diagonal, so that a run that is known is not looked at again."""
        lines, places, files = self._in_long_runs()
        starts, row = self._index.starts, self._index.digests
        diagonal, known = None, 0  # up to which line the runs of the diagonal are known
        for line, place, file in zip(lines.tolist(), places.tolist(), files.tolist(), strict=True):
            if (file, place - line) != diagonal:
                diagonal, known = (file, place - line), 0
            if line < known:
                continue
            before = _equal_lines(self._digests[:line][::-1], row[int(starts[file]) : place][::-1])
            known = line + _equal_lines(self._digests[line:], row[place : int(starts[file + 1])])
            if self._counts(line - before, known):
                yield Run(line - before, known, place - before)

    def _in_long_runs(self) -> tuple[Indices, Indices, Indices]:
        """Telling lines, a place of each, and its file, by file, diagonal and line: those in runs that hold RUN_LINES telling lines."""
        by_digest: dict[int, list[int]] = {}
        for line in self._telling.tolist():
            by_digest.setdefault(int(self._digests[line]), []).append(line)
        none = np.zeros(0, np.int64)
        pairs = [(np.array(some, np.int64), self._index.places(digest)[: self._most]) for digest, some in by_digest.items()]
        lines = np.concatenate([none, *(np.repeat(some, len(at)) for some, at in pairs)])
        places = np.concatenate([none, *(np.tile(at, len(some)) for some, at in pairs)])
        after = np.searchsorted(self._telling, lines)
        previous, following = self._telling[np.maximum(after - 1, 0)], self._telling[np.minimum(after + 1, len(self._telling) - 1)]
        files = self._index.file_numbers(places)
        is_long = self._reaches(lines, places, files, following) | self._reaches(lines, places, files, previous)
        lines, places, files = lines[is_long], places[is_long], files[is_long]
        order = np.lexsort((lines, places - lines, files))
        return lines[order], places[order], files[order]

    def _reaches(self, lines: Indices, places: Indices, files: Indices, others: Indices) -> NDArray[np.bool_]:
        """For each line and its place: whether all lines on the way to another line of the text are the file's, and that line too."""
        reached: NDArray[np.bool_] = others != lines
        onwards = np.sign(others - lines)
        on_the_way = np.flatnonzero(reached)
        at = 0
        while len(on_the_way):
            at += 1
            line, place = (all_of_them[on_the_way] + at * onwards[on_the_way] for all_of_them in (lines, places))
            file = files[on_the_way]
            inside = (place >= self._index.starts[file]) & (place < self._index.starts[file + 1])
            equal = inside & (self._digests[line] == self._index.digests[np.where(inside, place, 0)])
            reached[on_the_way[~equal]] = False
            on_the_way = on_the_way[equal & (line != others[on_the_way])]
        return reached


def _equal_lines(a: Digests, b: Digests) -> int:
    """With how many equal lines both begin; the work grows with their number, not with the length of both."""
    most, at, step = min(len(a), len(b)), 0, 32
    while at < most:
        differing = np.flatnonzero(a[at : min(most, at + step)] != b[at : min(most, at + step)])
        if len(differing):
            return at + int(differing[0])
        at, step = at + step, 2 * step
    return most


def _file_at(place: int, index: LineIndex) -> int:
    return int(index.starts.searchsorted(place, "right")) - 1
