"""Which files of a tree count as source, and which of those a pattern selects."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

# The endings of the files that the published models were trained on, in upper or lower case.
SOURCE_SUFFIXES = frozenset([".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++", ".s", ".rs", ".txt"])


def is_source(path: str) -> bool:
    """Whether the published models were trained on files named like this one: not COPYING, no Makefile, no README."""
    return PurePosixPath(path).suffix.lower() in SOURCE_SUFFIXES


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
            raise ValueError(f"{option} {pattern!r} names no source file; try a folder such as 'kernel/' or a glob such as 'fs/*.c'")
        chosen.update(found)
    return [path for path in paths if path in chosen]


def _matches(path: str, pattern: str) -> bool:
    root = f"{path.partition('/')[0]}/"
    full = pattern if pattern.startswith(root) else root + pattern
    if full.endswith("/"):
        return path.startswith(full)
    path_parts, pattern_parts = path.split("/"), full.split("/")
    return len(path_parts) == len(pattern_parts) and all(map(fnmatchcase, path_parts, pattern_parts))
