"""Which lines of any text stand in the kernel, and where: its runs of lines, by digests alone, without those that prove nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from laam.corpus.catalog import SourceFile
from laam.corpus.lines import COMMON_FILES, line_digest, split_lines
from laam.corpus.lookup import LineIndex, line_index
from laam.corpus.sealed import SealedManifest

RUN_LINES = 2  # telling lines that a run needs
RUN_CHARACTERS = 60  # of its telling lines, without the white space around each, that a run needs
TRACED, ALONE, COMMON, ABSENT = "=", "a", "c", "+"
"""What a line of a traced text is: in a passage; in the kernel, but in no run that counts; there, but telling nothing; not there."""
LINE_PLACES = 50  # of one line that are looked at; more are only of lines that one file repeats


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
    digests = [line_digest(line) for line in lines]
    files = manifest.line_files()
    tells = [any(map(str.isalnum, line)) and 0 < files.get(digest, 0) <= COMMON_FILES for line, digest in zip(lines, digests, strict=True)]
    weights = [len(line.strip()) if telling else 0 for line, telling in zip(lines, tells, strict=True)]
    index = line_index(manifest)
    runs = list(_runs(digests, tells, index))
    passages = sorted(_winnow(runs, weights, index), key=lambda passage: passage.start)
    traced = {line for passage in passages for line in range(passage.start, passage.end)}
    return Trace(
        states="".join(
            TRACED if line in traced else ALONE if tells[line] else COMMON if digest in files else ABSENT
            for line, digest in enumerate(digests)
        ),
        characters=len(text),
        traced_characters=sum(len(lines[line]) for line in traced),
        passages=passages,
    )


Run = tuple[int, int, int]
"""A run of equal lines: first line of the text, the line after its last one, and the place of the first in the row of all lines."""


def _runs(digests: Sequence[int], tells: Sequence[bool], index: LineIndex) -> Iterator[Run]:
    """Every longest run that has a telling line, each once."""
    done: dict[tuple[int, int], int] = {}  # by file and diagonal: the line up to which runs are known
    places: dict[int, Sequence[int]] = {}
    for line, telling in enumerate(tells):
        if not telling:
            continue
        if digests[line] not in places:
            places[digests[line]] = index.places(digests[line])[:LINE_PLACES].tolist()
        for place in places[digests[line]]:
            file = _file_at(place, index)
            if done.get((file, place - line), 0) > line:
                continue
            first, last = int(index.starts[file]), int(index.starts[file + 1])
            start, end = line, line + 1
            while start > 0 and place - (line - start) > first and int(index.digests[place - (line - start) - 1]) == digests[start - 1]:
                start -= 1
            while end < len(digests) and place + (end - line) < last and int(index.digests[place + (end - line)]) == digests[end]:
                end += 1
            done[file, place - line] = end
            yield start, end, place - (line - start)


def _winnow(runs: Sequence[Run], weights: Sequence[int], index: LineIndex) -> Iterator[Passage]:
    """The passages that count, none of which shares a line with another."""
    taken: set[int] = set()

    def counts(start: int, end: int) -> bool:
        return sum(weight > 0 for weight in weights[start:end]) >= RUN_LINES and sum(weights[start:end]) >= RUN_CHARACTERS

    for start, end, place in sorted(runs, key=lambda run: (-sum(weights[run[0] : run[1]]), run)):
        parts = [list(part) for free, part in groupby(range(start, end), key=lambda line: line not in taken) if free]
        for first, last in [(part[0], part[-1] + 1) for part in parts]:
            if not counts(first, last):
                continue
            taken.update(range(first, last))
            file = _file_at(place, index)
            others = {_file_at(other, index) for low, high, other in runs if low <= first and high >= last} - {file}
            telling = sum(weight > 0 for weight in weights[first:last])
            yield Passage(first, last, index.files[file], place + first - start - int(index.starts[file]), telling, len(others))


def _file_at(place: int, index: LineIndex) -> int:
    return int(index.starts.searchsorted(place, "right")) - 1
