"""The catalogue: what is known about each source file, and how a file is found from what someone types."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import PurePosixPath

from laam.corpus.functions import find_functions
from laam.corpus.licences import LicenceTable, licence_of
from laam.corpus.lines import source_text, split_lines
from laam.corpus.names import is_no_source, kernel_folders, may_be_dropped, path_parts, without_top
from laam.corpus.notices import notices_of
from laam.corpus.selection import is_source

QUERY_LIMIT = 1_000  # characters; an address may stand around a path
SUGGESTION_LIMIT = 5
EXAMPLES = 5  # the first files, if there are no others
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
    notices: tuple[str, ...]  # the file's own copyright notices, normalised, in its order; without one, `written by …` if it says so
    source_notices: tuple[str, ...]  # notices of the works that it says it came from, with their names in brackets
    subsystem: str  # `kernel`, `fs`, `fs/ext2`, `drivers/net`
    functions: tuple[str, ...] = ()  # of a C file, as `laam.corpus.functions` writes them

    @property
    def notice(self) -> str:
        """The first of the file's own copyright notices; empty if it has none."""
        return self.notices[0] if self.notices else ""

    @property
    def more_notices(self) -> tuple[str, ...]:
        """All notices in the file but `notice`."""
        return self.notices[1:] + self.source_notices


class UnknownFile(ValueError):  # noqa: N818 - it says what is the matter
    """A query that names no file, or more than one. `suggestions` holds at most five paths; `examples`: files that there are."""

    def __init__(self, query: str, reason: str, suggestions: Iterable[str] = (), examples: Sequence[str] = ()) -> None:
        self.query = query
        self.suggestions: tuple[str, ...] = tuple(suggestions)[:SUGGESTION_LIMIT]
        hint = f"; did you mean {', '.join(self.suggestions)}?" if self.suggestions else f"; try {' or '.join(examples[:2])}"
        super().__init__(f"{_quote(query)} {reason}{hint if self.suggestions or examples else ''}")


class Catalog:
    """The source files of a tree, in the order of their paths. `files` maps each path to its facts; `examples`: some to try first, without
    the top folder, which is `root`.

    `top_folders`: what may stand before a path that is asked for, in lower case. `title`: the release, as messages name it. `only_source`:
    whether what is no source, such as COPYING, was left out of the tree.
    """

    def __init__(
        self,
        files: Iterable[SourceFile],
        top_folders: Collection[str] = (),
        title: str = "this release",
        examples: Iterable[str] = (),
        *,
        only_source: bool = True,
    ) -> None:
        self.files: dict[str, SourceFile] = {file.path: file for file in files}
        self.root = next(iter(self.files), "linux/").partition("/")[0]
        self._top_folders, self._title = {self.root.lower(), *top_folders}, title
        self._only_source = only_source
        there = [path for path in examples if f"{self.root}/{path}" in self.files]
        self.examples = tuple(there or map(without_top, list(self.files)[:EXAMPLES]))

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[SourceFile]:
        return iter(self.files.values())

    @cached_property
    def usual_name(self) -> str:
        """A name like most files have, by which a text of unknown origin is coloured."""
        [(suffix, _)] = Counter(PurePosixPath(path).suffix.lower() for path in self.files).most_common(1)
        return f"emission{suffix}"

    def find(self, query: str) -> SourceFile:
        """The one file that `query` names: a path with or without its top folder, the end of a path, a base name; or something that
        has one of these in it, see laam.corpus.names. Whole paths win over ends of paths, and the case decides only where it must.

        Raises UnknownFile with suggestions.
        """
        if query in self.files:
            return self.files[query]
        parts = self._parts(query)
        for start in range(max(1, len(parts) - 1)):  # a base name alone says too little where more was given
            if may_be_dropped(parts[:start]) and (file := self._named(query, "/".join(parts[start:]))):
                return file
        inside = self._files_in(parts)
        if inside:
            raise UnknownFile(query, f"is a folder with {len(inside)} files, not a file", inside)
        if file := self._without_suffix(query, "/".join(self._below_top(parts))):
            return file
        if self._only_source and is_no_source(parts):
            raise self._unknown(query, f"is no source file of {self._title}, nor is any other COPYING, Makefile or README")
        raise self._unknown(query, self._missing(parts), self._near(parts))

    def path_as_named(self, query: str) -> str:
        """The whole path that a file of this very name would have. Raises UnknownFile for what can't be a name."""
        return "/".join([self.root, *self._below_top(self._parts(query))])

    def _named(self, query: str, name: str) -> SourceFile | None:
        """The file whose path is `name`, or ends in it; None where there is none. Raises UnknownFile where there are several."""
        found = [path for path in self.files if f"/{path.lower()}".endswith(f"/{name.lower()}")]
        tops = {f"{top}/{name}".lower() for top in self._top_folders} | {name.lower()}
        whole = [path for path in found if path.lower() in tops]
        exact = [path for path in whole or found if path.endswith(name)]
        for choice in (exact, whole, found):
            if len(choice) == 1:
                return self.files[choice[0]]
        return self._only(query, found)

    def _only(self, query: str, found: Sequence[str]) -> SourceFile | None:
        """The file of the only path; None if there is none. Raises UnknownFile where there are several, in the fewest folders first."""
        if len(found) > 1:
            first = sorted(found, key=lambda path: path.count("/"))
            raise UnknownFile(query, f"is the name of {len(found)} files, so give more of its path", first)
        return self.files[found[0]] if found else None

    def _without_suffix(self, query: str, name: str) -> SourceFile | None:
        """The only file of that name, but for its suffix, which `name` lacks or has as an object file has it. Raises as `_only`."""
        stem = name.removesuffix(".o").lower()
        found = [path for path in self.files if f"/{path.lower().rpartition('.')[0]}".endswith(f"/{stem}")]
        return self._only(query, found)

    def _missing(self, parts: list[str]) -> str:
        """Why a path names no file: the first of its folders that isn't there, or the file itself."""
        folders = kernel_folders(parts)
        for depth in range(1, len(folders) + 1):
            if not self._files_in(folders[:depth]):
                return f"names no file: {self._title} has no {_escaped('/'.join(folders[:depth]))}"
        return f"names no file of {self._title}"

    def _files_in(self, parts: list[str]) -> list[str]:
        folder = "/".join([self.root, *self._below_top(parts)]).lower() + "/"
        return [path for path in self.files if path.lower().startswith(folder)]

    def _near(self, parts: list[str]) -> list[str]:
        """Paths that look like the query, and paths whose base name looks like its last part, nearest first."""
        paths_of: dict[str, list[str]] = {}
        for path in self.files:
            for name in {without_top(path).lower(), PurePosixPath(path).name.lower()}:
                paths_of.setdefault(name, []).append(path)
        near: dict[str, None] = {}
        for name in dict.fromkeys(["/".join(self._below_top(parts)).lower(), parts[-1].lower()]):
            for match in get_close_matches(name, paths_of, n=SUGGESTION_LIMIT):
                near.update(dict.fromkeys(paths_of[match]))
        return list(near)

    def _parts(self, query: str) -> list[str]:
        """The parts of the path that somebody typed or pasted. Raises UnknownFile for what can't be one."""
        if len(query) > QUERY_LIMIT:
            raise self._unknown(query, f"has {len(query):,} characters, and no name needs more than {QUERY_LIMIT:,}")
        parts = path_parts(query)
        if not parts:
            raise self._unknown(query, "names no file")
        if not "".join(parts).isprintable():
            raise self._unknown(query, "holds a character that no path has")
        return parts

    def _unknown(self, query: str, reason: str, suggestions: Iterable[str] = ()) -> UnknownFile:
        return UnknownFile(query, reason, suggestions, self.examples)

    def _below_top(self, parts: list[str]) -> list[str]:
        return parts[1:] if len(parts) > 1 and parts[0].lower() in self._top_folders else parts


def catalogue_tree(tree: Mapping[str, bytes], licences: LicenceTable, paths: Iterable[str] | None = None) -> list[SourceFile]:
    """The source files of a tree (bytes by path from its top folder on), sorted by path: those that the published models were trained on,
    or else `paths`. `licences`: the table of its release."""
    return [describe_file(path, tree[path], licences) for path in sorted(filter(is_source, tree) if paths is None else paths)]


def describe_file(path: str, data: bytes, licences: LicenceTable) -> SourceFile:
    """The facts about one file, computed from its bytes."""
    text = source_text(data)
    name = without_top(path)
    licence, notices = licence_of(name, text, licences), notices_of(name, text)
    return SourceFile(
        path=path,
        size=len(data),
        lines=len(split_lines(text)),
        sha256=sha256(data).hexdigest(),
        licence=licence.expression,
        licence_place=licence.place,
        unsettled=licence.unsettled,
        notices=notices.own if notices.has_holder else licences.holders.get(name, notices.own),
        source_notices=notices.others,
        subsystem=subsystem_of(path),
        functions=find_functions(path, data),
    )


def subsystem_of(path: str) -> str:
    """The folder that names a file's subsystem: one level, or two below `drivers`, `fs`, `include` and `net`."""
    folders = path.split("/")[1:-1]
    if not folders:
        return path.partition("/")[0]  # directly in the top folder
    return "/".join(folders[: 2 if folders[0] in _DEEP_FOLDERS else 1])


def _escaped(text: str) -> str:
    return text if text.isprintable() and len(text) <= _SHOWN_CHARACTERS else _quote(text)


def _quote(query: str) -> str:
    """The query as a message may show it: quoted, control characters escaped, cut."""
    shown = repr(query[:_SHOWN_CHARACTERS])
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[: _SHOWN_CHARACTERS - 2]}…{shown[-1]}"
