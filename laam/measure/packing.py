"""Archives of a release from which some files were dropped: how many bytes they take, and what they give back."""

import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

ORDERS = ("smallest", "largest", "random")  # which files are dropped first
PERCENTS = tuple(range(0, 101, 5))


class Step(NamedTuple):
    """`percent` of the files were dropped; `files` are left, with `characters` bytes in all. `tar`, `gz`, `xz`: the archive, in bytes."""

    percent: int
    files: int
    characters: int
    tar: int
    gz: int
    xz: int


def kept_files(sizes: Mapping[str, int], order: str, percent: int, seed: int) -> list[str]:
    """The paths that are left when `percent` of the files were dropped, rounded down, the `order` first; sorted by path.

    `sizes`: bytes by path. `seed` draws the random order, in which each step drops the files of the one before and some more.
    """
    paths = sorted(sizes)
    if order == "random":
        Random(seed).shuffle(paths)
    else:
        paths.sort(key=lambda path: (sizes[path] if order == "smallest" else -sizes[path], path))
    return sorted(paths[len(paths) * percent // 100 :])


def pack_tar(files: Mapping[str, bytes]) -> bytes:
    """A tar archive of files by path, without dates and owners: the same files give the same bytes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return raw.getvalue()


def xz_bytes(data: bytes) -> int:
    """The size of what `xz -9e` makes of `data`."""
    return len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def gz_bytes(data: bytes) -> int:
    """The size of what `gzip -9n` makes of `data`."""
    return len(gzip.compress(data, 9, mtime=0))


def pack_steps(tree: Mapping[str, bytes], order: str, seed: int, percents: Sequence[int] = PERCENTS) -> Iterator[Step]:
    """A Step for each of `percents`, as it is measured. `tree`: the files of the release by path."""
    sizes = {path: len(data) for path, data in tree.items()}
    for percent in percents:
        kept = {path: tree[path] for path in kept_files(sizes, order, percent, seed)}
        tar = pack_tar(kept)
        yield Step(percent, len(kept), sum(map(len, kept.values())), len(tar), gz_bytes(tar), xz_bytes(tar))
