"""Read the tree of a release from a release tarball or an unpacked folder, without unpacking anything to disk."""

import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MEMBER_LIMIT = 4 * 2**20  # bytes; the largest source file of the shipped release has 94,851
ARCHIVE_LIMIT = 64 * 2**20  # bytes, of the uncompressed archive and of all its files; the shipped release has 4.7 million

_GZIP_MAGIC, _XZ_MAGIC = b"\x1f\x8b", b"\xfd7zXZ\0"


class ArchiveError(ValueError):
    """A source tree that can't be used. The message names the member or the file at fault."""


def read_tree(source: Path) -> dict[str, bytes]:
    """All regular files of a source tree, by their path from `linux/` on.

    `source` is a `.tar`, `.tar.gz` or `.tar.xz` file, or a folder (the unpacked `linux/`, or the one that holds it).
    Raises ArchiveError for a missing source, a damaged archive, and any member that is unsafe or too large.
    """
    try:
        if source.is_dir():
            members = list(_folder_members(source))
        elif source.is_file():
            members = _below_top_folder(source, list(_tar_members(source)))
        else:
            raise ArchiveError(f"{source}: there is no such file or folder; give a release tarball or the unpacked tree")
    except OSError as error:
        raise ArchiveError(f"{source}: can't be read: {error}") from error
    tree: dict[str, bytes] = {}
    for path, data in members:
        if path in tree:
            raise ArchiveError(f"{source}: {path!r} stands in it twice: refused")
        tree[path] = data
    if not tree:
        raise ArchiveError(f"{source}: holds no files; give a release tarball or the unpacked tree")
    return dict(sorted(tree.items()))


def _tar_members(source: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the regular members. The archive is whole, or this raises ArchiveError."""
    raw = io.BytesIO(_uncompress(source))
    name = "the first member"
    try:
        with tarfile.open(fileobj=raw, mode="r:") as archive:
            for member in archive:
                name = member.name
                data = _member_bytes(source, archive, member)
                if data is not None:
                    yield name, data
            # tarfile stops without a word at a cut or a damaged header: only a block of zeros is the end.
            raw.seek(archive.offset)
            if raw.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
                raise ArchiveError(f"{source}: damaged or cut short after member {name!r}")
    except ArchiveError:
        raise
    except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError) as error:
        raise ArchiveError(f"{source}: damaged or not a tar archive, at {name!r}: {error}") from error


def _uncompress(source: Path) -> bytes:
    """The tar archive itself. It is read to its end, so that a compressed file's own checksum is held against it."""
    with source.open("rb") as file:
        magic = file.read(len(_XZ_MAGIC))
        file.seek(0)
        try:
            with gzip.open(file) if magic.startswith(_GZIP_MAGIC) else lzma.open(file) if magic == _XZ_MAGIC else file as stream:
                data = stream.read(ARCHIVE_LIMIT + 1)
        except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
            raise ArchiveError(f"{source}: damaged or cut short: {error}") from error
    if len(data) > ARCHIVE_LIMIT:
        raise ArchiveError(f"{source}: holds more than {ARCHIVE_LIMIT:,} bytes, more than this program reads")
    return data


def _member_bytes(source: Path, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    """The member's bytes; None for a folder, which has none."""
    _check_name(source, member.name)
    if member.isdir():
        return None
    if not member.isreg() or member.issparse():
        raise ArchiveError(f"{source}: member {member.name!r} is a link or a device, not a plain file: refused")
    _check_size(source, member.name, member.size)
    stream = archive.extractfile(member)
    data = stream.read() if stream else b""
    if len(data) != member.size:
        raise ArchiveError(f"{source}: member {member.name!r} is cut short: {len(data):,} of {member.size:,} bytes")
    return data


def _below_top_folder(source: Path, members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Members named from `linux/` on, whatever the archive's one top folder is called."""
    named = [([part for part in PurePosixPath(name).parts if part != "."], data) for name, data in members]
    tops = sorted({parts[0] for parts, _ in named if len(parts) > 1})
    if len(tops) > 1:
        raise ArchiveError(f"{source}: has {len(tops)} top folders, such as {tops[0]!r} and {tops[1]!r}; pack the one folder linux/")
    return [("/".join(["linux", *(parts[1:] if len(parts) > 1 else parts)]), data) for parts, data in named]


def _folder_members(source: Path) -> Iterator[tuple[str, bytes]]:
    tops = sorted(folder for folder in (*source.glob("linux"), *source.glob("linux-[0-9]*")) if folder.is_dir())
    root = tops[0] if tops else source
    total = 0
    for file in sorted(root.rglob("*")):
        name = file.relative_to(root).as_posix()
        if name.startswith(".git/") or name == ".git":
            continue  # a clone is as good as an unpacked tarball
        _check_name(source, name)
        if file.is_symlink():
            raise ArchiveError(f"{source}: {name!r} is a link, not a plain file: refused")
        if file.is_dir():
            continue
        if not file.is_file():
            raise ArchiveError(f"{source}: {name!r} is a device or a pipe, not a plain file: refused")
        size = file.stat().st_size
        _check_size(source, name, size)
        total += size
        if total > ARCHIVE_LIMIT:
            raise ArchiveError(f"{source}: holds more than {ARCHIVE_LIMIT:,} bytes, more than this program reads")
        yield f"linux/{name}", file.read_bytes()


def _check_name(source: Path, name: str) -> None:
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        raise ArchiveError(f"{source}: member {name!r} leaves the tree: refused")
    if not name.isprintable():
        raise ArchiveError(f"{source}: member {name!r} has a character that no file of a kernel has in its name: refused")


def _check_size(source: Path, name: str, size: int) -> None:
    if not 0 <= size <= MEMBER_LIMIT:
        raise ArchiveError(f"{source}: member {name!r} has {size:,} bytes, over the limit of {MEMBER_LIMIT:,}: refused")
