"""Lines as everything here counts them, and the digest by which they are compared."""

from collections.abc import Iterator
from hashlib import blake2b, sha256

DIGEST_BYTES = 8
LINE_LIMIT = 65_535  # characters, what 16 bits hold; the longest line of the shipped release has 202
COMMON_FILES = 10  # a line that occurs in more files than this is boilerplate


def split_lines(text: str) -> list[str]:
    """The lines of `text`, each with its newline; the last may lack one. Joined again they are `text`.

    Only `"\\n"` ends a line. `str.splitlines` would end one at a form feed as well, which kernel sources hold.
    """
    *ended, tail = text.split("\n")
    lines = [f"{line}\n" for line in ended]
    if tail:
        lines.append(tail)
    return lines


def line_digest(line: str) -> int:
    """64-bit BLAKE2b digest of a line *with* its newline, as UTF-8, read as a big-endian number. Takes any string."""
    data = line.encode("utf-8", errors="surrogatepass")  # half a surrogate pair, which no file holds, must not stop a stream
    return int.from_bytes(blake2b(data, digest_size=DIGEST_BYTES).digest(), "big")


def digested_lines(text: str) -> Iterator[tuple[int, int]]:
    """Characters and digest of each of `split_lines(text)`. Equal lines share their number, so half a million blank ones take little."""
    *ended, tail = text.split("\n")
    known: dict[str, int] = {}
    for line in ended:
        if (digest := known.get(line)) is None:
            digest = known[line] = line_digest(f"{line}\n")
        yield len(line) + 1, digest
    if tail:
        yield len(tail), line_digest(tail)


def source_text(data: bytes) -> str:
    """A source file's text. Bytes that are not UTF-8 become lone surrogates, so that no two files share a text.

    All source files of the shipped release are pure ASCII, so this only matters for other releases.
    """
    return data.decode("utf-8", errors="surrogateescape")


def source_bytes(text: str) -> bytes:
    """The bytes that `source_text` made a text of. Takes any string: surrogates that come from no bytes are encoded as they are."""
    try:
        return text.encode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", errors="surrogatepass")


def source_sha256(text: str) -> str:
    """The sha256 of `source_bytes(text)`, as a file's is written."""
    return sha256(source_bytes(text)).hexdigest()
