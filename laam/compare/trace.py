"""Which lines of any text stand in the kernel, and where: its runs of lines, by digests alone, without those that prove nothing."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from laam.corpus.catalog import SourceFile
from laam.corpus.lines import COMMON_FILES, digested_lines, split_lines
from laam.corpus.lookup import Digests, Indices, LineIndex, line_index
from laam.corpus.sealed import SealedManifest

RUN_LINES = 2  # telling lines that a run needs
RUN_CHARACTERS = 60  # of its telling lines, without the white space around each, that a run needs
TRACED, ALONE, COMMON, ABSENT = "=", "a", "c", "+"
"""What a line of a traced text is: in a passage; in the kernel, but in no run that counts; there, but telling nothing; not there."""
LINE_PLACES = 50  # of one line that are looked at; more are only of lines that one file repeats
PLACES = 250_000  # that are looked at together; fewer than LINE_PLACES of a line if more than 5,000 lines tell something


@dataclass(frozen=True)
class Passage:
    """A run of lines of the text that stands in a file of the kernel, line after line. Half-open and counted from 0."""

    start: int
    end: int
    file: SourceFile
    file_start: int
    """The line of the file, counted from 0, at which the run begins there."""
    telling: int
    """How many of its lines tell something; see `trace_text`."""
    others: int
    """The number of other files in which the whole run stands as well."""


@dataclass(frozen=True)
class Trace:
    """A traced text. `states`: for each line one of TRACED, ALONE, COMMON and ABSENT."""

    states: str
    characters: int
    traced_characters: int
    """Of all lines in passages, newlines counted."""
    passages: Sequence[Passage]

    @property
    def lines(self) -> int:
        """How many lines the text has."""
        return len(self.states)

    @property
    def traced_lines(self) -> int:
        """How many lines stand in passages."""
        return self.states.count(TRACED)

    @property
    def alone(self) -> int:
        """How many lines stand in the kernel and tell something, but in no run that counts."""
        return self.states.count(ALONE)

    @property
    def common(self) -> int:
        """How many lines outside passages stand in the kernel and tell nothing: boilerplate, blank lines, braces."""
        return self.states.count(COMMON)

    @property
    def absent(self) -> int:
        """How many lines the kernel doesn't have."""
        return self.states.count(ABSENT)

    @property
    def share(self) -> float:
        """traced_characters ÷ characters, 0…1; 0.0 for an empty text."""
        return self.traced_characters / self.characters if self.characters else 0.0

    def as_dict(self) -> dict[str, object]:
        """All of it, ready for JSON; lines are counted from 1, and `end` is the last line."""
        passages = [
            {
                "start": passage.start + 1,
                "end": passage.end,
                "file": passage.file.path,
                "file_start": passage.file_start + 1,
                "file_end": passage.file_start + passage.end - passage.start,
                "licence": passage.file.licence,
                "telling_lines": passage.telling,
                "other_files": passage.others,
            }
            for passage in self.passages
        ]
        counts = {"traced": self.traced_lines, "alone": self.alone, "common": self.common, "absent": self.absent}
        return {"lines": self.lines, **counts, "characters": self.characters, "traced_share": self.share, "passages": passages}


def trace_text(text: str, manifest: SealedManifest) -> Trace:
    """Find the runs of a text's lines that stand in the kernel in the same order, one right after the other.

    A line *tells* something if it has a letter or digit and occurs in at most COMMON_FILES files. A run counts if at least RUN_LINES of
    its lines tell something, with RUN_CHARACTERS characters together; such a run is always found, in the files of which each of its
    telling lines is looked up in LINE_PLACES places. Where runs overlap, the one with the most telling characters takes the lines, and
    what is left of another must count by itself. A line must be the same with its white space; a last line without a newline is
    looked up with one.
    """
    text += "\n" if text and not text.endswith("\n") else ""
    lines = split_lines(text)
    digests = [digest for _, digest in digested_lines(text)]
    files = manifest.line_files()
    weights = telling_characters(lines, digests, manifest)
    index = line_index(manifest)
    passages = sorted(_Runs(digests, weights, index).winnowed(), key=lambda passage: passage.start)
    traced = {line for passage in passages for line in range(passage.start, passage.end)}
    return Trace(
        states="".join(
            TRACED if line in traced else ALONE if weights[line] else COMMON if digest in files else ABSENT
            for line, digest in enumerate(digests)
        ),
        characters=len(text),
        traced_characters=sum(len(lines[line]) for line in traced),
        passages=passages,
    )


def telling_characters(lines: Sequence[str], digests: Sequence[int], manifest: SealedManifest) -> list[int]:
    """The characters of each line that tells something, without the white space around it; 0 for any other."""
    files = manifest.line_files()
    return [
        len(line.strip()) if 0 < files.get(digest, 0) <= COMMON_FILES and any(map(str.isalnum, line)) else 0
        for line, digest in zip(lines, digests, strict=True)
    ]


class Run(NamedTuple):
    """A run of equal lines: first line of the text, the line after its last one, and the place of the first in the row of all lines."""

    start: int
    end: int
    place: int


class _Runs:
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
        return Passage(first, last, self._index.files[file], start, self._told[last] - self._told[first], len(others))

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
