"""A file that was written piece by piece, each piece but the first after its own beginning."""

import random
from dataclasses import dataclass, replace

import pytest

from laam.compare.lead import Lead
from laam.compare.live import Comparison, LiveComparison, compare_answers
from laam.compare.render import Row
from laam.corpus.lines import split_lines
from laam.corpus.original import Original, OriginalPart
from tests.compare.made_up import MadeUpOriginal, edit_source, make_source

TEXT = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"


@dataclass(frozen=True)
class Cut:
    """A text cut into pieces: what is given of each, and what is left to write."""

    original: Original
    leads: list[Lead]
    texts: list[str]


def cut(text: str, *places: tuple[int, int], has_text: bool = True) -> Cut:
    """`places`: of each later piece, where it begins and where what is given of it ends."""
    whole = MadeUpOriginal(text, has_text)
    leads = [Lead(), *(Lead(text[start:end], text.count("\n", 0, start)) for start, end in places)]
    starts, ends = [0, *(end for _, end in places)], [*(start for start, _ in places), len(text)]
    texts = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    given = {number for lead in leads for number in lead.lines}
    return Cut(OriginalPart(whole, [number for number in range(len(whole.digests)) if number not in given]), leads, texts)


def compared(file: Cut, texts: list[str] | None = None, *, complete: bool = True) -> Comparison:
    return compare_answers(file.texts if texts is None else texts, file.original, file.leads, complete=complete)


def signs(rows: list[Row]) -> str:
    return "".join(row.kind for row in rows)


def streamed(file: Cut, texts: list[str], seed: int = 0) -> tuple[LiveComparison, list[Row]]:
    """The rows as they settle, lines coming a few at a time; a line under way stands before the next piece."""
    live, rows, chance, under_way = LiveComparison(file.original, file.leads), list[Row](), random.Random(seed), ""
    for number, (lead, text) in enumerate(zip(file.leads, texts, strict=False)):
        if number:
            rows += live.follow(replace(lead, text=under_way + lead.text))
        lines, under_way = split_lines(text[: text.rfind("\n") + 1]), text[text.rfind("\n") + 1 :]
        while lines:
            some = chance.randrange(1, 9)
            rows += live.feed(lines[:some])
            del lines[:some]
    return live, rows


def test_a_line_of_which_any_part_was_given_counts_for_nothing_on_either_side() -> None:
    begins, ends = TEXT.index("ee\nfo"), TEXT.index("ur\n")  # inside "three" and "four"
    file = cut(TEXT, (begins, ends))
    found = compared(file)
    assert (found.score.original_lines, found.score.original_characters) == (5, len("one\ntwo\nfive\nsix\nseven\n"))
    assert (found.score.exact_lines, found.score.reproduced, found.score.verbatim) == (5, 1.0, 1.0)
    assert (found.counted, found.text) == ("one\ntwo\nfive\nsix\nseven\n", "one\ntwo\nthrur\nfive\nsix\nseven\n")
    assert not found.score.sha256_identical
    assert found.score.longest_run == 3
    assert signs(found.rows) == found.marks == "==··==="
    assert [row.right_number for row in found.rows] == list(range(1, 8))
    assert [row.left for row in found.rows] == ["one", "two", "three", "four", "five", "six", "seven"]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("has_text", [True, False])
def test_wherever_it_is_cut_all_of_the_rest_is_exact_and_streams_once(seed: int, has_text: bool) -> None:
    text, chance = make_source(90, seed), random.Random(seed)
    places = sorted(chance.sample(range(1, len(text)), 14))
    file = cut(text, *zip(places[::2], places[1::2], strict=True), has_text=has_text)
    found = compared(file)
    assert (found.score.reproduced, found.score.verbatim, found.score.difference) == (1.0, 1.0, None)
    assert set(found.marks) <= {"=", "·"}
    assert len(found.marks) == 90
    live, rows = streamed(file, file.texts, seed)
    assert rows == found.rows
    assert (live.running.exact_lines, live.running.longest_run) == (found.score.exact_lines, found.score.longest_run)
    assert live.ticks == found.ticks
    lines = {row.right_number: row.left for row in rows}
    assert list(lines) == list(range(1, 91))  # whole lines, in order, put together from what was given and what was written


@pytest.mark.parametrize("seed", range(6))
def test_a_piece_that_differs_leaves_the_others_alone(seed: int) -> None:
    text = make_source(120, seed)
    lines = split_lines(text)
    starts = [sum(map(len, lines[:number])) for number in (40, 80)]
    file = cut(text, *((start, start + 30) for start in starts))
    other = edit_source(file.texts[1], 0.5, seed)
    for texts in ([file.texts[0], other, file.texts[2]], [file.texts[0], file.texts[2], file.texts[2]], [file.texts[0], "", file.texts[2]]):
        found = compared(file, texts)
        outside = [mark for number, mark in enumerate(found.marks) if not 40 <= number < 80]
        assert set(outside) <= {"=", "·"}
        assert found.score.reproduced < 1
        live, rows = streamed(file, texts, seed)
        assert {row.right_number for row in rows} - {None} == set(range(1, 121))
        assert live.running.exact_characters <= found.score.exact_characters


def test_lines_of_another_piece_count_for_nothing() -> None:
    file = cut(TEXT, (TEXT.index("three"), TEXT.index("four")))
    found = compared(file, ["four\nfive\nsix\nseven\n", "one\ntwo\n"])
    assert found.score.exact_lines == 0
    assert signs(found.rows) == "≠≠++·≠≠−−"


def test_stopped_pieces_that_were_not_reached_are_left_out() -> None:
    file = cut(TEXT, (TEXT.index("three"), TEXT.index("four")), (TEXT.index("six"), TEXT.index("seven")))
    found = compared(file, ["one\ntwo\n", "fo"], complete=False)
    assert (signs(found.rows), found.marks) == ("==·…", "==·…...")
    assert (found.score.exact_lines, found.score.original_lines) == (2, 5)
    assert compared(file, ["o"], complete=False).marks == "…......"


def test_a_note_stands_above_what_is_given() -> None:
    file = cut(TEXT, (TEXT.index("three"), TEXT.index("four")))
    file.leads[1] = replace(file.leads[1], note="<b>")
    found = compared(file, ["one\n", file.texts[1]])
    assert signs(found.rows) == "=−note·===="
    assert found.rows[2].left == "&lt;b&gt;"
    assert streamed(file, ["one\n", file.texts[1]])[1] == found.rows


def test_a_comment_that_is_given_goes_on_in_what_is_written() -> None:
    file = cut("int a;\n/* of\nint b;\n*/\n", (7, 13))
    assert [row.left for row in compared(file).rows] == ["<b>int</b> a;", "<i>/* of</i>", "<i>int b;</i>", "<i>*/</i>"]


def test_one_long_line_that_two_pieces_begin_in() -> None:
    file = cut("a\nlong long line\nb\n", (4, 6), (9, 11))
    found = compared(file)
    assert (found.score.exact_lines, found.score.original_lines, found.marks) == (2, 2, "=·=")
    assert streamed(file, file.texts)[1] == found.rows


def test_a_comment_that_a_piece_left_open_ends_with_the_piece() -> None:
    file = cut("int a;\nint b;\nint c;\n", (7, 14))
    texts = ["/*\n", file.texts[1]]
    rows = compared(file, texts).rows
    assert [row.left for row in rows] == ["<i><mark>/*</mark></i>", "<b>int</b> b;", "<b>int</b> c;"]
    assert streamed(file, texts)[1] == rows
