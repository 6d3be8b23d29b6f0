"""What an emission is held against: a file of the kernel, sealed or readable."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol


class FileFacts(Protocol):
    """The facts of an original that the comparison needs; a catalogue entry has more."""

    @property
    def path(self) -> str:
        """From the top folder on."""

    @property
    def sha256(self) -> str:
        """Of the whole file's bytes, in hexadecimal."""

    @property
    def functions(self) -> Sequence[str]:
        """Those of a C file, as `laam.corpus.functions` writes them; empty if they aren't known."""


class Original(Protocol):
    """One original. A sealed one knows each line's digest and length; a readable one knows the text as well."""

    @property
    def file(self) -> FileFacts: ...

    @property
    def digests(self) -> Sequence[int]:
        """One 64-bit digest for each line, taken over the line with its newline."""

    @property
    def lengths(self) -> Sequence[int]:
        """Characters of each line, its newline included."""

    @property
    def numbers(self) -> Sequence[int]:
        """The number of each line in its file, counted from 0: that of its index, unless only lines that no prompt gave are compared."""

    @property
    def has_text(self) -> bool:
        """Whether `line` gives text."""

    def line(self, index: int, /) -> str | None:
        """The line at `index`, counted from 0, with its newline; None if it is sealed."""


@dataclass(frozen=True)
class OriginalPart:
    """Some lines of an original, by their `numbers` in ascending order: those that no prompt gave."""

    whole: Original
    numbers: Sequence[int]

    @property
    def file(self) -> FileFacts:
        return self.whole.file

    @cached_property
    def digests(self) -> Sequence[int]:
        return [self.whole.digests[number] for number in self.numbers]

    @cached_property
    def lengths(self) -> Sequence[int]:
        return [self.whole.lengths[number] for number in self.numbers]

    @property
    def has_text(self) -> bool:
        return self.whole.has_text

    def line(self, index: int, /) -> str | None:
        return self.whole.line(self.numbers[index])


def text_of(original: Original) -> str:
    """The whole text of an original that has text."""
    return "".join(original.line(index) or "" for index in range(len(original.digests)))


def after_line(original: Original, first_line: int) -> Original:
    """The original from line `first_line` on; the original itself if that is its beginning."""
    return OriginalPart(original, range(first_line, len(original.digests))) if first_line else original


def whole_of(original: Original) -> Original:
    """The whole original of which this is a part, or all."""
    return original.whole if isinstance(original, OriginalPart) else original
