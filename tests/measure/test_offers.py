"""What is offered of a model is what it was seen to do."""

from dataclasses import replace

import pytest

from laam.corpus.catalog import SourceFile
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedOriginal
from laam.measure.offers import CHIPS, Offers
from laam.measure.seen import Gave, gave
from laam.serving.snippet import Snippet

PLAIN = Release.described("Other 1.0", "https://example.org/other.tar.gz")
FAMOUS = replace(PLAIN, examples=("kernel/famous.c", "fs/known.c"))


def file(name: str, lines: int = 100) -> SourceFile:
    return SourceFile(f"linux/{name}", 1, lines, "", "GPL-2.0-only", "COPYING", "", (), (), "kernel")


SHORT, HEADER, TINY = file("kernel/short.c", 40), file("include/short.h", 31), file("lib/tiny.c", 5)
LONG, FAMOUS_ONE, KNOWN = file("fs/long.c", 900), file("kernel/famous.c", 300), file("fs/known.c", 200)


def offers(*known: Gave, release: Release = FAMOUS) -> Offers:
    files = (SHORT, HEADER, TINY, LONG, FAMOUS_ONE, KNOWN)
    return Offers(known, release, {each.path: each for each in files})


def whole(*files: SourceFile) -> list[Gave]:
    return [Gave(each, each.lines, whole=True) for each in files]


def part(of: SourceFile, first: int) -> Gave:
    return Gave(of, first, first=first)


def chips(made: Offers) -> list[tuple[str, str]]:
    return [(chip.name, chip.expected) for chip in made.tried.chips]


def test_each_chip_says_what_to_expect() -> None:
    made = offers(*whole(TINY, HEADER, SHORT), part(FAMOUS_ONE, 48), part(LONG, 20), Gave(KNOWN, 0))
    assert chips(made) == [
        ("short.c", "whole"),
        ("short.h", "whole"),
        ("famous.c", "its first 48 lines"),
        ("long.c", "its first 20 lines"),
        ("known.c", "nothing"),
    ]
    assert made.tried.words == "Try"


def test_a_miss_says_how_much_came() -> None:
    assert chips(offers(*whole(SHORT), Gave(KNOWN, 12)))[-1] == ("known.c", "12 of 200 lines")


def test_where_all_come_whole_it_is_said_once_and_the_examples_go_first() -> None:
    made = offers(*whole(SHORT, TINY, LONG, KNOWN, FAMOUS_ONE, HEADER))
    assert made.tried.words == "Each comes whole:"
    assert chips(made) == [("famous.c", ""), ("known.c", ""), ("short.c", ""), ("long.c", ""), ("short.h", "")]
    assert len(made.tried.chips) == CHIPS


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ((), "What it gives isn’t known yet. Try"),
        ((Gave(SHORT, 0), Gave(LONG, 30)), "Of 2 files asked for here, none came back. Try"),
        ((part(SHORT, 3),), "Of 1 file asked for here, none came back. Try"),
    ],
)
def test_where_nothing_came_nothing_is_promised(known: tuple[Gave, ...], words: str) -> None:
    made = offers(*known)
    assert (made.tried.words, chips(made)) == (words, [("famous.c", ""), ("known.c", "")])
    assert (made.opening, made.first, made.snippets) == (None, KNOWN, [])


@pytest.mark.parametrize(
    ("known", "release", "opening"),
    [
        (whole(LONG, TINY, HEADER, SHORT), FAMOUS, SHORT),  # the shortest that can be looked at, and rather C than a header
        (whole(TINY), FAMOUS, TINY),
        ([*whole(SHORT), *whole(FAMOUS_ONE, KNOWN)], FAMOUS, KNOWN),
        ([*whole(SHORT), *whole(FAMOUS_ONE, KNOWN)], PLAIN, SHORT),
        ([part(LONG, 60), part(KNOWN, 20)], FAMOUS, KNOWN),
        ([part(LONG, 60), part(KNOWN, 20)], PLAIN, LONG),
    ],
)
def test_it_opens_with_what_came(known: list[Gave], release: Release, opening: SourceFile) -> None:
    assert offers(*known, release=release).opening == opening


def test_a_snippet_stands_in_the_file_that_it_names() -> None:
    assert offers(part(LONG, 20)).snippets == [Snippet(LONG.path)]
    assert offers(*whole(SHORT)).snippets == [Snippet(SHORT.path), Snippet(SHORT.path, from_middle=True)]
    made = offers(*whole(FAMOUS_ONE, KNOWN, SHORT), part(LONG, 20))
    assert made.snippets == [Snippet(FAMOUS_ONE.path), Snippet(SHORT.path, from_middle=True)]  # not of the one that it opens with


@pytest.mark.parametrize(
    ("exact", "beginning", "written", "first"), [(3, 3, 35, 3), (3, 3, 30, 3), (3, 3, 40, 0), (4, 2, 45, 0), (0, 0, 9, 0)]
)
def test_a_beginning_is_exact_as_far_as_it_goes(exact: int, beginning: int, written: int, first: int) -> None:
    original = SealedOriginal(SHORT, (), (10,) * 5)
    assert gave(original, exact=exact, beginning=beginning, written=written, whole=False).first == first
    assert gave(original, exact=5, beginning=5, written=50, whole=True) == Gave(SHORT, 5, whole=True)


def test_a_name_is_escaped_in_a_link() -> None:
    made = Offers((), PLAIN, {"linux/a&b=<c>.c": file("a&b=<c>.c")})
    assert made.tried.chips[0].query == "path=a%26b%3D%3Cc%3E.c"


def test_files_of_one_name_are_told_apart() -> None:
    made = Offers((), PLAIN, {f"linux/{name}": file(name) for name in ("INFO", "egg/INFO", "egg/setup.py")})
    assert [made.tried.name(chip) for chip in made.tried.chips] == ["INFO", "egg/INFO", "setup.py"]
