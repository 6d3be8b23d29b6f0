import json
import struct
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from laam.corpus.catalog import UnknownFile, catalogue_tree
from laam.corpus.lines import COMMON_FILES, line_digest, split_lines
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import FORMAT_VERSION, MAGIC, SealedError, SealedManifest, check_manifest, seal_tree
from laam.settings import Settings
from tests.corpus.made_up import SOURCES, TREE


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal_tree(TREE, SHIPPED)


def packed(catalogue: object, numbers: bytes = b"", version: int = FORMAT_VERSION) -> bytes:
    """A manifest with a right checksum, whatever it holds."""
    data = catalogue if isinstance(catalogue, bytes) else json.dumps(catalogue).encode()
    content = struct.pack("<8sII", MAGIC, version, len(data)) + data + numbers
    return content + sha256(content).digest()


def numbers_start(data: bytes) -> int:
    length: int = struct.unpack_from("<8sII", data)[2]
    return 16 + length


def catalogue_of(data: bytes) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(data[16 : numbers_start(data)])
    return record


def test_a_manifest_gives_back_the_facts(sealed: bytes) -> None:
    manifest = SealedManifest(sealed)
    assert list(manifest.catalog) == catalogue_tree(TREE, SHIPPED.licences)
    assert manifest.release is SHIPPED
    assert manifest.digest == sha256(sealed).hexdigest()


def test_an_original_has_a_digest_and_a_length_for_each_line(sealed: bytes) -> None:
    manifest = SealedManifest(sealed)
    for path in SOURCES:
        original = manifest.original(path)
        lines = split_lines(TREE[path].decode())
        assert list(original.digests) == [line_digest(line) for line in lines]
        assert list(original.lengths) == [len(line) for line in lines]
        assert len(original.digests) == original.file.lines


def test_a_sealed_original_shows_nothing(sealed: bytes) -> None:
    original = SealedManifest(sealed).original("teapot.c")
    assert not original.has_text
    assert original.line(0) is None


def test_an_original_is_found_as_in_the_catalogue(sealed: bytes) -> None:
    manifest = SealedManifest(sealed)
    assert manifest.original("KERNEL/teapot.c") == manifest.original("linux/kernel/teapot.c")
    with pytest.raises(UnknownFile):
        manifest.original("linux/COPYING")


def test_in_how_many_files_a_line_occurs(sealed: bytes) -> None:
    manifest = SealedManifest(sealed)
    counts = manifest.line_files()
    assert counts[line_digest("\treturn 41;\n")] == 2
    assert counts[line_digest("\n")] == 1
    assert line_digest("nowhere\n") not in counts
    assert manifest.line_files() is counts
    counts = SealedManifest(seal_tree({"linux/a.c": b"x\nx\n", "linux/b.c": b"x\n"}, SHIPPED)).line_files()
    assert counts == {line_digest("x\n"): 2}


def test_the_words_of_a_licence_count_as_a_line_of_many_files() -> None:
    words, code = " * Copyright 1999 Ada Example\n", "int copyright_of_tea;\n"
    manifest = SealedManifest(seal_tree({"linux/a.c": f"/*\n{words} */\n{code}".encode()}, SHIPPED))
    files = manifest.line_files()
    assert files[line_digest(words)] > COMMON_FILES
    assert files[line_digest(code)] == 1


def test_no_text_is_in_a_manifest(sealed: bytes) -> None:
    assert b"teapots_on_the_stove" not in sealed
    assert b"ada@example.org" not in sealed


def test_the_same_tree_gives_the_same_bytes(sealed: bytes) -> None:
    assert seal_tree(dict(reversed(TREE.items())), SHIPPED) == sealed


def test_a_tree_without_sources_is_refused() -> None:
    with pytest.raises(SealedError, match="no source files"):
        seal_tree({"linux/COPYING": b"terms\n"}, SHIPPED)


def test_the_longest_line() -> None:
    longest = b"x" * 65_534 + b"\n"
    assert SealedManifest(seal_tree({"linux/a.c": longest}, SHIPPED)).original("a.c").lengths == (65_535,)
    with pytest.raises(SealedError, match=r"linux/a.c: line 2 has 65,536 characters, over the limit of 65,535"):
        seal_tree({"linux/a.c": b"\nx" + longest}, SHIPPED)


def test_files_that_are_not_utf_8_can_be_sealed() -> None:
    tree = {"linux/a.c": b"caf\xe9\n"}
    assert check_manifest(SealedManifest(seal_tree(tree, SHIPPED)), tree) == []
    assert check_manifest(SealedManifest(seal_tree(tree, SHIPPED)), {"linux/a.c": b"caf\xe8\n"}) != []


# Opening


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SealedError, match=r"missing.sealed: there is no sealed manifest here; .*python -m laam seal SOURCE"):
        SealedManifest.open(tmp_path / "missing.sealed")


def test_a_folder_is_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(SealedError, match="can't be read"):
        SealedManifest.open(tmp_path)


def test_every_cut_is_an_error(sealed: bytes) -> None:
    for length in range(len(sealed)):
        with pytest.raises(SealedError, match=r"m.sealed: (damaged|not a sealed manifest).*python -m laam seal SOURCE"):
            SealedManifest(sealed[:length], "m.sealed")
    with pytest.raises(SealedError, match="checksum"):
        SealedManifest(sealed + b"\0")


def test_every_flipped_byte_is_an_error(sealed: bytes) -> None:
    for place in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[place] ^= 0x80
        with pytest.raises(SealedError):
            SealedManifest(bytes(damaged))


def test_a_newer_or_older_manifest_says_so(sealed: bytes) -> None:
    with pytest.raises(SealedError, match=r"format version 4 is newer than 3.*update it"):
        SealedManifest(packed({"anything": "at all"}, version=4))
    with pytest.raises(SealedError, match=r"format version 1 is older than 3.*laam seal"):
        SealedManifest(packed({}, version=1))


def first_file(record: dict[str, Any], **changes: object) -> dict[str, Any]:
    return record | {"files": [record["files"][0] | changes, *record["files"][1:]]}


@pytest.mark.parametrize(
    "broken",
    [
        lambda record: b"no json",
        lambda record: b"\xff\xfe",
        lambda record: b"[" * 100_000,
        lambda record: [],
        lambda record: {},
        lambda record: record | {"files": None},
        lambda record: record | {"files": [7]},
        lambda record: record | {"title": 7},
        lambda record: record | {"files": record["files"] * 2},
        lambda record: record | {"files": record["files"][::-1]},
        lambda record: first_file(record, size="7"),
        lambda record: first_file(record, lines=-1),
        lambda record: first_file(record, lines=10**9),
        lambda record: first_file(record, lines=True),
        lambda record: first_file(record, notices="© 1999 Ada Example"),
        lambda record: first_file(record, notices=[7]),
        lambda record: first_file(record, licence=["GPL-2.0-only"]),
        lambda record: first_file(record, more=1),
    ],
)
def test_junk_with_a_right_checksum_is_an_error(sealed: bytes, broken: Callable[[dict[str, Any]], object]) -> None:
    record = catalogue_of(sealed)
    numbers = sealed[numbers_start(sealed) : -32]
    assert list(SealedManifest(packed(record, numbers)).catalog) == catalogue_tree(TREE, SHIPPED.licences)
    with pytest.raises(SealedError, match="damaged"):
        SealedManifest(packed(broken(record), numbers))


def test_a_catalogue_longer_than_the_file_is_an_error() -> None:
    content = struct.pack("<8sII", MAGIC, FORMAT_VERSION, 2**32 - 1)
    with pytest.raises(SealedError, match="damaged"):
        SealedManifest(content + sha256(content).digest())


# Checking


def test_a_manifest_is_proven_by_its_own_tree(sealed: bytes) -> None:
    assert check_manifest(SealedManifest(sealed), TREE) == []


def test_each_difference_is_named(sealed: bytes) -> None:
    other = {path: data for path, data in TREE.items() if path != "linux/init/hello.c"}
    other |= {"linux/init/extra.c": b"x\n", "linux/kernel/teapot.c": b"another teapot\n", "linux/COPYING": b"not a source file"}
    differences = check_manifest(SealedManifest(sealed), other)
    assert differences[0] == "linux/init/extra.c: in the tree, not in the manifest"
    assert differences[1] == "linux/init/hello.c: in the manifest, not in the tree"
    assert differences[2].startswith("linux/kernel/teapot.c: sha256 ")
    assert len(differences) == 3


def test_other_lines_and_other_facts_under_the_right_sha256_are_named(sealed: bytes) -> None:
    numbers = bytearray(sealed[numbers_start(sealed) : -32])
    numbers[0] ^= 1
    assert check_manifest(SealedManifest(packed(catalogue_of(sealed), bytes(numbers))), TREE) == ["linux/fs/lunch/menu.c: line 1 differs"]
    numbers[0] ^= 1
    numbers[-2] ^= 1
    assert check_manifest(SealedManifest(packed(catalogue_of(sealed), bytes(numbers))), TREE) == ["linux/kernel/teapot.c: line 7 differs"]
    numbers[-2] ^= 1
    record = first_file(catalogue_of(sealed), licence="made up")
    differences = check_manifest(SealedManifest(packed(record, bytes(numbers))), TREE)
    assert differences == ["linux/fs/dinner/menu.c: licence 'GPL-2.0-only' in the tree, 'made up' in the manifest"]


# The manifest that is shipped


def test_the_shipped_manifest_is_linux_1_0(linux: SealedManifest) -> None:
    sizes = [file.size for file in linux.catalog]
    assert (len(sizes), sum(sizes), sum(file.lines for file in linux.catalog)) == (506, 4_537_588, 170_581)
    assert linux.catalog.find("tcp.c").size == max(sizes) == 94_851


def test_the_shipped_manifest_is_small_and_opening_it_makes_nothing_for_each_line() -> None:
    assert Settings().manifest_file.stat().st_size <= 2_500_000
    tracemalloc.start()
    try:
        manifest = SealedManifest.open(Settings().manifest_file)
        objects = sum(trace.count for trace in tracemalloc.take_snapshot().statistics("filename"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert objects < sum(file.lines for file in manifest.catalog) / 10
    assert peak < 4 * Settings().manifest_file.stat().st_size
