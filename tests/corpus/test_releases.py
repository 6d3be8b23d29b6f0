from dataclasses import replace

import pytest

from laam.corpus.releases import KNOWN, PUBLISHED, SHIPPED, Release, read_release, tree_digest
from laam.corpus.sealed import SealedManifest, seal_tree
from tests.corpus.made_up import TREE

HEADING, SOURCE = "Toy 0.1, 1 April 1999", "https://www.toy.example/pub/v0/toy-0.1.tar.gz"


def test_the_names_of_a_release_come_from_its_title() -> None:
    release = Release("Toy Kernel 0.1 (beta)", "", SOURCE)
    assert release.name == "toy-kernel-0.1-beta"
    assert release.top_folders == ("toy-kernel-0.1-beta",)
    assert release.heading == "Toy Kernel 0.1 (beta)"
    assert (release.source_host, release.source_folder) == ("toy.example", "https://www.toy.example/pub/v0/")


@pytest.mark.parametrize("release", KNOWN.values(), ids=list(KNOWN))
def test_a_known_release_is_whole(release: Release) -> None:
    assert KNOWN[release.name] is release
    assert read_release(release.heading, release.source) is release
    assert release.addresses and all(address.startswith("https://") for address in release.addresses)
    assert set(release.digests) <= set(release.tarballs)
    assert len(release.tree_sha256) == 64


def test_the_shipped_manifest_is_that_of_the_shipped_release(linux: SealedManifest) -> None:
    assert linux.release is SHIPPED is PUBLISHED
    assert tree_digest((file.path, file.sha256) for file in linux.catalog) == SHIPPED.tree_sha256
    for name in SHIPPED.examples:
        assert linux.catalog.find(name).path == f"linux/{name}"


def test_a_sealed_tree_says_what_it_was_sealed_as() -> None:
    release = Release.described(HEADING, SOURCE)
    found = SealedManifest(seal_tree(TREE, release))
    assert release == Release("Toy 0.1", "1 April 1999", SOURCE, addresses=(SOURCE,))
    assert replace(found.release, licences=release.licences) == release
    of_file = found.release.licences.files["kernel/teapot.c"]
    assert of_file.expression == found.catalog.find("kernel/teapot.c").licence
    assert found.catalog.find("toy-0.1/kernel/teapot.c").path == "linux/kernel/teapot.c"


def test_only_a_tarball_is_an_address_to_fetch() -> None:
    assert Release.described(HEADING, "https://toy.example/pub/").addresses == ()


@pytest.mark.parametrize("words", [" ", "Toy\n0.1", "Toy \x1b[2J", "Toy \u202e", "x" * 81])
def test_title_and_date_are_words_that_can_be_shown(words: str) -> None:
    with pytest.raises(ValueError, match="the release's title is"):
        Release(words, "", SOURCE)
    with pytest.raises(ValueError, match="the release's date is"):
        Release("Toy 0.1", words, SOURCE)
    with pytest.raises(ValueError, match="the release's title is ''"):
        Release("", "", SOURCE)
    with pytest.raises(ValueError, match="with letters or digits"):
        Release("+", "", SOURCE)


@pytest.mark.parametrize(("title", "name"), [("静夜思", "静夜思"), ("Goethe's poems", "goethe-s-poems"), ("Toy {{ x }} <b>", "toy-x-b")])
def test_a_title_may_be_of_any_script(title: str, name: str) -> None:
    release = Release(title, "", "")
    assert (release.name, release.exhibit, release.source_folder, release.source_host) == (name, f"{title} as a Model", "", "")


@pytest.mark.parametrize("source", ["toy.tar.gz", "javascript:alert(1)", "https://", "https://toy.example/a b", "file:///toy.tar"])
def test_a_source_is_a_web_address(source: str) -> None:
    with pytest.raises(ValueError, match="give a web address"):
        Release("Toy 0.1", "", source)
