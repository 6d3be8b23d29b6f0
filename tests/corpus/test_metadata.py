import json

import pytest

from laam.corpus.metadata import Metadata, read_metadata


@pytest.mark.parametrize(
    ("archive", "title"),
    [
        ("teapot-2.2.0.tar.gz", "teapot 2.2.0"),
        ("tea_pot-1.0-py3-none-any.whl", "tea_pot 1.0"),
        ("teapot-v1.2.zip", "teapot 1.2"),
        ("poems", "poems"),
        ("静夜思", "静夜思"),
        ("poem.txt", "poem.txt"),
    ],
)
def test_a_tree_that_says_nothing_is_called_after_its_archive(archive: str, title: str) -> None:
    assert read_metadata({"a.txt": b"a"}, archive).title == title


def test_python_metadata_is_read() -> None:
    text = "Name: teapot\nVersion: 2.0\nMaintainer-email: Ada Example <ada@pot.example>\nProject-URL: Source, https://pot.example/git\n"
    tree = {"PKG-INFO": text.encode(), "teapot.egg-info/PKG-INFO": b"Name: other\nVersion: 9\n"}
    assert read_metadata(tree, "x.tar.gz") == Metadata("teapot", "2.0", "Ada Example", "https://pot.example/git", "", "")


def test_a_version_that_the_first_file_lacks_comes_from_one_of_the_same_name() -> None:
    tree = {"pyproject.toml": b'[project]\nname = "teapot"\n', "PKG-INFO": b"Name: teapot\nVersion: 2.0\n"}
    assert read_metadata(tree).title == "teapot 2.0"


def test_what_a_stranger_wrote_is_one_printable_line_and_an_address_is_one() -> None:
    package = {"name": "tea\npot\x1b[2J", "version": 7, "author": "Ada <ada@x>", "homepage": "javascript:alert(1)"}
    found = read_metadata({"package.json": json.dumps(package).encode()})
    assert (found.name, found.version, found.people, found.source) == ("tea pot [2J", "", "Ada", "")


@pytest.mark.parametrize(
    ("authors", "people"),
    [
        (["Ada"], "Ada"),
        (["Ada", "Bo"], "Ada and Bo"),
        (["Ada", "Bo", "Cy"], "Ada, Bo and Cy"),
        (["Ada", "Bo", "Cy", "Di"], "Ada, Bo, Cy and others"),
    ],
)
def test_people_are_named_as_in_a_sentence(authors: list[str], people: str) -> None:
    tables = ", ".join(f'{{name = "{name}"}}' for name in authors)
    assert read_metadata({"pyproject.toml": f'[project]\nname = "pot"\nauthors = [{tables}]\n'.encode()}).people == people
