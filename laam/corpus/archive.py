"""Read a source – an archive, a folder, a single file – into memory, without unpacking anything to disk.

What can't be taken, such as a link, is left out and named. What would be dangerous or endless is refused as a whole.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from laam.corpus.packed import ArchiveError, Limits, Member, is_packed, packed_members
from laam.corpus.selection import as_utf8
from laam.faults import brief

MEMBER_LIMIT = 4 * 2**20  # bytes; the largest source file of the shipped release has 94,851
ARCHIVE_LIMIT = 64 * 2**20  # bytes, of the uncompressed archive and of all files that are read; the shipped release has 4.7 million
FILE_LIMIT = 20_000  # files
VERSION_CONTROL = (".git", ".hg", ".svn")
"""Folders that aren't part of a tree: a clone is as good as an unpacked tarball. Nor is an exhibit, which may lie beside its source."""
EXHIBIT_SUFFIX = ".exhibit"
NO_PERMISSION = "no permission"

__all__ = ["ArchiveError", "Members", "read_members", "read_tree"]


@dataclass(frozen=True)
class Members:
    """What a source holds. `files`: bytes by path, below the one top folder if there is one; `skipped`: by name, why one isn't taken."""

    files: Mapping[str, bytes]
    skipped: Mapping[str, str]


def read_tree(source: Path, root: str = "linux") -> dict[str, bytes]:
    """All files of a source, by their path from `root/` on. Raises ArchiveError as `read_members` does."""
    return {f"{root}/{path}": data for path, data in read_members(source).files.items()}


def read_members(source: Path, wanted: Callable[[str], bool] = lambda _: True) -> Members:
    """The files of a `.tar` (`.gz`, `.bz2`, `.xz`, `.zst`), a `.zip` (a wheel is one), a folder, or a single text file.

    `wanted`: which files of a folder are read at all, by their path in it. The one folder that all others lie in isn't part of a path.
    Raises ArchiveError for a source that is missing, damaged, empty or too large, or has a member that would leave the tree.
    """
    limits = Limits(MEMBER_LIMIT, ARCHIVE_LIMIT)
    try:
        if source.is_dir():
            found = list(_folder_members(source, wanted))
        elif source.is_file():
            found = list(packed_members(source, limits) if is_packed(source) else _single(source))
        else:
            raise ArchiveError(f"{source}: there is no such file or folder; give an archive, a folder or a text file")
    except OSError as error:
        raise ArchiveError(f"{source}: can't be read: {error.strerror if error.filename == str(source) else brief(error)}") from error
    members: dict[str, Member] = {}
    for member in found:
        _check_name(source, member.name)
        path = PurePosixPath(member.name).as_posix()  # without `.` and double slashes
        if path in members:
            raise ArchiveError(f"{source}: {path!r} stands in it twice: refused")
        members[path] = member if _is_printable(path) else Member(repr(path), skipped="a name with signs that can't be shown")
    files = {path: member.data for path, member in members.items() if member.data is not None}
    if len(files) > FILE_LIMIT or sum(map(len, files.values())) > ARCHIVE_LIMIT:
        raise _too_large(source)
    skipped = {member.name: member.skipped for member in members.values() if member.skipped}
    if not files:
        why = f" that are read: {next(iter(skipped))!r} is {next(iter(skipped.values()))}" if skipped else ""
        raise ArchiveError(f"{source}: holds no files{why}; give an archive, a folder or a text file")
    return Members(dict(sorted(_below_top_folder(files).items())), skipped)


def _below_top_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Without the one folder in which all files lie, whatever it is called."""
    tops = {path.partition("/")[0] for path in files if "/" in path}
    if len(tops) == 1 and all("/" in path for path in files):
        return {path.partition("/")[2]: data for path, data in files.items()}
    return dict(files)


def _single(source: Path) -> Iterator[Member]:
    if (size := source.stat().st_size) > MEMBER_LIMIT:
        raise ArchiveError(f"{source}: has {size:,} bytes, and a single file may have {MEMBER_LIMIT:,}; give an archive or a folder")
    data = source.read_bytes()
    if not data or as_utf8(data) is None:
        what = "is neither text nor an archive that is read" if data else "is empty"
        raise ArchiveError(f"{source}: {what}; give an archive, a folder or a text file")
    yield Member(source.name, data)


def _folder_members(source: Path, wanted: Callable[[str], bool]) -> Iterator[Member]:
    """What may not be read is left out, but for the folder itself, of which this raises OSError."""
    total = files = 0
    top = _unpacked(source)
    closed: list[OSError] = []
    for folder, names, file_names in os.walk(top, onerror=closed.append):
        names[:] = sorted(name for name in names if name not in VERSION_CONTROL and not name.endswith(EXHIBIT_SUFFIX))
        for file in (Path(folder, name) for name in (*sorted(file_names), *names)):
            if member := _folder_member(file, file.relative_to(top).as_posix(), wanted):
                yield member
                total, files = total + len(member.data or b""), files + (member.data is not None)
                if total > ARCHIVE_LIMIT or files > FILE_LIMIT:
                    raise _too_large(source)
    for error in closed:
        if not isinstance(error, PermissionError) or Path(error.filename) == top:
            raise error
        yield Member(f"{Path(error.filename).relative_to(top).as_posix()}/", skipped=NO_PERMISSION)


def _folder_member(file: Path, name: str, wanted: Callable[[str], bool]) -> Member | None:
    """A file of a folder, or why it isn't taken; None for a folder, and for what isn't wanted."""
    try:
        if file.is_symlink():
            return Member(name, skipped="a link")
        if file.is_dir() or not wanted(name):
            return None
        if not file.is_file():
            return Member(name, skipped="a device or a pipe")
        if file.stat().st_size > MEMBER_LIMIT:
            return Member(name, skipped=f"more than {MEMBER_LIMIT:,} bytes")
        return Member(name, file.read_bytes())
    except PermissionError:
        return Member(name, skipped=NO_PERMISSION)


def _unpacked(source: Path) -> Path:
    """The folder itself, or the only kernel that lies in it, beside whatever."""
    tops = [folder for folder in (*source.glob("linux"), *source.glob("linux-[0-9]*")) if folder.is_dir()]
    others = [folder for folder in source.iterdir() if folder.is_dir()]
    return tops[0] if len(tops) == 1 and tops == others else source


def _too_large(source: Path) -> ArchiveError:
    return ArchiveError(
        f"{source}: holds more than {ARCHIVE_LIMIT:,} bytes or {FILE_LIMIT:,} files, more than this program reads; "
        "give a part of it, or leave folders out, as in --exclude 'node_modules/'"
    )


def _check_name(source: Path, name: str) -> None:
    if name.startswith("/") or ".." in name.replace("\\", "/").split("/"):
        raise ArchiveError(f"{source}: member {name!r} leaves the tree: refused")


def _is_printable(path: str) -> bool:
    return path.isprintable() and "\\" not in path
