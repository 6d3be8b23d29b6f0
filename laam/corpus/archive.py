"""Read the Linux 1.0 tree from a release tarball or an unpacked folder, without unpacking anything to disk."""

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MEMBER_LIMIT = 4 * 2**20  # bytes; the largest file of Linux 1.0 has 94,851
ARCHIVE_LIMIT = 64 * 2**20  # bytes over all members; Linux 1.0 has 4.7 million


class ArchiveError(ValueError):
    """A source tree that can't be used. The message names the member or the file at fault."""


def read_tree(source: Path) -> dict[str, bytes]:
    """All regular files of a source tree, by their path from `linux/` on.

    `source` is a `.tar`, `.tar.gz` or `.tar.xz` file, or a folder (the unpacked `linux/`, or the one that holds it).
    Raises ArchiveError for a missing source, a damaged archive, and any member that is unsafe or too large.
    """
    if source.is_dir():
        members = _folder_members(source)
    elif source.is_file():
        members = _tar_members(source)
    else:
        raise ArchiveError(f"{source}: there is no such file or folder; give a linux-1.0 tarball or the unpacked tree")
    tree: dict[str, bytes] = {}
    total = 0
    for path, data in members:
        total += len(data)
        if total > ARCHIVE_LIMIT:
            raise ArchiveError(f"{source}: holds more than {ARCHIVE_LIMIT:,} bytes; this is not Linux 1.0")
        tree[path] = data
    if not tree:
        raise ArchiveError(f"{source}: holds no files")
    return dict(sorted(tree.items()))


def _tar_members(source: Path) -> Iterator[tuple[str, bytes]]:
    name = "the first member"
    try:
        with tarfile.open(source, "r:*") as archive:
            for member in archive:
                name = member.name
                data = _member_bytes(archive, member)
                if data is not None:
                    yield _tree_path(name), data
    except (tarfile.TarError, EOFError, lzma.LZMAError, zlib.error, OSError) as error:
        raise ArchiveError(f"{source}: damaged or not a tar archive, at {name!r}: {error}") from error


def _member_bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    """The member's bytes; None for a folder or a pax header, which have none."""
    parts = PurePosixPath(member.name).parts
    if member.name.startswith("/") or ".." in parts or "\0" in member.name or "\\" in member.name:
        raise ArchiveError(f"member {member.name!r} leaves the tree: refused")
    if member.isdir():
        return None
    if not member.isreg():
        raise ArchiveError(f"member {member.name!r} is a link or a device, not a plain file: refused")
    if member.size > MEMBER_LIMIT:
        raise ArchiveError(f"member {member.name!r} has {member.size:,} bytes, over the limit of {MEMBER_LIMIT:,}: refused")
    stream = archive.extractfile(member)
    data = stream.read() if stream else b""
    if len(data) != member.size:
        raise ArchiveError(f"member {member.name!r} is cut short: {len(data):,} of {member.size:,} bytes")
    return data


def _tree_path(name: str) -> str:
    """A member's name from `linux/` on, whatever the top folder is called."""
    parts = [part for part in PurePosixPath(name).parts if part != "."]
    return "/".join(["linux", *parts[1:]]) if len(parts) > 1 else f"linux/{parts[0]}"


def _folder_members(source: Path) -> Iterator[tuple[str, bytes]]:
    root = source / "linux" if (source / "linux").is_dir() else source
    for file in sorted(root.rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.is_symlink():
            raise ArchiveError(f"{name!r} is a link, not a plain file: refused")
        if not file.is_file():
            continue
        size = file.stat().st_size
        if size > MEMBER_LIMIT:
            raise ArchiveError(f"{name!r} has {size:,} bytes, over the limit of {MEMBER_LIMIT:,}: refused")
        yield f"linux/{name}", file.read_bytes()
