import gzip
import io
import lzma
import os
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from laam.corpus import archive
from laam.corpus.archive import ArchiveError, read_tree
from tests.corpus.made_up import TREE, write_tree

Member = tuple[tarfile.TarInfo, bytes]
PACK: dict[str, Callable[[bytes], bytes]] = {"tar": bytes, "tar.gz": gzip.compress, "tar.xz": lzma.compress}


def member(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, target: str = "") -> Member:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(data), kind, target
    return info, data


def tar_bytes(members: list[Member], layout: int = tarfile.GNU_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=layout) as packed:
        for info, data in members:
            packed.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def tree_members(top: str = "linux") -> list[Member]:
    return [member(top, kind=tarfile.DIRTYPE), *(member(path.replace("linux", top, 1), data) for path, data in TREE.items())]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write_file(data: bytes) -> Path:
        file = tmp_path / "source"
        file.write_bytes(data)
        return file

    return write_file


Write = Callable[[bytes], Path]


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("top", ["linux", "./linux", "linux-1.0", "linux-1.0/."])
@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tarball(write: Write, suffix: str, top: str, layout: int) -> None:
    tree = read_tree(write(PACK[suffix](tar_bytes(tree_members(top), layout))))
    assert tree == TREE
    assert list(tree) == sorted(TREE)


@pytest.mark.parametrize("top", ["", "linux", "linux-1.0"])
def test_a_folder(tmp_path: Path, top: str) -> None:
    write_tree(tmp_path / top, {path.removeprefix("linux/"): data for path, data in TREE.items()} | {".git/config": b"made up"})
    assert read_tree(tmp_path) == TREE
    assert read_tree(tmp_path / top) == TREE


def test_long_names_come_whole(write: Write) -> None:
    path = "linux/" + "deep/" * 40 + "a.c"
    for layout in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        assert read_tree(write(tar_bytes([member(path, b"x\n")], layout))) == {path: b"x\n"}


@pytest.mark.parametrize(
    "name",
    ["../evil.c", "linux/../../evil.c", "/linux/evil.c", "linux/a/../evil.c", "linux\\..\\evil.c", "linux/\nevil.c", "linux/\x1b[2Jevil.c"],
)
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_an_unsafe_name_is_refused(write: Write, name: str, kind: bytes) -> None:
    with pytest.raises(ArchiveError, match="evil") as caught:
        read_tree(write(tar_bytes([*tree_members(), member(name, kind=kind)])))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"Z"])
def test_what_is_no_plain_file_is_refused(write: Write, kind: bytes) -> None:
    with pytest.raises(ArchiveError, match="'linux/odd' is a link or a device"):
        read_tree(write(tar_bytes([*tree_members(), member("linux/odd", kind=kind, target="linux/COPYING")])))


def test_a_member_may_not_be_too_large(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MEMBER_LIMIT", 1000)
    assert len(read_tree(write(tar_bytes([member("linux/large.c", b"x" * 1000)])))) == 1
    with pytest.raises(ArchiveError, match=r"'linux/large.c' has 1,001 bytes, over the limit of 1,000"):
        read_tree(write(tar_bytes([member("linux/large.c", b"x" * 1001)])))


def test_a_member_may_not_have_a_negative_size(write: Write) -> None:
    info, _ = member("linux/negative.c")
    info.size = -512
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(ArchiveError):
        read_tree(write(bytes(header) + b"\0" * 1024))


@pytest.mark.parametrize("suffix", PACK)
def test_an_archive_may_not_be_too_large(write: Write, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setattr(archive, "ARCHIVE_LIMIT", 100_000)
    with pytest.raises(ArchiveError, match="more than 100,000 bytes"):
        read_tree(write(PACK[suffix](tar_bytes([member("linux/zeros.c", b"\0" * 200_000)]))))


def test_a_name_may_not_come_twice(write: Write) -> None:
    for again in ("linux/COPYING", "./linux/COPYING", "linux//COPYING", "linux/./COPYING"):
        with pytest.raises(ArchiveError, match="'linux/COPYING' stands in it twice"):
            read_tree(write(tar_bytes([*tree_members(), member(again, b"other")])))


def test_more_than_one_top_folder_is_refused(write: Write) -> None:
    with pytest.raises(ArchiveError, match="2 top folders, such as 'another' and 'linux'"):
        read_tree(write(tar_bytes([*tree_members(), member("another/a.c")])))


@pytest.mark.parametrize("layout", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_cut_tar_never_gives_a_part(write: Write, layout: int) -> None:
    whole = tar_bytes([*tree_members(), member("linux/" + "deep/" * 40 + "a.c", b"x\n" * 900)], layout)
    content = len(whole.rstrip(b"\0"))
    outcomes = set()
    for length in [*range(0, len(whole), 512), *range(100, len(whole), 512), *range(511, len(whole), 512)]:
        try:
            tree = read_tree(write(whole[:length]))
        except ArchiveError as error:
            assert str(error)
            outcomes.add("refused")
        else:
            assert length > content  # only padding was cut
            assert len(tree) == len(TREE) + 1
            outcomes.add("whole")
    assert outcomes == {"refused", "whole"}


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.xz"])
def test_a_cut_compressed_tar_is_always_refused(write: Write, suffix: str) -> None:
    whole = PACK[suffix](tar_bytes(tree_members()))
    for length in range(len(whole)):
        with pytest.raises(ArchiveError):
            read_tree(write(whole[:length]))


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.xz"])
def test_a_flipped_byte_never_gives_another_tree(write: Write, suffix: str) -> None:
    whole = PACK[suffix](tar_bytes(tree_members()))
    for place in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        with suppress(ArchiveError):
            assert read_tree(write(bytes(damaged))) == TREE  # a byte that means nothing, such as gzip's time


def test_a_damaged_header_in_the_middle_is_refused(write: Write) -> None:
    whole = bytearray(tar_bytes(tree_members()))
    place = whole.index(b"linux/kernel/teapot.c")
    whole[place] ^= 0x55
    with pytest.raises(ArchiveError, match=r"damaged or cut short after member 'linux/init/hello.c'"):
        read_tree(write(bytes(whole)))


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"no archive", b"x" * 5000, b"PK\x03\x04" * 300, gzip.compress(b"no archive"), lzma.compress(b"x" * 2000)]
)
def test_not_an_archive(write: Write, data: bytes) -> None:
    with pytest.raises(ArchiveError, match="source"):
        read_tree(write(data))


@pytest.mark.parametrize("members", [[], [member("linux", kind=tarfile.DIRTYPE)]])
def test_an_empty_archive(write: Write, members: list[Member]) -> None:
    with pytest.raises(ArchiveError, match="holds no files"):
        read_tree(write(tar_bytes(members)))


def test_an_empty_folder_and_a_missing_source(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="holds no files"):
        read_tree(tmp_path)
    with pytest.raises(ArchiveError, match="no such file or folder"):
        read_tree(tmp_path / "missing.tar.gz")


def test_a_link_or_a_pipe_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"x\n")
    os.mkfifo(tmp_path / "pipe.c")
    with pytest.raises(ArchiveError, match=r"'pipe.c' is a device or a pipe"):
        read_tree(tmp_path)
    (tmp_path / "pipe.c").unlink()
    (tmp_path / "link.c").symlink_to(tmp_path / "a.c")
    with pytest.raises(ArchiveError, match=r"'link.c' is a link"):
        read_tree(tmp_path)


def test_a_folder_may_not_be_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.c", "b.c"):
        (tmp_path / name).write_bytes(b"x" * 700)
    monkeypatch.setattr(archive, "ARCHIVE_LIMIT", 1000)
    with pytest.raises(ArchiveError, match="more than 1,000 bytes"):
        read_tree(tmp_path)
    monkeypatch.setattr(archive, "MEMBER_LIMIT", 500)
    with pytest.raises(ArchiveError, match=r"'a.c' has 700 bytes"):
        read_tree(tmp_path)
