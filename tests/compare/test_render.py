import html
import re

import pytest

from laam.compare.align import Block, align
from laam.compare.highlight import highlight_lines, shown
from laam.compare.render import (
    Row,
    differing_spans,
    highlight_original,
    line_marks,
    mark_html,
    note_row,
    render_rows,
    rows_of,
    tick_marks,
    with_note,
)
from laam.corpus.lines import line_digest, split_lines
from laam.corpus.original import Original, after_line
from tests.compare.made_up import MadeUpOriginal, digests_of, edit_source, make_source

ORIGINAL = "int a;\nint b = LEN;\nint c;\n"
EMITTED = "int a;\nint b = SIZE;\nint c;\n\n"


def rows(emitted: str, original: Original, opened: dict[int, str] | None = None) -> list[Row]:
    lines = split_lines(emitted)
    blocks = align(digests_of(emitted), original.digests, original.lengths).blocks
    return rows_of(blocks, lines, highlight_lines(lines, "a.c"), original, opened or {})


def test_readable() -> None:
    found = rows(EMITTED, MadeUpOriginal(ORIGINAL))
    assert found == [
        Row("=", 1, 1, "<b>int</b> a;", "<b>int</b> a;"),
        Row("≠", 2, 2, "<b>int</b> b = <mark>SIZE</mark>;", "<b>int</b> b = <mark>LEN</mark>;"),
        Row("=", 3, 3, "<b>int</b> c;", "<b>int</b> c;"),
        Row("+", 4, None, "", None),
    ]


def test_sealed_rows_are_bars_until_the_line_was_written() -> None:
    sealed = MadeUpOriginal(ORIGINAL, has_text=False)
    assert rows(EMITTED, sealed)[1] == Row("≠", 2, 2, "<b>int</b> b = SIZE;", None, 12)
    opened = {line_digest("int b = LEN;\n"): "<b>int</b> b = LEN;"}
    assert rows(EMITTED, sealed, opened)[1] == Row("≠", 2, 2, "<b>int</b> b = SIZE;", "<b>int</b> b = LEN;")
    assert rows("int a;\nint b = LEN;\n", sealed)[2] == Row("−", None, 3, None, None, 6)


def test_unpaired_rows() -> None:
    assert [(row.kind, row.left_number, row.right_number) for row in rows("x\ny\n", MadeUpOriginal("1\n2\n3\n"))] == [
        ("≠", 1, 1),
        ("≠", 2, 2),
        ("−", None, 3),
    ]


def test_after_a_prompt_lines_keep_the_numbers_of_the_file() -> None:
    part = after_line(MadeUpOriginal("int x;\nint y;\nint a;\nint b;\n"), 2)
    found = rows("int a;\nint z;\n", part)
    assert [(row.kind, row.left_number, row.right_number) for row in found] == [("=", 1, 3), ("≠", 2, 4)]
    assert found[1].right == "<b>int</b> <mark>b</mark>;"


def test_a_note_stands_behind_the_line_and_what_goes_with_it() -> None:
    found = rows("one\ntwo\n", MadeUpOriginal("one\nsix\nten\n"))
    assert [row.kind for row in found] == ["=", "≠", "−"]
    assert [row.kind for row in with_note(found, 1, note_row("x"))] == ["=", "note", "≠", "−"]
    assert [row.kind for row in with_note(found, 2, note_row("x"))] == ["=", "≠", "−", "note"]
    assert [row.kind for row in with_note([], 0, note_row("x"))] == ["note"]
    assert render_rows([note_row("<b> & ${x}")]) == '<div class="row kn" role=note>&lt;b&gt; &amp; &#36;&#123;x&#125;</div>'
    assert render_rows([note_row("x", 'a="<&b', "<i>")]) == (
        '<div class="row kn" role=note>x <a href="?a=&#34;&lt;&amp;b" data-link>&lt;i&gt;</a></div>'
    )


@pytest.mark.parametrize("has_text", [True, False])
def test_every_line_has_one_row(has_text: bool) -> None:
    source = make_source(200)
    emitted = edit_source(source, 0.3)
    found = rows(emitted, MadeUpOriginal(source, has_text))
    assert [row.left_number for row in found if row.left_number] == list(range(1, len(split_lines(emitted)) + 1))
    assert [row.right_number for row in found if row.right_number] == list(range(1, 201))
    read = [html.unescape(re.sub("<[^>]*>", "", row.left)) for row in found if row.left is not None]
    assert read == [shown(line) for line in split_lines(emitted)]


def test_html_of_each_kind() -> None:
    found = [Row("=", 1, 1, "a", "a"), Row("≠", 2, 2, "b", None, 42), Row("+", 3, None, "c", None), Row("−", None, 3, None, "d")]
    assert render_rows(found) == (
        '<div class="row ke" data-e=1 data-o=1><span class=n>1</span><span class=g>=<span class=vh>same</span></span>'
        '<code>a</code><span class="n r">1</span><code></code></div>\n'
        '<div class="row kd" data-e=2 data-o=2><span class=n>2</span><span class=g>≠<span class=vh>differs</span></span>'
        '<code>b</code><span class="n r">2</span><code><span class="seal" style="width:42ch"></span>'
        "<span class=vh>sealed, 42 characters</span></code></div>\n"
        '<div class="row ki" data-e=3><span class=n>3</span><span class=g>+<span class=vh>only written</span></span>'
        '<code>c</code><span class="n r"></span><code></code></div>\n'
        '<div class="row km" data-o=3><span class=n></span><span class=g>−<span class=vh>not written</span></span>'
        '<code></code><span class="n r">3</span><code>d</code></div>'
    )
    assert '<span class="n r">1</span><code>a</code>' in render_rows(found, full=True)


@pytest.mark.parametrize("has_text", [True, False])
def test_hostile_values_are_escaped(has_text: bool) -> None:
    hostile = "</code></script> & \"q\" 'q' ${x} {{y}} `z` word\n"
    page = render_rows(rows(hostile, MadeUpOriginal(hostile.replace("word", "other"), has_text)), full=True)
    assert not set("$`{}'\n") & set(page)
    assert "</script>" not in page
    assert "&lt;/script&gt;" in re.sub("</?mark>", "", page)
    assert page.count("</code>") == 2


def test_marks_keep_tags_nested() -> None:
    assert mark_html("<b>int</b> &lt;x", [range(1, 6)]) == "<b>i<mark>nt</mark></b><mark> &lt;x</mark>"
    assert mark_html("ab", [range(0, 0)]) == "ab"


def test_differing_spans() -> None:
    assert differing_spans("a b c", "a x c") == ([range(2, 3)], [range(2, 3)])
    assert differing_spans("same", "same") == ([], [])
    assert differing_spans("\tone", "\ttwo") == ([range(1, 4)], [range(1, 4)])
    assert differing_spans("", "a") == ([], [range(0, 1)])
    assert differing_spans("x" * 9_000, "y") == ([range(9_000)], [range(1)])
    assert differing_spans("a " * 400, "a") == ([range(800)], [range(1)])


def test_highlight_original() -> None:
    assert highlight_original(MadeUpOriginal("int a;\n")) == ["<b>int</b> a;"]
    assert highlight_original(MadeUpOriginal("int a;\n", has_text=False)) is None


def test_ticks() -> None:
    four = MadeUpOriginal("a\nb\nc\nd\n")
    blocks = [Block("equal", 0, 2, 0, 2), Block("replace", 2, 3, 2, 3)]
    marks = line_marks(blocks, four)
    assert marks == tick_marks(marks) == "==x."
    assert tick_marks(marks, limit=2) == "=x"
    assert tick_marks(marks, limit=1) == "x"
    assert tick_marks(line_marks([], MadeUpOriginal(""))) == ""


def test_ticks_are_of_the_whole_file_with_what_was_given() -> None:
    part = after_line(MadeUpOriginal("a\nb\nc\nd\n"), 2)
    assert line_marks([Block("equal", 0, 1, 0, 1)], part, [range(1, 2)]) == ".·=."
    assert line_marks([], part, [range(-7, 2), range(3, 9)]) == "··.·"


def test_ticks_cover_every_line_once() -> None:
    original = MadeUpOriginal("x\n" * 1_000)
    for line in range(0, 1_000, 7):
        marks = tick_marks(line_marks([Block("delete", 0, 0, line, line + 1)], original), limit=240)
        assert len(marks) == 240
        assert marks.count("x") == 1
        assert marks[line * 240 // 1_000] == "x" or marks[line * 240 // 1_000 + 1] == "x"
