import pytest

from laam.compare.highlight import LineHighlighter
from laam.compare.lead import NO_LEAD, Lead, LiveLead, lead_rows
from laam.compare.render import Row, render_rows
from laam.corpus.original import Original, after_line
from tests.compare.made_up import MadeUpOriginal

TEXT = "one\ntwo\nthree\nfour\n"
HOSTILE = "<img src=x onerror='a(1)'> & \"b\" ${x} {{y}} </code>"


def rows_of_lead(lead: Lead, rest: str, original: Original | None) -> list[Row]:
    return lead_rows(lead, rest, original, LineHighlighter("a.c"))


def live_lead(lead: Lead, original: Original) -> LiveLead:
    return LiveLead(lead, original, LineHighlighter("a.c"))


def places(rows: list[Row]) -> list[tuple[int | None, str | None, str | None, int | None]]:
    return [(row.right_number, row.left, row.right, row.sealed) for row in rows]


@pytest.mark.parametrize(
    ("lead", "emitted", "rest", "counted"),
    [
        ("", "a\nb", "", "a\nb"),
        ("one\n", "a\nb", "", "a\nb"),
        ("on", "e\nb\n", "e\n", "b\n"),
        ("on", "\nb", "\n", "b"),
        ("on", "e and no end", "e and no end", ""),
        ("on", "", "", ""),
        ("one\f", "a\fb\nc", "a\fb\n", "c"),  # only a newline ends a line
    ],
)
def test_the_rest_of_a_line_that_breaks_off_is_not_counted(lead: str, emitted: str, rest: str, counted: str) -> None:
    assert Lead(lead).split(emitted) == (rest, counted)


def test_no_lead_has_no_rows() -> None:
    assert rows_of_lead(NO_LEAD, "", MadeUpOriginal(TEXT)) == []
    assert (list(NO_LEAD.lines), NO_LEAD.breaks_off) == ([], False)


@pytest.mark.parametrize("has_text", [True, False])
def test_an_exact_lead_stands_on_both_sides(has_text: bool) -> None:
    rows = rows_of_lead(Lead("two\nthr", 1), "ee\n", after_line(MadeUpOriginal(TEXT, has_text), 3))
    assert places(rows) == [(2, "two", "two", None), (3, "three", "three", None)]
    assert {(row.kind, row.left_number) for row in rows} == {("·", None)}


def test_beside_another_line_is_the_original_or_a_bar() -> None:
    lead = Lead("wo\ntree\n", 1)
    for has_text, beside in [(True, [(2, "two", None), (3, "three", None)]), (False, [(2, None, 3), (3, None, 5)])]:
        rows = rows_of_lead(lead, "", after_line(MadeUpOriginal(TEXT, has_text), 3))
        assert [(row.right_number, row.right, row.sealed) for row in rows] == beside


def test_what_lies_outside_the_file_has_nothing_beside_it() -> None:
    before = rows_of_lead(Lead("mine\none\n", -1), "", after_line(MadeUpOriginal(TEXT), 1))
    assert places(before) == [(None, "mine", None, None), (1, "one", "one", None)]
    beyond = rows_of_lead(Lead("four\nmine\n", 3), "", after_line(MadeUpOriginal(TEXT), 4))
    assert places(beyond) == [(4, "four", "four", None), (None, "mine", None, None)]


def test_without_an_original_it_stands_alone() -> None:
    assert places(rows_of_lead(Lead("one\ntw"), "o\n", None)) == [(None, "one", None, None), (None, "two", None, None)]


def test_hostile_text_is_escaped_on_both_sides() -> None:
    original = after_line(MadeUpOriginal(f"{HOSTILE}\n{HOSTILE}\n"), 2)
    html = render_rows(rows_of_lead(Lead(f"{HOSTILE}\n{HOSTILE}!\n"), "", original), full=True)
    assert "<img" not in html
    assert html.count("&lt;") == 2 * html.count("row kg") * 2
    assert "${" not in html
    assert "{{" not in html


def test_a_stream_begins_with_the_lead() -> None:
    original = after_line(MadeUpOriginal(TEXT), 2)
    whole = live_lead(Lead("one\ntwo\n"), original)
    rows, lines = whole.feed([])
    assert (rows, list(lines)) == (rows_of_lead(whole.lead, "", original), [])
    rows, lines = whole.feed(["three\n"])
    assert (rows, list(lines)) == ([], ["three\n"])


def test_a_stream_waits_for_the_end_of_the_line_that_breaks_off() -> None:
    original = after_line(MadeUpOriginal(TEXT), 2)
    cut = live_lead(Lead("one\ntw"), original)
    assert cut.feed([]) == ([], [])
    rows, lines = cut.feed(["o\n", "three\n"])
    assert (rows, list(lines)) == (rows_of_lead(cut.lead, "o\n", original), ["three\n"])
    rows, lines = cut.feed(["four\n"])
    assert (rows, list(lines)) == ([], ["four\n"])
