"""The members of an archive: tar in one of its packings, or zip. Never more than the limits is unpacked, and into memory alone."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_ZIP, _TAR, _TAR_AT = b"PK", b"ustar", 257
_HEAD = 512  # bytes that tell what a file is


class ArchiveError(ValueError):
    """A source that can't be used. The message names the member or the file at fault."""


@dataclass(frozen=True)
class Limits:
    """In bytes: of a member, and of all of them together with what the archive adds."""

    member: int
    archive: int


@dataclass(frozen=True)
class Member:
    """A file of a source; without `data`, why it is `skipped`."""

    name: str
    data: bytes | None = None
    skipped: str = ""


def _zstd(file: IO[bytes], size: int) -> bytes:
    import zstandard  # of the extra `train`: who only serves reads no such archive

    try:
        return bytes(zstandard.ZstdDecompressor().stream_reader(file).read(size))
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


_PACKINGS: dict[bytes, Callable[[IO[bytes], int], bytes]] = {
    b"\x1f\x8b": lambda file, size: bytes(gzip.GzipFile(fileobj=file).read(size)),
    b"BZh": lambda file, size: bz2.BZ2File(file).read(size),
    b"\xfd7zXZ\0": lambda file, size: lzma.LZMAFile(file).read(size),  # noqa: SIM115 - the caller closes what it is made of
    b"\x28\xb5\x2f\xfd": _zstd,
}
"""By the first bytes of a packing: what gives at most so many bytes of what is packed."""
_DAMAGED = (EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, OSError, ValueError, OverflowError, RuntimeError)


def is_packed(source: Path) -> bool:
    """Whether a file's first bytes are those of an archive, or of something compressed."""
    with source.open("rb") as file:
        head = file.read(_HEAD)
    return head.startswith((_ZIP, *_PACKINGS)) or head[_TAR_AT:].startswith(_TAR)


def packed_members(source: Path, limits: Limits) -> Iterator[Member]:
    """The files of an archive, by the names that they have there. It is whole, or this raises ArchiveError."""
    with source.open("rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    name = "the first member"
    try:
        for member in _zip_members(source, limits) if is_zip else _tar_members(source, limits):
            name = member.name
            yield member
    except ArchiveError:
        raise
    except _DAMAGED as error:
        raise ArchiveError(f"{source}: damaged or cut short, at {name!r}: {error}") from error


def _tar_members(source: Path, limits: Limits) -> Iterator[Member]:
    raw = io.BytesIO(_uncompressed(source, limits))
    name = "the first member"
    with tarfile.open(fileobj=raw, mode="r:") as archive:
        for member in archive:
            name = member.name
            if not member.isdir():
                yield _tar_member(source, archive, member, limits)
        # tarfile stops without a word at a cut or a damaged header: only a block of zeros is the end.
        raw.seek(archive.offset)
        if raw.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
            raise ArchiveError(f"{source}: damaged or cut short after member {name!r}")


def _tar_member(source: Path, archive: tarfile.TarFile, member: tarfile.TarInfo, limits: Limits) -> Member:
    if member.issym() or member.islnk():
        return Member(member.name, skipped="a link")
    if not member.isreg() or member.issparse():
        return Member(member.name, skipped="a device or a pipe")
    if member.size < 0:
        raise ArchiveError(f"{source}: member {member.name!r} is damaged")
    if member.size > limits.member:
        return Member(member.name, skipped=f"more than {limits.member:,} bytes")
    stream = archive.extractfile(member)
    data = stream.read() if stream else b""
    if len(data) != member.size:
        raise ArchiveError(f"{source}: member {member.name!r} is cut short: {len(data):,} of {member.size:,} bytes")
    return Member(member.name, data)


def _uncompressed(source: Path, limits: Limits) -> bytes:
    """The tar archive itself. It is read to its end, so that a compressed file's own checksum is held against it."""
    with source.open("rb") as file:
        magic = file.read(max(map(len, _PACKINGS)))
        file.seek(0)
        unpack = next((unpack for start, unpack in _PACKINGS.items() if magic.startswith(start)), lambda file, size: file.read(size))
        data = unpack(file, limits.archive + 1)
    if len(data) > limits.archive:
        raise _too_large(source, limits)
    return data


def _zip_members(source: Path, limits: Limits) -> Iterator[Member]:
    total = 0
    with zipfile.ZipFile(source) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if stat.S_ISLNK(info.external_attr >> 16):
                yield Member(info.filename, skipped="a link")
            elif info.flag_bits & 1:
                yield Member(info.filename, skipped="encrypted")
            elif info.file_size > limits.member:
                yield Member(info.filename, skipped=f"more than {limits.member:,} bytes")
            else:
                with archive.open(info) as stream:
                    data = stream.read(limits.member + 1)  # whatever its head says
                total += len(data)
                if total > limits.archive or len(data) > limits.member:
                    raise _too_large(source, limits)
                yield Member(info.filename, data)


def _too_large(source: Path, limits: Limits) -> ArchiveError:
    return ArchiveError(f"{source}: holds more than {limits.archive:,} bytes, more than this program reads; give a part of it")
