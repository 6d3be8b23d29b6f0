"""The catalogue: what is known about each source file, and how a file is found from what someone types."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import PurePosixPath

from laam.corpus.licences import LicenceTable, licence_of
from laam.corpus.lines import source_text, split_lines
from laam.corpus.notices import notices_of
from laam.corpus.selection import is_source

QUERY_LIMIT = 200  # characters; the longest path of the shipped release has 36
SUGGESTION_LIMIT = 5
_SHOWN_CHARACTERS = 80  # of a query, in an error message
_DEEP_FOLDERS = frozenset({"drivers", "fs", "include", "net"})  # each holds several subsystems


@dataclass(frozen=True)
class SourceFile:
    """Facts about one source file; none of its text."""

    path: str  # from the top folder on: `linux/kernel/sched.c`
    size: int  # bytes
    lines: int
    sha256: str  # hexadecimal, of the whole file
    licence: str  # an SPDX expression
    licence_place: str  # of the words that decided it, without the top folder: `COPYING`, `kernel/x.c:9`
    unsettled: str  # what could not be decided about the licence, as a sentence; mostly empty
    notices: tuple[str, ...]  # the file's own copyright notices, normalised, in its order
    source_notices: tuple[str, ...]  # notices of the works that it says it came from, with their names in brackets
    subsystem: str  # `kernel`, `fs`, `fs/ext2`, `drivers/net`

    @property
    def notice(self) -> str:
        """The first of the file's own copyright notices; empty if it has none."""
        return self.notices[0] if self.notices else ""

    @property
    def more_notices(self) -> tuple[str, ...]:
        """All notices in the file but `notice`."""
        return self.notices[1:] + self.source_notices


class UnknownFile(ValueError):  # noqa: N818 - it says what is the matter
    """A query that names no file, or more than one. `suggestions` holds at most five paths."""

    def __init__(self, query: str, reason: str, suggestions: Iterable[str] = ()) -> None:
        self.query = query
        self.suggestions: tuple[str, ...] = tuple(suggestions)[:SUGGESTION_LIMIT]
        hint = f"did you mean {', '.join(self.suggestions)}?" if self.suggestions else "`python -m laam corpus` lists every file"
        super().__init__(f"{_quote(query)} {reason}; {hint}")


class Catalog:
    """The source files of a tree, in the order of their paths. `files` maps each path to its facts.

    `top_folders`: what may stand before a path that is asked for, in lower case.
    """

    def __init__(self, files: Iterable[SourceFile], top_folders: Collection[str] = ("linux",)) -> None:
        self.files: dict[str, SourceFile] = {file.path: file for file in files}
        self._top_folders = top_folders

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[SourceFile]:
        return iter(self.files.values())

    def find(self, query: str) -> SourceFile:
        """The one file that `query` names: a path with or without its top folder, the end of a path, or a base name.

        Case, backslashes, doubled slashes and white space around it don't matter. Raises UnknownFile with suggestions.
        """
        if query in self.files:
            return self.files[query]
        parts = _query_parts(query)
        for name in dict.fromkeys(["/".join(["linux", *self._below_top(parts)]), "/".join(parts), "/".join(self._below_top(parts))]):
            found = [path for path in self.files if f"/{path.lower()}".endswith(f"/{name.lower()}")]
            whole = [path for path in found if len(path) == len(name)]
            exact = [path for path in found if path.endswith(name)]
            for choice in (whole, exact, found):
                if len(choice) == 1:
                    return self.files[choice[0]]
            if found:
                raise UnknownFile(query, f"is the name of {len(found)} files, so give more of its path", found)
        inside = self._files_in(parts)
        if inside:
            raise UnknownFile(query, f"is a folder with {len(inside)} source files, not a file", inside)
        raise UnknownFile(query, "names no file of the catalogue", self._near(parts))

    def _files_in(self, parts: list[str]) -> list[str]:
        folder = "/".join(["linux", *self._below_top(parts)]).lower() + "/"
        return [path for path in self.files if path.lower().startswith(folder)]

    def _near(self, parts: list[str]) -> list[str]:
        """Paths that look like the query, and paths whose base name looks like its last part, nearest first."""
        paths_of: dict[str, list[str]] = {}
        for path in self.files:
            for name in {path.lower().removeprefix("linux/"), PurePosixPath(path).name.lower()}:
                paths_of.setdefault(name, []).append(path)
        near: dict[str, None] = {}
        for name in dict.fromkeys(["/".join(self._below_top(parts)).lower(), parts[-1].lower()]):
            for match in get_close_matches(name, paths_of, n=SUGGESTION_LIMIT):
                near.update(dict.fromkeys(paths_of[match]))
        return list(near)

    def _below_top(self, parts: list[str]) -> list[str]:
        return parts[1:] if len(parts) > 1 and parts[0].lower() in self._top_folders else parts


def catalogue_tree(tree: dict[str, bytes], licences: LicenceTable) -> list[SourceFile]:
    """The source files of a tree (bytes by path from `linux/` on), sorted by path. `licences`: the table of its release."""
    return [describe_file(path, tree[path], licences) for path in sorted(tree) if is_source(path)]


def describe_file(path: str, data: bytes, licences: LicenceTable) -> SourceFile:
    """The facts about one file, computed from its bytes."""
    text = source_text(data)
    name = path.partition("/")[2]
    licence, notices = licence_of(name, text, licences), notices_of(name, text)
    return SourceFile(
        path=path,
        size=len(data),
        lines=len(split_lines(text)),
        sha256=sha256(data).hexdigest(),
        licence=licence.expression,
        licence_place=licence.place,
        unsettled=licence.unsettled,
        notices=notices.own,
        source_notices=notices.others,
        subsystem=subsystem_of(path),
    )


def subsystem_of(path: str) -> str:
    """The folder that names a file's subsystem: one level, or two below `drivers`, `fs`, `include` and `net`."""
    folders = path.split("/")[1:-1]
    if not folders:
        return "linux"  # directly in the top folder
    return "/".join(folders[: 2 if folders[0] in _DEEP_FOLDERS else 1])


def _query_parts(query: str) -> list[str]:
    """The parts of a typed path. Raises UnknownFile for text that can't be a path."""
    text = query.strip() if len(query) <= QUERY_LIMIT else query
    if len(text) > QUERY_LIMIT:
        raise UnknownFile(query, f"has {len(query):,} characters, and no path has more than {QUERY_LIMIT}")
    if not text.isprintable():
        raise UnknownFile(query, "holds a character that no path has")
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts:
        raise UnknownFile(query, "names no file: type a path such as kernel/sched.c")
    return parts


def _quote(query: str) -> str:
    """The query as a message may show it: quoted, cut, with control characters escaped."""
    shown = repr(query[:_SHOWN_CHARACTERS])
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[: _SHOWN_CHARACTERS - 2]}…{shown[-1]}"
