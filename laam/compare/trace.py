"""Which lines of any text stand in the kernel, and where: its passages, by digests alone, without those that prove nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from laam.compare.chains import find_chains
from laam.compare.marks import find_marks
from laam.compare.passages import Passage, Runs
from laam.compare.systematic import line_end_clause, other_line_end, sentence_of
from laam.compare.traits import Trait, traits_of, unindented
from laam.compare.undoing import TooMuchWorkError, Undoing, spread
from laam.corpus.lines import COMMON_FILES, digested_lines, line_digest, split_lines
from laam.corpus.lookup import line_index
from laam.corpus.sealed import SealedManifest

SAMPLE = 200  # lines that tell which traits make a difference

TRACED, ALONE, COMMON, ABSENT = "=", "a", "c", "+"
"""What a line of a traced text is: in a passage; in the kernel, but in no run that counts; there, but telling nothing; not there."""


@dataclass(frozen=True)
class Trace:
    """A traced text. `states`: for each line one of TRACED, ALONE, COMMON and ABSENT."""

    states: str
    characters: int
    traced_characters: int
    """Of all lines in passages, newlines counted."""
    passages: Sequence[Passage]
    difference: str = ""
    """What the whole text differs by from the kernel's lines, such as its tabs, as a sentence; empty if nothing was found."""
    without: "Trace | None" = None
    """The trace of the text without that; None if there is no such difference, or no more is found without it."""
    difference_looked_for: bool = True
    """Whether a difference was looked for as long as it takes."""

    @property
    def most(self) -> "Trace":
        """The trace with the most that was found: without the difference, if there is one."""
        return self.without or self

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
        """How many lines outside passages stand in the kernel and tell nothing: boilerplate, blank lines, braces, words of licences."""
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
                "file_end": passage.file_end,
                "gaps": passage.gaps,
                "licence": passage.file.licence,
                "telling_lines": passage.telling,
                "other_files": passage.others,
            }
            for passage in self.passages
        ]
        counts = {"traced": self.traced_lines, "alone": self.alone, "common": self.common, "absent": self.absent}
        found = {"lines": self.lines, **counts, "characters": self.characters, "traced_share": self.share, "passages": passages}
        without = {"difference": self.difference, **self.without.as_dict()} if self.without else None
        return found | {"without_difference": without, "difference_looked_for": self.difference_looked_for}


def trace_text(text: str, manifest: SealedManifest) -> Trace:
    """Find the passages of a text that stand in the kernel: runs of lines, one right after the other, and chains of lines in order.

    A line *tells* something if it has a letter or digit, occurs in at most COMMON_FILES files, and isn't the words of a licence. A run
    counts if at least RUN_LINES of its lines tell something, with RUN_CHARACTERS characters together; such a run is always found, in the
    files of which each of its telling lines is looked up in LINE_PLACES places. Where runs overlap, the one with the most telling
    characters takes the lines, and what is left of another must count by itself. Of the telling lines that are left, those of one file in
    its order count with gaps between them, see `find_chains`. A line must be the same with its white space; a last line without a newline
    is looked up with one. What is found once line ends, white space, marks or numbers that run through the text are undone is `without`.
    """
    end = other_line_end(text)
    text += "\n" if text and not text.endswith(end or "\n") else ""
    lines = split_lines(text)
    found = _traced(lines, lines, manifest)
    if found.traced_lines + found.common == found.lines:
        return found
    lines = split_lines(text.replace(end, "\n")) if end else lines
    undoing = Undoing(manifest.line_files())
    try:
        traits = _hiding(lines, undoing, manifest)
        without = _undone(lines, traits, undoing, manifest) if traits or end else found
    except TooMuchWorkError:
        return replace(found, difference_looked_for=False)
    if without.traced_characters <= found.traced_characters:
        return found
    clauses = [*line_end_clause(end), *(trait.what for trait in traits)]
    return replace(found, difference=f"{sentence_of(clauses)}.", without=without)


def _traced(lines: Sequence[str], looked_up: Sequence[str], manifest: SealedManifest) -> Trace:
    """The trace of a text's lines. `looked_up`: each of them without what may hide it."""
    files, index = manifest.line_files(), line_index(manifest)
    digests = [digest for _, digest in digested_lines("".join(looked_up))]
    weights = telling_characters(looked_up, digests, manifest)
    passages = list(Runs(digests, weights, index).winnowed())
    taken = {line for passage in passages for line in passage.places}
    passages += find_chains([line for line, weight in enumerate(weights) if weight and line not in taken], digests, weights, manifest)
    traced = {line for passage in passages for line in passage.places}
    return Trace(
        states="".join(
            TRACED if line in traced else ALONE if weights[line] else COMMON if digest in files else ABSENT
            for line, digest in enumerate(digests)
        ),
        characters=sum(map(len, lines)),
        traced_characters=sum(len(lines[line]) for line in traced),
        passages=sorted(passages, key=lambda passage: passage.start),
    )


def _hiding(lines: Sequence[str], undoing: Undoing, manifest: SealedManifest) -> list[Trait]:
    """The traits of a text that hide lines of the kernel. Raises TooMuchWorkError."""
    files, sample = manifest.line_files(), spread(lines, SAMPLE)

    def tells(body: str) -> bool:
        return telling_characters([body], [line_digest(f"{body}\n")], manifest) != [0]

    def known(some: Sequence[Trait]) -> int:
        return sum(digest in files for digest in undoing.digests(sample, some))

    traits = traits_of(lines, [partial(find_marks, tells=tells), unindented])
    most = known(traits)
    for trait in list(traits):
        fewer = [other for other in traits if other is not trait]
        if (rest := known(fewer)) >= most:
            traits, most = fewer, rest
    return traits


def _undone(lines: Sequence[str], traits: Sequence[Trait], undoing: Undoing, manifest: SealedManifest) -> Trace:
    """The trace of a text without some traits. Raises TooMuchWorkError."""
    before = undoing.lines(lines, traits)
    found = _traced(lines, before, manifest)
    if not found.passages:
        return found
    # a line that may have been several lines is the one that stands beside a passage there, if it stands beside it here
    there = {line: (passage.file.path, number) for passage in found.passages for line, number in passage.places.items()}
    for step in (1, -1):
        for line in range(len(lines))[::step]:
            if line in there or line - step not in there:
                continue
            path, number = there[line - step]
            original = manifest.original(path).digests
            if 0 <= number + step < len(original) and (known := undoing.as_known(lines[line], traits, original[number + step])) is not None:
                there[line] = path, number + step
                before[line] = known
    return _traced(lines, before, manifest)


def telling_characters(lines: Sequence[str], digests: Sequence[int], manifest: SealedManifest) -> list[int]:
    """The characters of each line that tells something, without the white space around it; 0 for any other."""
    files = manifest.line_files()
    return [
        len(line.strip()) if 0 < files.get(digest, 0) <= COMMON_FILES and any(map(str.isalnum, line)) else 0
        for line, digest in zip(lines, digests, strict=True)
    ]
