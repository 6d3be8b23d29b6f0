import bz2
import errno
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from laam.corpus import archive
from laam.corpus.archive import ArchiveError, read_members, read_tree
from laam.corpus.sealing import read_source
from tests.corpus.made_up import TREE, write_tree

Member = tuple[tarfile.TarInfo, bytes]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar.zst": zstandard.compress,
}


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
    ["../evil.c", "linux/../../evil.c", "/linux/evil.c", "linux/a/../evil.c", "linux\\..\\evil.c", "\x1b[2J/../evil.c"],
)
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE])
def test_an_unsafe_name_is_refused(write: Write, name: str, kind: bytes) -> None:
    with pytest.raises(ArchiveError, match="evil") as caught:
        read_tree(write(tar_bytes([*tree_members(), member(name, kind=kind)])))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"Z"])
def test_what_is_no_plain_file_is_left_out_and_named(write: Write, kind: bytes) -> None:
    found = read_members(write(tar_bytes([*tree_members(), member("linux/odd", kind=kind, target="linux/COPYING")])))
    assert {f"linux/{path}": data for path, data in found.files.items()} == TREE
    assert found.skipped == {"linux/odd": "a link" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else "a device or a pipe"}


def test_a_name_that_can_t_be_shown_is_left_out(write: Write) -> None:
    found = read_members(write(tar_bytes([*tree_members(), member("linux/\x1b[2J.c", b"x")])))
    assert len(found.files) == len(TREE)
    assert list(found.skipped) == ["'linux/\\x1b[2J.c'"]


def test_a_member_may_not_be_too_large(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MEMBER_LIMIT", 1000)
    assert len(read_tree(write(tar_bytes([member("linux/large.c", b"x" * 1000)])))) == 1
    found = read_members(write(tar_bytes([*tree_members(), member("linux/large.c", b"x" * 1001)])))
    assert found.skipped == {"linux/large.c": "more than 1,000 bytes"}


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


def test_several_top_folders_stay(write: Write) -> None:
    """As in a wheel, in which the package lies beside what is said of it."""
    found = read_members(write(tar_bytes([member("toy.py", b"1"), member("toy-0.1.dist-info/METADATA", b"2")])))
    assert list(found.files) == ["toy-0.1.dist-info/METADATA", "toy.py"]


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
    for length in range(6, len(whole)):  # what is shorter isn't known for an archive
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
    "data", [b"", b"\0", b"x\0y" * 5000, b"PK\x03\x04" * 300, gzip.compress(b"no archive"), lzma.compress(b"x" * 2000)]
)
def test_not_an_archive(write: Write, data: bytes) -> None:
    with pytest.raises(ArchiveError, match="source"):
        read_tree(write(data))


@pytest.mark.parametrize("members", [[], [member("linux", kind=tarfile.DIRTYPE)]])
def test_an_empty_archive(write: Write, members: list[Member]) -> None:
    with pytest.raises(ArchiveError, match=r"holds no files|neither text nor an archive"):
        read_tree(write(tar_bytes(members)))


def test_an_empty_folder_and_a_missing_source(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="holds no files"):
        read_tree(tmp_path)
    with pytest.raises(ArchiveError, match="no such file or folder"):
        read_tree(tmp_path / "missing.tar.gz")


def test_links_and_pipes_in_a_folder_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"x\n")
    os.mkfifo(tmp_path / "pipe.c")
    (tmp_path / "link.c").symlink_to(tmp_path / "a.c")
    (tmp_path / "around").symlink_to(tmp_path)
    found = read_members(tmp_path)
    assert found.files == {"a.c": b"x\n"}
    assert found.skipped == {"pipe.c": "a device or a pipe", "link.c": "a link", "around": "a link"}


def closed(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    """Let nobody read some files and folders, not even root, whom no mode stops."""
    scandir, read_bytes = os.scandir, Path.read_bytes

    def allowed(place: Path) -> Path:
        if place in places:
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        return place

    monkeypatch.setattr(os, "scandir", lambda place: scandir(allowed(Path(place))))
    monkeypatch.setattr(Path, "read_bytes", lambda place: read_bytes(allowed(place)))


def test_what_may_not_be_read_in_a_folder_is_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, {"a.txt": b"a\n", "mine.txt": b"b\n", "mine/c.txt": b"c\n"})
    closed(monkeypatch, tmp_path / "mine.txt", tmp_path / "mine")
    found = read_members(tmp_path)
    assert found.files == {"a.txt": b"a\n"}
    assert found.skipped == {"mine.txt": "no permission", "mine/": "no permission"}
    assert read_source(tmp_path).told == ["1 of 2 files, 2 of 2 bytes of text; left out: mine.txt, mine/ (no permission)"]


@pytest.mark.parametrize("closed_at", ["", "a.txt"])
def test_a_source_that_may_not_be_read_is_said_once(tmp_path: Path, closed_at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_tree(tmp_path, {"a.txt": b"a\n"}) / closed_at
    closed(monkeypatch, source)
    with pytest.raises(ArchiveError) as caught:
        read_members(source)
    assert str(caught.value) == f"{source}: can't be read: Permission denied"


def test_only_what_is_wanted_of_a_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, {"a.c": b"x" * 700, "node_modules/b.c": b"x" * 700})
    monkeypatch.setattr(archive, "ARCHIVE_LIMIT", 1000)
    with pytest.raises(ArchiveError, match="leave folders out"):
        read_members(tmp_path)
    assert list(read_members(tmp_path, lambda name: not name.startswith("node_modules/")).files) == ["a.c"]


def test_a_single_file(write: Write) -> None:
    assert read_members(write(b"ein Gedicht\n")).files == {"source": b"ein Gedicht\n"}


# Zip, which is a wheel as well


def zip_bytes(*members: tuple[str | zipfile.ZipInfo, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as packed:
        for name, data in members:
            packed.writestr(name, data)
    return stream.getvalue()


def test_a_zip(write: Write) -> None:
    link = zipfile.ZipInfo("top/link")
    link.external_attr = 0o120777 << 16
    found = read_members(write(zip_bytes(("top/", b""), ("top/a.py", b"a = 1\n"), ("top/deep/b.py", b"b = 2\n"), (link, b"a.py"))))
    assert found.files == {"a.py": b"a = 1\n", "deep/b.py": b"b = 2\n"}
    assert found.skipped == {"top/link": "a link"}


@pytest.mark.parametrize("name", ["../evil", "/evil", "top/../../evil"])
def test_a_zip_may_not_leave_the_tree(write: Write, name: str) -> None:
    with pytest.raises(ArchiveError, match="leaves the tree"):
        read_members(write(zip_bytes(("top/a.py", b"a"), (name, b"x"))))


def test_a_bomb_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "ARCHIVE_LIMIT", 100_000)
    monkeypatch.setattr(archive, "MEMBER_LIMIT", 60_000)
    with pytest.raises(ArchiveError, match="more than 100,000 bytes"):
        read_members(write(zip_bytes(*((f"{number}.txt", b"0" * 50_000) for number in range(9)))))
    found = read_members(write(zip_bytes(("a.txt", b"a"), ("large.txt", b"0" * 60_001))))
    assert (found.files, found.skipped) == ({"a.txt": b"a"}, {"large.txt": "more than 60,000 bytes"})


def test_a_damaged_zip_is_refused(write: Write) -> None:
    whole = zip_bytes(("a.py", b"a = 1\n" * 99), packing=zipfile.ZIP_STORED)
    for damaged in (whole[:-30], whole.replace(b"a = 1", b"b = 1", 1)):
        with pytest.raises(ArchiveError, match="damaged"):
            read_members(write(damaged))


def test_a_folder_may_not_be_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.c", "b.c"):
        (tmp_path / name).write_bytes(b"x" * 700)
    monkeypatch.setattr(archive, "ARCHIVE_LIMIT", 1000)
    with pytest.raises(ArchiveError, match="more than 1,000 bytes"):
        read_tree(tmp_path)
    monkeypatch.setattr(archive, "MEMBER_LIMIT", 500)
    with pytest.raises(ArchiveError, match="holds no files"):
        read_tree(tmp_path)
