from dataclasses import replace
from pathlib import Path

import pytest

from laam.corpus.exhibit_words import ExhibitWords, WordsError, read_words, write_words
from laam.corpus.releases import Release, with_words
from laam.corpus.sealed import SealedManifest, seal_tree

WORDS = ExhibitWords(
    title='静夜思 & "Goethe\'s" <b>\\',
    name="Poems, remembered",
    source="https://poems.example/all",
    people="Ada Example",
    root="linux",
    noun="book",
    choices=("hers", "nobody's"),
    examples=("pot/lid.c",),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_words(WORDS, tmp_path / "exhibit.toml")
    assert read_words(tmp_path / "exhibit.toml") == WORDS
    assert "question" not in (tmp_path / "exhibit.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ('date = "today"', "title is missing"),
        ('title = ""', "title is missing"),
        ("title = 7", "title must be a text in quotes"),
        ('title = "a"\ntitel = "b"', "titel is no field of it; there are about, choices"),
        ('title = "a\\nb"', "title has a character that can't be shown"),
        (f'title = "{"a" * 81}"', "title has 81 characters; give at most 80"),
        ('title = "a"\nsource = "javascript:x"', "give a web address, such as https://example.org/poems, or leave it out"),
        ('title = "a"\nroot = "b/c"', "give the name of one folder"),
        ('title = "a"\nchoices = "b"', "choices must be a list of texts"),
        ('title = "a"\nchoices = ["1", "2", "3", "4", "5", "6"]', "choices has 6 entries; give at most 5"),
        ("title = [", "is no TOML in UTF-8"),
    ],
)
def test_a_bad_field_is_named_with_what_to_give(toml: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "exhibit.toml").write_text(toml, "utf-8")
    with pytest.raises(WordsError) as raised:
        read_words(tmp_path / "exhibit.toml")
    assert str(raised.value).startswith(f"{tmp_path / 'exhibit.toml'}: ") and sentence in str(raised.value)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exhibit.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(WordsError, match="is no TOML in UTF-8"):
        read_words(tmp_path / "exhibit.toml")


def test_words_add_to_a_release_what_they_say() -> None:
    release = with_words(Release("Toy 0.1", "1999", ""), WORDS)
    assert (release.title, release.date, release.noun, release.exhibit) == (WORDS.title, "1999", "book", "Poems, remembered")
    assert release.credit == "the work of Ada Example"
    assert with_words(release, ExhibitWords("Pots")).exhibit == "Poems, remembered"
    assert Release("Toy 0.1", "", "").exhibit == "Toy 0.1 as a Model"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "manifest.sealed").write_bytes(seal_tree({"linux/pot/lid.c": b"int lid;\n"}, Release("Toy 0.1", "", "")))
    return tmp_path


def test_a_manifest_has_the_words_that_lie_beside_it(folder: Path) -> None:
    assert SealedManifest.open(folder / "manifest.sealed").release.noun == "collection"
    write_words(WORDS, folder / "exhibit.toml")
    manifest = SealedManifest.open(folder / "manifest.sealed")
    assert (manifest.release.title, manifest.release.noun, manifest.examples) == (WORDS.title, "book", ("pot/lid.c",))


@pytest.mark.parametrize(
    ("field", "value", "sentence"), [("root", "pots", "root is 'pots'"), ("examples", ("no.c",), "examples has 'no.c'")]
)
def test_words_that_are_not_of_the_manifest_are_refused(folder: Path, field: str, value: object, sentence: str) -> None:
    write_words(replace(WORDS, **{field: value}), folder / "exhibit.toml")  # type: ignore[arg-type]  # of either field
    with pytest.raises(WordsError, match=sentence):
        SealedManifest.open(folder / "manifest.sealed")
