"""What was written instead: the other file of the kernel that a text is of, if it has little of the one that was asked for."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from laam.compare.align import align, exact_lines
from laam.compare.passages import RUN_CHARACTERS, RUN_LINES
from laam.compare.trace import telling_characters
from laam.corpus.catalog import SourceFile
from laam.corpus.lines import digested_lines, split_lines
from laam.corpus.lookup import line_index
from laam.corpus.sealed import SealedManifest

ENOUGH = 0.5  # of what was asked for; a text that has as much of it is of that file
LEAST = 0.25  # of the characters of a text, without boilerplate, that a file must have so that the text is said to be of it
HELD_AGAINST = 3  # files


@dataclass(frozen=True)
class Instead:
    """The file that a text is of. `whole`: byte for byte. `lines`: the line of the file that a line of the text is, exactly and in order,
    by that line; both are counted from 0. `reproduced`: the score of the text, if it is held against that file."""

    file: SourceFile
    whole: bool
    lines: Mapping[int, int]
    reproduced: float

    @property
    def span(self) -> range:
        """The lines of the file that it is, if they follow each other there; else an empty range."""
        numbers = list(self.lines.values())
        return range(numbers[0], numbers[-1] + 1) if all(after - before == 1 for before, after in pairwise(numbers)) else range(0)

    @property
    def places(self) -> dict[int, str]:
        """The place in the kernel of each of `lines`."""
        return {line: f"{self.file.path}, line {there + 1:,}" for line, there in self.lines.items()}

    def as_dict(self) -> dict[str, object]:
        """The record, ready for JSON."""
        file = self.file
        counts = {"exact_lines": len(self.lines), "original_lines": file.lines, "reproduced": self.reproduced}
        return {"file": file.path, "whole": self.whole, **counts, "licence": file.licence, "notice": file.notice}


def find_instead(text: str, sha256: str, manifest: SealedManifest, asked: str = "", exact: Collection[int] = ()) -> Instead | None:
    """The file that a text is of: the one that is the same byte for byte, else the one that has most of its telling lines in order, if
    those are LEAST of the text, and if it has more of the text than the file that was asked for. None if there is none.

    `sha256`: of all that was written, of which `text` is compared. `asked`: the path of the file that was asked for, and `exact` the lines
    of the text, counted from 0, that are its in order. A line *tells* something as in `trace_text`, if it is none of these.
    """
    if not text:
        return None
    digests = [digest for _, digest in digested_lines(text)]
    if same := next((file for file in manifest.catalog if file.sha256 == sha256 and file.path != asked), None):
        return _held_against(same, digests, manifest, whole=True)
    lines = split_lines(text)
    told = [0 if number in exact else characters for number, characters in enumerate(telling_characters(lines, digests, manifest))]
    files = manifest.line_files()
    absent = sum(len(line.strip()) for line, digest in zip(lines, digests, strict=True) if digest not in files)
    best, least = None, max(RUN_CHARACTERS, LEAST * (sum(told) + absent))
    for file, characters in line_index(manifest).likeliest(digests, told, HELD_AGAINST):
        if file.path == asked or characters < least:
            continue
        found = _held_against(file, digests, manifest)
        characters = _sum(told, found.lines)
        if characters >= least and sum(told[line] > 0 for line in found.lines) >= RUN_LINES:
            best, least = found, characters + 1
    lengths = [len(line) for line in lines]
    return best if best and _sum(lengths, best.lines) > _sum(lengths, exact) else None


def _held_against(file: SourceFile, digests: Sequence[int], manifest: SealedManifest, *, whole: bool = False) -> Instead:
    original = manifest.original(file.path)
    lines = dict(exact_lines(align(digests, original.digests, original.lengths).blocks))
    return Instead(file, whole, lines, 1.0 if whole else _sum(original.lengths, lines.values()) / sum(original.lengths))


def _sum(numbers: Sequence[int], places: Iterable[int]) -> int:
    return sum(map(numbers.__getitem__, places))
