"""An original that somebody gives themself, such as a file of a later kernel: not of the sealed release, and with its text."""

from dataclasses import dataclass

from laam.corpus.lines import source_sha256
from laam.corpus.readable import ReadableOriginal


@dataclass(frozen=True)
class GivenFile:
    """The facts of such a file: the name that it was given, which decides how it is coloured, and its digest in hexadecimal."""

    path: str
    sha256: str
    functions: tuple[str, ...] = ()


class GivenOriginal(ReadableOriginal):
    """A text as an original. It is compared as those of the release are."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(GivenFile(name, source_sha256(text)), text)
