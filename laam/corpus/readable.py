"""Readable originals: files with their text. One of the kernel is proven to be the one that the manifest seals."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256

from laam.corpus.catalog import SourceFile
from laam.corpus.lines import digested_lines, source_text, split_lines
from laam.corpus.original import FileFacts


class ReadableLines:
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


class ReadableOriginal(ReadableLines):
    """One file of the kernel with its text and its facts."""

    file: SourceFile

    def __init__(self, file: SourceFile, data: bytes) -> None:
        """Prove `data`, the bytes of the whole file, against the manifest's facts. Raises ValueError if they are another file's."""
        digest = sha256(data).hexdigest()
        if digest != file.sha256:
            raise ValueError(f"{file.path}: sha256 is {digest}, the manifest has {file.sha256}; give the file as it was released")
        super().__init__(file, source_text(data))
