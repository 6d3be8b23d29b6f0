import pytest

from laam.corpus.selection import is_source, select_paths

PATHS = ["linux/fs/lunch.c", "linux/fs/deep/dinner.c", "linux/init/hello.c", "linux/boot/start.S"]


@pytest.mark.parametrize("path", ["linux/a.c", "linux/a.h", "linux/boot/a.S", "linux/a.s", "linux/A.C", "linux/a.c++", "linux/notes.txt"])
def test_source(path: str) -> None:
    assert is_source(path)


@pytest.mark.parametrize("path", ["linux/COPYING", "linux/Makefile", "linux/README", "linux/a.o", "linux/.c", "linux/a.c/Makefile", ""])
def test_not_source(path: str) -> None:
    assert not is_source(path)


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
    with pytest.raises(ValueError, match="names no source file"):
        select_paths(PATHS, ["fs/", pattern])
