"""Which lines of any text stand in the kernel, and where: its passages, by digests alone, without those that prove nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from laam.compare.chains import find_chains
from laam.compare.passages import Passage, Runs
from laam.compare.systematic import sentence_of
from laam.compare.traits import Trait, traits_of
from laam.compare.undoing import TooMuchWorkError, Undoing, spread
from laam.corpus.lines import COMMON_FILES, digested_lines, split_lines
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
    is looked up with one. What is found once white space, marks or numbers that run through the whole text are undone is `without`.
    """
    text += "\n" if text and not text.endswith("\n") else ""
    lines = split_lines(text)
    found = _traced(lines, [digest for _, digest in digested_lines(text)], manifest)
    try:
        traits, digests = _without_traits(lines, manifest) if found.traced_lines + found.common < found.lines else ([], [])
    except TooMuchWorkError:
        return replace(found, difference_looked_for=False)
    without = _traced(lines, digests, manifest) if traits else found
    if without.traced_characters <= found.traced_characters:
        return found
    return replace(found, difference=f"{sentence_of([trait.what for trait in traits])}.", without=without)


def _traced(lines: Sequence[str], digests: Sequence[int], manifest: SealedManifest) -> Trace:
    files, index = manifest.line_files(), line_index(manifest)
    weights = telling_characters(lines, digests, manifest)
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


def _without_traits(lines: Sequence[str], manifest: SealedManifest) -> tuple[list[Trait], list[int]]:
    """The traits of a text that hide lines of the kernel, and the digest of each line without them. Raises TooMuchWorkError."""
    files, traits = manifest.line_files(), traits_of(lines) if lines else []
    undoing, sample = Undoing(files), spread(lines, SAMPLE)

    def known(some: Sequence[Trait]) -> int:
        return sum(digest in files for digest in undoing.digests(sample, some))

    for trait in list(traits):
        fewer = [other for other in traits if other is not trait]
        if known(fewer) >= known(traits):
            traits = fewer
    return traits, undoing.digests(lines, traits) if traits else []


def telling_characters(lines: Sequence[str], digests: Sequence[int], manifest: SealedManifest) -> list[int]:
    """The characters of each line that tells something, without the white space around it; 0 for any other."""
    files = manifest.line_files()
    return [
        len(line.strip()) if 0 < files.get(digest, 0) <= COMMON_FILES and any(map(str.isalnum, line)) else 0
        for line, digest in zip(lines, digests, strict=True)
    ]
