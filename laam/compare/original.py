"""What an emission is held against: a file of the kernel, sealed or readable."""

from collections.abc import Sequence
from typing import Protocol


class FileFacts(Protocol):
    """The facts of an original that the comparison needs; a catalogue entry has more."""

    @property
    def path(self) -> str:
        """From `linux/` on."""

    @property
    def sha256(self) -> str:
        """Of the whole file's bytes, in hexadecimal."""


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
    def has_text(self) -> bool:
        """Whether `line` gives text."""

    def line(self, index: int, /) -> str | None:
        """The line at `index`, counted from 0, with its newline; None where it is sealed."""
