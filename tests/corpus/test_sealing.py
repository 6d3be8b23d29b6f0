from dataclasses import replace
from pathlib import Path

import pytest

from laam.corpus.releases import KNOWN, SHIPPED, Release, tree_digest, with_words
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.corpus.sealing import describe, read_source
from tests.corpus.made_up import TREE, write_tree

HEADING, SOURCE = "Toy 0.1, 1 April 1999", "https://www.toy.example/pub/v0/toy-0.1.tar.gz"


def described(folder: Path, heading: str = "", address: str = "") -> Release:
    """The release that the tree in a folder is to be sealed as."""
    return describe(read_source(folder), "toy", heading, address)[0]


def test_a_tree_that_is_not_known_has_the_name_that_is_given_or_its_folder_s(tmp_path: Path) -> None:
    write_tree(tmp_path)
    assert described(tmp_path).heading == "toy"
    assert described(tmp_path, HEADING).heading == HEADING
    assert described(tmp_path, HEADING).source == ""


def test_a_tree_can_t_be_called_a_release_that_it_is_not(tmp_path: Path) -> None:
    write_tree(tmp_path)
    with pytest.raises(ValueError, match=f"the files are not those of {SHIPPED.title}"):
        described(tmp_path, SHIPPED.heading, SHIPPED.source)
    with pytest.raises(ValueError, match="give another --title"):
        described(tmp_path, SHIPPED.title.upper(), SOURCE)


@pytest.mark.parametrize(("name", "title"), [("nocturne.txt", "nocturne"), ("notes-1.2", "notes 1.2"), (".profile", ".profile")])
def test_a_single_file_s_suffix_is_no_part_of_its_title(tmp_path: Path, name: str, title: str) -> None:
    write_tree(tmp_path, {name: b"The pot is cold.\n"})
    release, words = describe(read_source(tmp_path / name), name)
    assert (release.title, words.noun) == (title, "file")


def test_files_that_were_in_latin_1_are_among_the_words(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.txt": b"caf\xe9\n", "b.txt": b"tea\n"})
    release, words = describe(read_source(tmp_path), "toy")
    assert words.latin_1 == ("a.txt",)
    assert with_words(release, words).latin_1 == ("a.txt",)


def test_a_known_tree_needs_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = SealedManifest(seal_tree(TREE, SHIPPED)).catalog
    toy = replace(Release.described(HEADING, SOURCE), tree_sha256=tree_digest((file.path, file.sha256) for file in sealed))
    monkeypatch.setitem(KNOWN, toy.name, toy)
    write_tree(tmp_path)
    assert described(tmp_path) is toy
    write_tree(tmp_path, {"linux/README": b"no source\n"})
    assert described(tmp_path, HEADING) is toy
    write_tree(tmp_path, {"linux/init/hello.c": b"another\n"})
    assert described(tmp_path) is not toy
    with pytest.raises(ValueError, match="not those of"):
        described(tmp_path, HEADING)
