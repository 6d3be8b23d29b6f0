"""Where in the kernel a piece of source is from, by the digests of its lines."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from laam.corpus.catalog import SourceFile
from laam.corpus.lines import COMMON_FILES, line_digest, split_lines
from laam.corpus.original import Original, text_of
from laam.corpus.sealed import SealedManifest

LOCATED_LINES = 400  # the last ones of a text that are looked at; a prompt has at most 4,000 characters
CANDIDATES = 1_000  # places that are compared; they are the places of the text's rarest lines
FRAGMENT_CHARACTERS = 20  # a shorter text, white space around it aside, could be from anywhere

Digests = NDArray[np.uint64]
Indices = NDArray[np.int64]


class Reader(Protocol):
    """Gives the original of a path; `Originals` is one."""

    def original(self, path: str, /) -> Original: ...


@dataclass(frozen=True)
class Location:
    """Where a text is from. `start` and `end`: the half-open span of whole original lines, counted from 0, that it covers."""

    file: SourceFile
    start: int
    end: int
    matched: int
    """How many lines of the span stand in the text exactly; less than `end - start` if the text differs in between."""
    following: int
    """The original line, counted from 0, that follows the one in which the text ends, when the text's lines are laid beside the file's
    one by one; it may lie beyond the file. It is the same for a sealed and a readable original."""


@dataclass(frozen=True)
class Place:
    """One line of the kernel. `number` counts from 1."""

    path: str
    number: int


@dataclass(frozen=True)
class LineCredit:
    """A line that is in the kernel. `index`: which of the lines looked up, from 0."""

    index: int
    places: tuple[Place, ...]
    """One place in each file that has the line, COMMON_FILES at most: right behind the place of the line before, if the line stands there,
    else its first place in the file."""
    files: int
    """The number of files in which it occurs."""
    boilerplate: bool
    """Whether it occurs in more than COMMON_FILES files, so that it says nothing about where the text is from."""


class LineIndex:
    """All lines of a manifest by digest. About 3.5 MB for the 170,581 lines of the shipped release."""

    def __init__(self, manifest: SealedManifest) -> None:
        self.files = list(manifest.catalog)
        self.starts: Indices = np.cumsum([0, *(file.lines for file in self.files)], dtype=np.int64)
        """The place in the row of all lines at which each file begins; the last entry is the end of the row."""
        self.digests: Digests = manifest.digests
        self._order = np.argsort(self.digests, kind="stable").astype(np.int32)
        self._ordered = self.digests[self._order]

    def places(self, digest: int) -> Indices:
        """All places of a line in the row of all lines, in order."""
        low, high = self.spans(np.array([digest], np.uint64))
        return self._order[low[0] : high[0]].astype(np.int64)

    def files_with(self, digests: Digests) -> tuple[Indices, Indices]:
        """The files in which each of some lines stands, once each: the numbers of lines and of files, side by side."""
        low, high = self.spans(digests)
        counts = high - low
        before = np.cumsum(counts) - counts
        places = self._order[np.arange(counts.sum()) + np.repeat(low - before, counts)]
        pairs = np.unique(np.repeat(np.arange(len(digests)), counts) * len(self.files) + self.file_numbers(places))
        return pairs // len(self.files), pairs % len(self.files)

    def spans(self, digests: Digests) -> tuple[Indices, Indices]:
        """Where the places of each line begin and end among those of all lines, ordered by digest."""
        low = np.searchsorted(self._ordered, digests, "left").astype(np.int64)
        return low, np.searchsorted(self._ordered, digests, "right").astype(np.int64)

    def likeliest(self, digests: Sequence[int], weights: Sequence[int], most: int) -> list[tuple[SourceFile, int]]:
        """The files in which the heaviest of some lines stand, in any order, and the sum of their `weights`, each line's own; a line of
        weight 0 isn't looked up. The heaviest file first."""
        heavy: Counter[int] = Counter()
        for digest, weight in zip(digests, weights, strict=True):
            if weight:
                heavy[digest] += weight
        lines, files = self.files_with(np.array(list(heavy), np.uint64))
        sums = np.bincount(files, np.array(list(heavy.values()), np.int64)[lines], len(self.files))
        return [(self.files[number], int(sums[number])) for number in np.argsort(-sums, kind="stable")[:most].tolist()]

    def file_numbers(self, places: Indices) -> Indices:
        """The number of each place's file."""
        return np.searchsorted(self.starts, places, "right").astype(np.int64) - 1


_indexes: WeakKeyDictionary[SealedManifest, LineIndex] = WeakKeyDictionary()
_lock = threading.Lock()


def line_index(manifest: SealedManifest) -> LineIndex:
    """The manifest's index, built when it is first asked for and kept as long as the manifest."""
    with _lock:
        if manifest not in _indexes:
            _indexes[manifest] = LineIndex(manifest)
        return _indexes[manifest]


def locate(text: str, manifest: SealedManifest, reader: Reader | None = None) -> Location | None:
    """Where `text` is from: the file with the longest run of its lines that stands in one place only. None if there is none.

    A first and a last line that are cut match no digest. If `reader` has the originals' text, a text without such a run is searched
    for as it is; it too must stand in one place only. One common line proves nothing: see _is_proof.
    """
    lines = split_lines(text)
    lines = lines[-LOCATED_LINES:]
    found = _by_digests(lines, line_index(manifest))
    if found is None:
        return _by_content(text, manifest, reader) if reader else None
    file, offset, exact = found
    return Location(file, offset + exact[0], offset + exact[-1] + 1, len(exact), offset + len(lines))


def credit_lines(lines: Sequence[str], manifest: SealedManifest) -> list[LineCredit]:
    """The files to which lines of unknown origin, each with its newline, are credited. Lines that the kernel lacks are left out."""
    index = line_index(manifest)
    known: dict[int, tuple[dict[int, int], int]] = {}  # by digest: the first place in some files, by file number, and how many files
    before: dict[int, int] = {}  # by file number: the place of the line before
    credits: list[LineCredit] = []
    for number, line in enumerate(lines):
        digest = line_digest(line)
        if digest not in known:
            places = index.places(digest)
            numbers, first = np.unique(index.file_numbers(places), return_index=True)
            some = slice(COMMON_FILES)
            known[digest] = dict(zip(numbers[some].tolist(), places[first][some].tolist(), strict=True)), len(numbers)
        at, files = known[digest]
        following = {file: place + 1 for file, place in before.items() if place + 1 < index.starts[file + 1]}
        going_on = {file: place for file, place in following.items() if int(index.digests[place]) == digest}
        chosen = list((going_on | at | going_on).items())[:COMMON_FILES]  # first the files in which the line follows the one before
        before = dict(chosen)
        if chosen:
            named = tuple(Place(index.files[file].path, place - int(index.starts[file]) + 1) for file, place in chosen)
            credits.append(LineCredit(number, named, files, files > COMMON_FILES))
    return credits


def _by_digests(lines: Sequence[str], index: LineIndex) -> tuple[SourceFile, int, list[int]] | None:
    """The file, the original line at which the text's line 0 would stand (it may be negative), and the lines that are exact there."""
    digests = np.array([line_digest(line) for line in lines], np.uint64)
    places = _seeds(digests, index)
    if not places:
        return None
    diagonals = np.concatenate([at - number for number, at in places.items()])
    files = index.file_numbers(np.concatenate(list(places.values())))
    candidates = np.unique(np.stack([files, diagonals], axis=1), axis=0)
    exact = np.stack([_exact_at(digests, int(file), int(diagonal), index) for file, diagonal in candidates])
    counts = np.cumsum(np.pad(exact, ((0, 0), (1, 0))), axis=1, dtype=np.int32)  # the exact lines before each line, by candidate
    whole = sum(line.endswith("\n") for line in lines)
    runs = (
        (len(run), number, run)
        for number, mask in enumerate(exact)
        for run in _runs(mask)
        # All places of a run are known if it holds a line whose places are.
        if _is_proof(lines[run.start : run.stop], whole) and not places.keys().isdisjoint(run)
    )
    for length, number, run in sorted(runs, key=lambda proof: (-proof[0], proof[1], proof[2].start)):
        if np.count_nonzero(counts[:, run.stop] - counts[:, run.start] == length) == 1:
            file, diagonal = (int(value) for value in candidates[number])
            return index.files[file], diagonal - int(index.starts[file]), np.flatnonzero(exact[number]).tolist()
    return None


def _seeds(digests: Digests, index: LineIndex) -> dict[int, Indices]:
    """The places of a text's rarest lines, by the number of the line; CANDIDATES places at most."""
    low, high = index.spans(digests)
    counts = high - low
    rarest = np.argsort(counts, kind="stable")
    rarest = rarest[counts[rarest] > 0]
    affordable = np.count_nonzero(np.cumsum(counts[rarest]) <= CANDIDATES)
    return {int(number): index.places(int(digests[number])) for number in rarest[:affordable]}


def _exact_at(digests: Digests, file: int, diagonal: int, index: LineIndex) -> NDArray[np.bool_]:
    """Which lines of a text are the file's, if its line 0 is laid at `diagonal` of the row of all lines."""
    low = max(int(index.starts[file]) - diagonal, 0)
    high = min(int(index.starts[file + 1]) - diagonal, len(digests))
    mask = np.zeros(len(digests), np.bool_)
    mask[low:high] = digests[low:high] == index.digests[diagonal + low : diagonal + high]
    return mask


def _runs(mask: NDArray[np.bool_]) -> Iterator[range]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield range(start, stop)


def _is_proof(run: Sequence[str], whole: int) -> bool:
    """Whether a run of lines tells where a text of `whole` lines is from: all of its lines do; half of them, if they have 20 characters;
    any 4, if they have 60."""
    characters = sum(len(line.strip()) for line in run)
    return (
        len(run) >= whole
        or (2 * len(run) >= whole and characters >= FRAGMENT_CHARACTERS)
        or (len(run) >= 4 and characters >= 3 * FRAGMENT_CHARACTERS)
    )


def _by_content(text: str, manifest: SealedManifest, reader: Reader) -> Location | None:
    """The one place where the text stands as it is, whether or not its first and last line are cut."""
    if len(text.strip()) < FRAGMENT_CHARACTERS:
        return None
    found: Location | None = None
    for file in manifest.catalog:
        original = reader.original(file.path)
        if not original.has_text:
            return None
        whole = text_of(original)
        at = whole.find(text)
        if at < 0:
            continue
        if found is not None or whole.find(text, at + 1) >= 0:
            return None  # in more places than one
        found = _location_at(file, whole, at, at + len(text))
    return found


def _location_at(file: SourceFile, whole: str, at: int, stop: int) -> Location:
    """The location of characters `at` to `stop` of a file."""
    line_start = whole.rfind("\n", 0, at) + 1
    start = whole.count("\n", 0, at) + (at > line_start)
    end = file.lines if stop == len(whole) else whole.count("\n", 0, stop)
    start = min(start, end)  # it may begin and end within one line
    return Location(file, start, end, end - start, len(split_lines(whole[:stop])))
