import random
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest

from laam.compare.align import Block
from laam.compare.highlight import highlight_lines
from laam.compare.lead import Lead
from laam.compare.live import Comparison, LiveComparison, compare_text
from laam.compare.render import Row
from laam.corpus.lines import line_digest, split_lines
from laam.corpus.original import after_line
from tests.compare.made_up import MadeUpOriginal, edit_source, make_source

ORIGINAL = "one\ntwo\nthree\nfour\nfive\n"


def sealed(text: str) -> MadeUpOriginal:
    return MadeUpOriginal(text, has_text=False)


def signs(rows: list[Row]) -> str:
    return "".join(row.kind for row in rows)


def chunks(lines: list[str], seed: int) -> Iterator[list[str]]:
    """The lines in runs of 0 to 40."""
    chance = random.Random(seed)
    at = 0
    while at < len(lines):
        size = chance.choice([0, 1, 1, 2, 7, 40])
        yield lines[at : at + size]
        at += size


def streamed(text: str, original: MadeUpOriginal, seed: int) -> tuple[LiveComparison, list[Row]]:
    live = LiveComparison(original)
    return live, [row for lines in chunks(split_lines(text), seed) for row in live.feed(lines)]


# The finished comparison


def test_an_exact_text() -> None:
    found = compare_text(ORIGINAL, sealed(ORIGINAL), prompt_characters=9, line_files={})
    assert found.blocks == [Block("equal", 0, 5, 0, 5)]
    assert (found.score.reproduced, found.score.sha256_identical, found.score.prompt_characters) == (1.0, True, 9)
    assert found.score.without_boilerplate == 1.0
    assert signs(found.rows) == "====="
    assert found.complete


def test_every_line_of_either_side_has_its_row_once() -> None:
    for seed in range(6):
        source = make_source(200, seed)
        text = edit_source(source, 0.3, seed)
        rows = compare_text(text, sealed(source)).rows
        assert [row.left_number for row in rows if row.left_number] == list(range(1, len(split_lines(text)) + 1))
        assert [row.right_number for row in rows if row.right_number] == list(range(1, 201))


def test_a_sealed_line_opens_where_the_model_has_written_it() -> None:
    found = compare_text("four\none\ntwo\nten\n", sealed("one\ntwo\nthree\nfour\n"))
    assert [(row.kind, row.left_number, row.right_number, row.right, row.sealed) for row in found.rows] == [
        ("+", 1, None, None, None),
        ("=", 2, 1, "one", None),
        ("=", 3, 2, "two", None),
        ("≠", 4, 3, None, 5),
        ("−", None, 4, "four", None),  # the model wrote this line, at another place
    ]


def test_with_the_text_at_hand_every_line_is_shown() -> None:
    found = compare_text("one\n", MadeUpOriginal("one\ntwo\n"))
    assert [row.right for row in found.rows] == ["one", "two"]
    assert found.score.similarity == 0.5


def test_nothing_written() -> None:
    found = compare_text("", sealed("one\n"))
    assert (signs(found.rows), found.score.reproduced) == ("−", 0.0)


# Where the emission was stopped


@pytest.mark.parametrize(
    ("text", "whole", "stopped"),
    [
        ("", "−−−−−", ""),  # the last block is only the original's
        ("one\ntwo\n", "==−−−", "=="),
        ("one\ntwo\nthr", "==≠−−", "==…"),  # the last line was not finished
        ("one\ntwo\nx\ny\n", "==≠≠−", "==≠≠"),
        ("one\ntwo\nx\ny\nz\nmore\n", "==≠≠≠+", "==≠≠≠+"),  # more lines than are left
        ("one\nthree\n", "=−=−−", "=−="),  # what was passed over before stays
        ("one\nfour\nfive\n", "=−−==", "=−−=="),  # the last block is equal
        (ORIGINAL + "more\n", "=====+", "=====+"),  # the last block is only the model's
        ("x", "≠−−−−", "…"),  # which nothing tells of a sealed line
    ],
)
def test_what_was_not_reached_is_not_shown(text: str, whole: str, stopped: str) -> None:
    complete, cut = compare_text(text, sealed(ORIGINAL)), compare_text(text, sealed(ORIGINAL), complete=False)
    assert signs(complete.rows) == whole
    assert signs(cut.rows) == stopped
    assert cut.score == complete.score
    assert cut.blocks == complete.blocks == complete.shown_blocks


@pytest.mark.parametrize(
    ("text", "sign", "of_sealed"),
    [
        ("one\ntwo\nth", "…", "…"),
        ("one\ntwo\nthree", "…", "…"),  # only its newline is missing
        ("one\ntwo\ntx", "≠", "…"),
        ("one\ntwo\ntrees", "≠", "≠"),
        ("one\ntwo\nthree or more", "≠", "≠"),
        ("one\ntwo\nx\nfo", "…", "…"),
        (f"{ORIGINAL}mo", "+", "+"),
        ("one\ntwo\n", "=", "="),
    ],
)
def test_a_line_that_was_cut_off_is_wrong_only_if_it_was_so_before(text: str, sign: str, of_sealed: str) -> None:
    for original, expected in ((MadeUpOriginal(ORIGINAL), sign), (sealed(ORIGINAL), of_sealed)):
        cut = compare_text(text, original, complete=False)
        assert signs(cut.rows)[-1] == expected
        assert ("…" in cut.marks) == (expected == "…")
        assert compare_text(text, original).cut is None


def test_a_line_that_was_cut_off_shows_no_difference() -> None:
    row = compare_text("one\ntw", MadeUpOriginal(ORIGINAL), complete=False).rows[-1]
    assert (row.left, row.right) == ("tw", "two")


def test_behind_a_lead_a_line_is_cut_off_beside_its_own() -> None:
    cut = compare_text("o\nthr", after_line(sealed(ORIGINAL), 2), lead=Lead("one\ntw", 0), complete=False)
    assert (signs(cut.rows), cut.marks) == ("··…", "··…..")


def test_without_an_original_all_is_shown() -> None:
    for complete in (True, False):
        assert compare_text("", sealed(""), complete=complete).shown_blocks == []
        assert signs(compare_text("x\n", sealed(""), complete=complete).rows) == "+"


# While it is written


@pytest.mark.parametrize("seed", range(8))
def test_settled_rows_come_once_and_in_order(seed: int) -> None:
    source = make_source(300, seed)
    text = edit_source(source, 0.2 * (seed % 4), seed)
    live, rows = streamed(text, sealed(source), seed)
    left = [row.left_number for row in rows if row.left_number]
    right = [row.right_number for row in rows if row.right_number]
    assert left == list(range(1, len(left) + 1))
    assert right == list(range(1, len(right) + 1))
    assert len(left) > len(split_lines(text)) - 70  # what waits is little
    assert (live.blocks[-1].emitted_end, live.blocks[-1].original_end) == (len(left), len(right))


@pytest.mark.parametrize("seed", range(8))
def test_what_was_streamed_is_the_beginning_of_the_whole_where_lines_are_exact(seed: int) -> None:
    source = make_source(300, seed)
    _, rows = streamed(source, sealed(source), seed)
    assert rows == compare_text(source, sealed(source)).rows


@pytest.mark.parametrize("seed", range(8))
def test_streamed_rows_and_the_rest_are_each_line_once_or_all_is_drawn_anew(seed: int) -> None:
    source = make_source(300, seed)
    text = edit_source(source, 0.05, seed)
    _, sent = streamed(text, sealed(source), seed)
    final = compare_text(text, sealed(source)).rows
    joined = sent + final[len(sent) :] if final[: len(sent)] == sent else final
    assert [row.left_number for row in joined if row.left_number] == list(range(1, len(split_lines(text)) + 1))
    assert [row.right_number for row in joined if row.right_number] == list(range(1, 301))


@pytest.mark.parametrize("seed", range(4))
def test_the_running_score_counts_what_is_settled(seed: int) -> None:
    source = make_source(300, seed)
    live, rows = streamed(edit_source(source, 0.1, seed), sealed(source), seed)
    exact = [row.right_number for row in rows if row.kind == "="]
    lines = split_lines(source)
    assert live.running.exact_lines == len(exact)
    assert live.running.exact_characters == sum(len(lines[number - 1]) for number in exact if number)


def test_a_line_that_was_written_before_opens_its_bar() -> None:
    live = LiveComparison(sealed("one\n/* a\nfive */\none\nseven\n"))
    assert signs(live.feed(["one\n", "/* a\n"])) == "=="
    assert live.feed(["eight\n", "nine\n"]) == []
    rows = live.feed(["seven\n"])
    assert [(row.kind, row.right_number, row.sealed) for row in rows] == [("≠", 3, 7), ("≠", 4, None), ("=", 5, None)]
    assert rows[1].right == "one"


def test_colours_go_on_from_line_to_line() -> None:
    lines = ["/* a comment\n", "int in_it;\n", "*/ int out;\n"]
    live = LiveComparison(sealed("".join(lines)))
    assert [row.left for line in lines for row in live.feed([line])] == highlight_lines(lines, "linux/toy/ring.c")


def test_a_line_without_its_newline_is_another() -> None:
    found: Comparison = compare_text("one", sealed("one\n"))
    assert (signs(found.rows), found.rows[0].sealed) == ("≠", 3)
    assert line_digest("one") != line_digest("one\n")


# After source that was given

LEADS = [("one\ntwo\n", "three\nfour\nfive\n"), ("one\nt", "wo\nthree\nfour\nfive\n"), ("tw", "o\nthree\nfour\nfive\n"), ("one\ntwo", "")]


def after(lead: str, text: str, *, has_text: bool = False, reach: int | None = None, complete: bool = True) -> Comparison:
    first = 1 if lead.startswith("tw") else 0
    return compare_text(
        text, after_line(MadeUpOriginal(ORIGINAL, has_text), 2), lead=Lead(lead, first), reach=reach, complete=complete, line_files={}
    )


@pytest.mark.parametrize(("lead", "text"), LEADS)
def test_what_was_given_counts_for_nothing(lead: str, text: str) -> None:
    score = after(lead, text).score
    assert (score.original_lines, score.original_characters) == (3, len("three\nfour\nfive\n"))
    assert score.exact_lines == (3 if text else 0)
    assert score.reproduced == float(bool(text))
    assert not score.sha256_identical
    assert score.emitted_sha256 == sha256(text.encode()).hexdigest()  # all that was written, as it is downloaded


def test_to_repeat_the_prompt_is_to_reproduce_nothing() -> None:
    for lead, text in [("one\ntwo\n", "one\ntwo\n"), ("one\nt", "wo\n"), ("one\ntwo", "\none\ntwo\n")]:
        score = after(lead, text).score
        assert (score.reproduced, score.exact_lines, score.longest_run) == (0.0, 0, 0)


@pytest.mark.parametrize("text", ["wo\nthree\nfour\nfive\n", "x\nthree\nx\n", "", "wo\nfour\nthree\n"])
def test_what_follows_scores_the_same_sealed_and_readable(text: str) -> None:
    sealed_score, readable_score = after("one\nt", text).score, after("one\nt", text, has_text=True).score
    assert sealed_score == replace(readable_score, similarity=None, measures=sealed_score.measures)
    assert readable_score.similarity is not None


@pytest.mark.parametrize(("lead", "text"), LEADS)
def test_numbers_beside_what_follows_a_lead_are_the_file_s(lead: str, text: str) -> None:
    found = after(lead, text)
    given = len(split_lines(lead))
    assert [row.right_number for row in found.rows] == list(range(3 - given, 6))
    assert signs(found.rows) == "·" * given + ("===" if text else "−−−")
    assert found.ticks == ("." if given == 1 else "·") + "·" + ("===" if text else "xxx")


@pytest.mark.parametrize(("lead", "text"), LEADS)
def test_a_lead_is_streamed_once(lead: str, text: str) -> None:
    found = after(lead, text)
    live = LiveComparison(found.original, [part.lead for part in found.parts])
    rows = [row for lines in ([], *([line] for line in split_lines(text)), []) for row in live.feed(lines)]
    assert rows == (found.rows if text else [])
    assert live.running.exact_lines == found.score.exact_lines
    assert live.ticks == (found.ticks if text else found.ticks.replace("x", "."))


def test_stopped_after_a_lead() -> None:
    assert signs(after("one\nt", "w", complete=False).rows) == "··"
    assert signs(after("one\nt", "wo\nthree\n", complete=False).rows) == "··="
    assert after("one\nt", "wo\nthree\n", complete=False).ticks == "··=.."


def test_reach_is_counted_from_the_line_after_the_prompt() -> None:
    score = after("one\nt", "wo\nthree\nfo", reach=11, complete=False).score
    assert (score.reach, score.within_reach) == (8, 1.0)
    assert score.reproduced == 6 / 16
    nothing = after("one\nt", "w", reach=1).score
    assert (nothing.reach, nothing.within_reach) == (0, None)
