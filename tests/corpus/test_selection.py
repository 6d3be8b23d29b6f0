import pytest

from laam.corpus.selection import EMPTY, EXCLUDED, LONG_LINE, NO_TEXT, as_utf8, is_source, select_paths, select_text, wanted_by

PATHS = ["linux/fs/lunch.c", "linux/fs/deep/dinner.c", "linux/init/hello.c", "linux/boot/start.S"]


@pytest.mark.parametrize("path", ["linux/a.c", "linux/a.h", "linux/boot/a.S", "linux/a.s", "linux/A.C", "linux/a.c++", "linux/notes.txt"])
def test_source(path: str) -> None:
    assert is_source(path)


@pytest.mark.parametrize("path", ["linux/COPYING", "linux/Makefile", "linux/README", "linux/a.o", "linux/.c", "linux/a.c/Makefile", ""])
def test_not_source(path: str) -> None:
    assert not is_source(path)


@pytest.mark.parametrize("text", ["x = 1\n", "Übergröße, naïve, Ελλάδα\n", "第一首\n", "tab\tfeed\f\x1b[1m\r\n", "\ufeffmark\n", "no end"])
def test_utf_8_text_stays_as_it_is(text: str) -> None:
    assert as_utf8(text.encode()) == text.encode()


def test_latin_1_text_is_made_utf_8() -> None:
    assert as_utf8("Fünf Mäuse übten Flöte\n".encode("latin-1")) == "Fünf Mäuse übten Flöte\n".encode()


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n", b"\0", "Übergröße".encode("utf-16"), b"caf\xe9 \x01", b"\x93quoted\x94", "ЖЖЖЖЖ".encode("koi8-r"), b"\x7fELF"],
)
def test_what_is_no_text(data: bytes) -> None:
    assert as_utf8(data) is None


def test_every_text_file_is_taken_and_the_others_are_counted() -> None:
    files = {
        "a.py": b"a = 1\n",
        "Readme": b"caf\xe9\n",
        "b.png": b"\x89PNG\0",
        "C.PNG": b"\0",
        "core": b"\0",
        "__init__.py": b"",
        "long.json": b"x" * 65_536,
    }
    found = select_text(files)
    assert found.files == {"a.py": b"a = 1\n", "Readme": "café\n".encode()}
    assert found.left_out == {".png": 2, NO_TEXT: 1, EMPTY: 1, LONG_LINE: 1}
    assert found.from_latin_1 == ["Readme"]
    assert (found.bytes, found.text_bytes, found.is_less_than_half) == (12, 65_548, True)


@pytest.mark.parametrize(
    ("include", "exclude", "chosen"),
    [
        ([], [], ["a.py", "doc/b.md", "doc/deep/c.md"]),
        (["*.py"], [], ["a.py"]),
        ([], ["doc/"], ["a.py"]),
        (["doc/**"], ["deep/"], ["doc/b.md"]),
        (["/*.py", "*.md", "!doc/b.md"], [], ["a.py", "doc/deep/c.md"]),
    ],
)
def test_patterns_are_those_of_gitignore(include: list[str], exclude: list[str], chosen: list[str]) -> None:
    files = dict.fromkeys(("a.py", "doc/b.md", "doc/deep/c.md"), b"x\n")
    found = select_text(files, wanted_by(include, exclude))
    assert list(found.files) == chosen
    assert found.left_out.get(EXCLUDED, 0) == len(files) - len(chosen)


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["fs/"], PATHS[:2]),
        (["linux/fs/"], PATHS[:2]),
        (["fs/*.c"], PATHS[:1]),
        (["boot/start.S", "fs/"], [PATHS[0], PATHS[1], PATHS[3]]),
        (["linux/"], PATHS),
        ([], []),
    ],
)
def test_select(patterns: list[str], chosen: list[str]) -> None:
    assert select_paths(iter(PATHS), patterns) == chosen


@pytest.mark.parametrize("pattern", ["", "kernel/", "fs", "FS/*.c", "/", "*.c", "../fs/"])
def test_a_pattern_that_names_nothing_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match="names no file of the exhibit"):
        select_paths(PATHS, ["fs/", pattern])
