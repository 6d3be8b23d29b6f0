"""An original that somebody gives themself, such as a file of a later kernel: not of the sealed release, and with its text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from laam.corpus.lines import line_digest, source_bytes, split_lines


@dataclass(frozen=True)
class GivenFile:
    """The facts of such a file: the name that it was given, which decides how it is coloured, and its digest in hexadecimal."""

    path: str
    sha256: str


class GivenOriginal:
    """A text as an original. It is compared as those of the release are, and can show its text."""

    first_line = 0
    has_text = True

    def __init__(self, name: str, text: str) -> None:
        self.file = GivenFile(name, sha256(source_bytes(text)).hexdigest())
        self._lines = split_lines(text)

    @cached_property
    def digests(self) -> Sequence[int]:
        return tuple(line_digest(line) for line in self._lines)

    @cached_property
    def lengths(self) -> Sequence[int]:
        return tuple(len(line) for line in self._lines)

    def line(self, index: int, /) -> str:
        return self._lines[index]
