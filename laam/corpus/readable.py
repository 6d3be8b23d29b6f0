"""Readable originals: files with their text."""

from collections.abc import Sequence
from functools import cached_property

from laam.corpus.lines import digested_lines, split_lines
from laam.corpus.original import FileFacts


class ReadableOriginal:
    """A whole text as an original: a digest, a length in characters and the text of each line (newline included).

    It is compared as a SealedOriginal is, and can show its text. The lines are split when they are first asked for.
    """

    has_text = True

    def __init__(self, file: FileFacts, text: str) -> None:
        self.file, self.text = file, text

    @property
    def numbers(self) -> Sequence[int]:
        """All of them: it is the whole file."""
        return range(len(self.digests))

    @cached_property
    def digests(self) -> Sequence[int]:
        """One 64-bit digest for each line."""
        return tuple(digest for _, digest in digested_lines(self.text))

    @cached_property
    def lengths(self) -> Sequence[int]:
        """Characters of each line, its newline included."""
        return tuple(len(line) for line in self._lines)

    def line(self, number: int, /) -> str:
        """The text of line `number`, counted from 0, with its newline."""
        return self._lines[number]

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        return tuple(split_lines(self.text))
