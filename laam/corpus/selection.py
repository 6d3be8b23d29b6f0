"""Which files of a tree count as source, and which of those a pattern selects."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from laam.corpus.lines import LINE_LIMIT, split_lines
from laam.corpus.names import without_top

# The endings of the files that the published models were trained on, in upper or lower case.
SOURCE_SUFFIXES = frozenset([".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++", ".s", ".rs", ".txt"])
EXCLUDED, NO_TEXT, EMPTY, LONG_LINE = "excluded", "not text", "empty", f"with a line of more than {LINE_LIMIT:,} characters"
_CONTROLS = frozenset(range(32)) - set(b"\t\n\r\f\v\x1b\b\a") | {127}
"""The bytes below 128 that no text has, but for what terminals and printers once read."""


def is_source(path: str) -> bool:
    """Whether the published models were trained on files named like this one: not COPYING, no Makefile, no README."""
    return PurePosixPath(path).suffix.lower() in SOURCE_SUFFIXES


@dataclass(frozen=True)
class Selection:
    """The text files of a tree. `files`: as UTF-8, by path; `left_out`: how many of the others there are, by what they are;
    `from_latin_1`: those that were in Latin-1; `text_bytes`: of all text that there is, taken or not."""

    files: Mapping[str, bytes]
    left_out: Mapping[str, int] = field(default_factory=dict)
    from_latin_1: Sequence[str] = ()
    text_bytes: int = 0

    @property
    def bytes(self) -> int:
        """Of the files that are taken."""
        return sum(map(len, self.files.values()))

    @property
    def is_less_than_half(self) -> bool:
        """Whether it has fewer than half of the bytes of all text."""
        return 2 * self.bytes < self.text_bytes


def select_text(files: Mapping[str, bytes], wanted: Callable[[str], bool] = lambda _: True) -> Selection:
    """Every file with text in it that is `wanted`, by its path."""
    taken, left_out, latin_1, text_bytes = {}, Counter[str](), [], 0
    for path, data in files.items():
        text = as_utf8(data)
        text_bytes += len(text or b"")
        if not wanted(path):
            left_out[EXCLUDED] += 1
        elif text is None:
            left_out[PurePosixPath(path).suffix.lower() or NO_TEXT] += 1
        elif not text:
            left_out[EMPTY] += 1
        elif any(len(line) > LINE_LIMIT for line in split_lines(text.decode())):
            left_out[LONG_LINE] += 1
        else:
            taken[path] = text
            if text != data:
                latin_1.append(path)
    return Selection(taken, left_out, latin_1, text_bytes)


def as_utf8(data: bytes) -> bytes | None:
    """A text's bytes in UTF-8: its own, or else those of Latin-1 text made anew; None for what is no text.

    Text has no control character but those of layout. In Latin-1, which any bytes could be, at most three of ten stand above 127, and none
    where Latin-1 has more control characters.
    """
    if _CONTROLS & set(data):
        return None
    try:
        data.decode()
        return data
    except UnicodeDecodeError:
        high = sum(byte > 127 for byte in data)
        return None if any(127 < byte < 160 for byte in data) or 10 * high > 3 * len(data) else data.decode("latin-1").encode()


def wanted_by(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path is wanted, by patterns in the syntax of .gitignore: `include` names those that are, all if there is none; of those,
    `exclude` names the ones that aren't."""
    if not (include or exclude):
        return lambda _: True
    from pathspec import GitIgnoreSpec  # of the extra `train`: a manifest says what was taken

    taken, refused = GitIgnoreSpec.from_lines(include or ["*"]), GitIgnoreSpec.from_lines(exclude)
    return lambda path: taken.match_file(path) and not refused.match_file(path)


def select_paths(paths: Iterable[str], patterns: Iterable[str], option: str = "--select") -> list[str]:
    """The paths that any pattern names, in the order of `paths`.

    A pattern that ends in `/` names everything below a folder; any other is matched part by part, so `fs/*.c` names
    the C files directly in `fs/`. The top folder may be left out. Raises ValueError, which names the `option`, for a pattern that
    names nothing.
    """
    paths = list(paths)
    chosen: set[str] = set()
    for pattern in patterns:
        found = [path for path in paths if pattern and _matches(path, pattern)]
        if not found:
            patterns = " or ".join(map(repr, example_patterns(without_top(paths[0])))) if paths else "another"
            raise ValueError(f"{option} {pattern!r} names no file of the exhibit; try a folder or a glob, such as {patterns}")
        chosen.update(found)
    return [path for path in paths if path in chosen]


def example_patterns(file: str) -> list[str]:
    """The folder of a file, if it is in one, and a glob for files like it: patterns that `select_paths` takes. `file`: without the top
    folder."""
    path = PurePosixPath(file)
    folders = [f"{path.parts[0]}/"] if len(path.parts) > 1 else []
    return [*folders, path.with_name(f"*{path.suffix}").as_posix()]


def _matches(path: str, pattern: str) -> bool:
    root = f"{path.partition('/')[0]}/"
    full = pattern if pattern.startswith(root) else root + pattern
    if full.endswith("/"):
        return path.startswith(full)
    path_parts, pattern_parts = path.split("/"), full.split("/")
    return len(path_parts) == len(pattern_parts) and all(map(fnmatchcase, path_parts, pattern_parts))
