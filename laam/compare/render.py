"""Rows of the side-by-side view, and their HTML. Every value is escaped; nothing is looked up or computed on the way out."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import Literal

from rapidfuzz.distance import Indel

from laam.compare.align import Block
from laam.compare.highlight import LONG_LINE, escape, highlight_lines, shown
from laam.corpus.lines import split_lines
from laam.corpus.original import Original, text_of, whole_of

TICKS = 240
MARKED_TOKENS = 300  # of a line; if either side has more, the whole line is marked
ALIKE_TOKENS = 800  # pairs of equal ones in two lines; with more, difflib takes too long

RowKind = Literal["=", "≠", "+", "−", "…", "·", "∈", "note"]
_CLASSES: dict[RowKind, str] = {"=": "ke", "≠": "kd", "+": "ki", "−": "km", "…": "kx", "·": "kg", "∈": "kc", "note": "kn"}
_WORDS: dict[RowKind, str] = {
    "=": "same",
    "≠": "differs",
    "+": "only written",
    "−": "not written",
    "…": "cut off",
    "·": "given in the prompt",
    "∈": "a line of the originals",
    "note": "note",
}
NOWHERE: Mapping[int, str] = {}
_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
_HTML_UNIT = re.compile(r"<[^>]*>|&[^;]*;|.", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One line of the view. Numbers count from 1; a side that has no line has neither number nor HTML.

    `=` reproduced, `≠` written differently, `+` only the model has it, `−` only the original has it, `…` cut off where the emission ended,
    and no other than the original as far as it goes, `·` given in the prompt, `∈` a line that the kernel has, held against no file (`right`
    says where it stands), `note` on the emission, across both panes (`left` is its text as HTML). If the original's line can't be shown,
    `right` is None and `sealed` its number of characters, without the newline.
    """

    kind: RowKind
    left_number: int | None
    right_number: int | None
    left: str | None
    right: str | None
    sealed: int | None = None


def highlight_original(original: Original) -> list[str] | None:
    """The HTML of each line of a readable original, made once and given to `rows_of`; None for a sealed original."""
    if not original.has_text:
        return None
    html = highlight_lines(split_lines(text_of(whole_of(original))), original.file.path)
    return [html[number] for number in original.numbers]


def rows_of(
    blocks: Sequence[Block],
    emitted_lines: Sequence[str],
    highlighted: Sequence[str],
    original: Original,
    opened: Mapping[int, str],
    *,
    original_html: Sequence[str] | None = None,
    elsewhere: Mapping[int, str] = NOWHERE,
    cut: int | None = None,
) -> list[Row]:
    """The rows of some blocks, in order. Inside a replace block lines are paired by index.

    `emitted_lines`: all lines written, from the first; `highlighted`: the HTML of each. `opened`: the HTML of each line that the model has
    written anywhere, by its digest; a sealed line is shown by it, or else as a bar. `original_html`: from `highlight_original`; made
    here if it is left out and needed. If text is at hand, differences inside a pair of lines are in `<mark>` on both sides.
    `elsewhere`: the place in the kernel of a line that stands in another file, by its number from 0; such a line is paired with none.
    `cut`: the written line that was cut off.
    """
    if original_html is None and original.has_text and any(block.kind != "equal" for block in blocks):
        original_html = highlight_original(original)
    rows: list[Row] = []
    for block in blocks:
        originals = iter(range(block.original_start, block.original_end))
        for e in range(block.emitted_start, block.emitted_end):
            if block.kind == "equal":
                rows.append(Row("=", e + 1, original.numbers[next(originals)] + 1, highlighted[e], highlighted[e]))
            elif e in elsewhere:
                rows.append(Row("∈", e + 1, None, highlighted[e], escape(elsewhere[e])))
            elif e == cut and elsewhere:
                rows.append(Row("…", e + 1, None, highlighted[e], None))
            elif (o := next(originals, None)) is None:
                rows.append(Row("+", e + 1, None, highlighted[e], None))
            else:
                rows.append(_other_row(e, o, emitted_lines, highlighted, original, original_html, opened, e == cut))
        rows += [_other_row(None, o, emitted_lines, highlighted, original, original_html, opened) for o in originals]
    return rows


def _other_row(
    e: int | None,
    o: int,
    emitted_lines: Sequence[str],
    highlighted: Sequence[str],
    original: Original,
    original_html: Sequence[str] | None,
    opened: Mapping[int, str],
    is_cut: bool = False,
) -> Row:
    """A row whose original line was not written at this place."""
    left = None if e is None else highlighted[e]
    right = original_html[o] if original_html else opened.get(original.digests[o])
    text = original.line(o)
    if e is not None and left is not None and right is not None and text is not None and not is_cut:
        left_spans, right_spans = differing_spans(shown(emitted_lines[e]), shown(text))
        left, right = mark_html(left, left_spans), mark_html(right, right_spans)
    kind: RowKind = "…" if is_cut else "≠" if e is not None else "−"
    sealed = max(original.lengths[o] - 1, 0) if right is None else None
    return Row(kind, None if e is None else e + 1, original.numbers[o] + 1, left, right, sealed)


def differing_spans(left: str, right: str) -> tuple[list[range], list[range]]:
    """Half-open spans of characters of either line that the other doesn't have there, by words; the whole lines if little is common."""
    if left == right:
        return [], []  # they differ only in the newline
    if len(left) > LONG_LINE or len(right) > LONG_LINE:
        return [range(len(left))], [range(len(right))]
    left_tokens, right_tokens = _TOKEN.findall(left), _TOKEN.findall(right)
    words = Counter(token for token in left_tokens if token[0].isalnum() or token[0] == "_")
    alike = any(words[token] for token in right_tokens) or not words
    if not alike or max(len(left_tokens), len(right_tokens)) > MARKED_TOKENS:
        return [range(_indent(left), len(left))], [range(_indent(right), len(right))]
    left_at, right_at = _offsets(left_tokens), _offsets(right_tokens)
    changes = [opcode[1:] for opcode in _opcodes(left_tokens, right_tokens) if opcode[0] != "equal"]
    return (
        [range(left_at[start], left_at[end]) for start, end, _, _ in changes if start < end],
        [range(right_at[start], right_at[end]) for _, _, start, end in changes if start < end],
    )


def _opcodes(left: Sequence[str], right: Sequence[str]) -> Iterable[tuple[str, int, int, int, int]]:
    """What difflib finds, whose marks read best; in lines that repeat a few words again and again, the longest common subsequence."""
    words = Counter(left)
    if sum(words[token] for token in right) <= ALIKE_TOKENS:
        return SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    opcodes = Indel.opcodes(left, right)
    return [(each.tag, each.src_start, each.src_end, each.dest_start, each.dest_end) for each in opcodes]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _offsets(tokens: Sequence[str]) -> list[int]:
    offsets = [0]
    for token in tokens:
        offsets.append(offsets[-1] + len(token))
    return offsets


def mark_html(html: str, spans: Sequence[range]) -> str:
    """A line's HTML with `<mark>` around some spans of its characters. A mark never crosses a tag, so the tags stay nested.

    `html` must be escaped text with plain tags, as `highlight` makes it; an entity is one character.
    """
    if not any(spans):
        return html
    marked = {index for span in spans for index in span}
    out: list[str] = []
    at, is_open = 0, False
    for unit in _HTML_UNIT.findall(html):
        is_tag = len(unit) > 1 and unit[0] == "<"
        wanted = not is_tag and at in marked
        if wanted != is_open:
            out.append("<mark>" if wanted else "</mark>")
            is_open = wanted
        out.append(unit)
        at += not is_tag
    return "".join(out) + ("</mark>" if is_open else "")


def render_rows(rows: Sequence[Row], full: bool = False) -> str:
    """The rows as HTML, one `<div class="row …">` each, a line for each.

    Classes: `ke` equal, `kd` differs, `ki` only written, `km` only in the original, `kx` cut off, `kg` given in the prompt, `kc` found
    somewhere in the kernel, `kn` a note, which holds nothing but itself. `data-e` and `data-o` are
    the line numbers of the emission and the original, if there are any. Each row holds, in this order: number, sign, `<code>`,
    number (`n r`), `<code>`. What only a screen reader should say has the class `vh`, to be hidden by the style sheet.

    **In a `ke` row the second `<code>` is empty**: its content is that of the first, and the page's script copies it, which halves
    what is sent. `full=True` writes both, for a page without a script.
    """
    return "\n".join(_render_row(row, full) for row in rows)


def _render_row(row: Row, full: bool) -> str:
    if row.kind == "note":
        return f'<div class="row kn" role=note>{row.left}</div>'
    places = ""
    if row.left_number is not None:
        places += f" data-e={row.left_number}"
    if row.right_number is not None:
        places += f" data-o={row.right_number}"
    right = row.right or ""
    if row.kind == "=" and not full:
        right = ""
    elif row.sealed is not None:
        right = f'<span class="seal" style="width:{row.sealed}ch"></span><span class=vh>sealed, {row.sealed} characters</span>'
    return (
        f'<div class="row {_CLASSES[row.kind]}"{places}><span class=n>{row.left_number or ""}</span>'
        f"<span class=g>{row.kind}<span class=vh>{_WORDS[row.kind]}</span></span><code>{row.left or ''}</code>"
        f'<span class="n r">{row.right_number or ""}</span><code>{right}</code></div>'
    )


def note_row(note: str, query: str = "", words: str = "") -> Row:
    """A note (plain text), and behind it a link (`words`) that asks for something else; `query`: of its address."""
    link = f' <a href="?{escape(query)}" data-link>{escape(words)}</a>' if query else ""
    return Row("note", None, None, f"{escape(note)}{link}", None)


def with_note(rows: Sequence[Row], after: int, note: Row) -> list[Row]:
    """The rows, with a note after the row of emitted line `after` and the rows that belong to it."""
    at = next((place for place, row in enumerate(rows) if (row.left_number or 0) > after), len(rows))
    return [*rows[:at], note, *rows[at:]]


def line_marks(blocks: Sequence[Block], original: Original, given: Sequence[range] = (), cut: int | None = None) -> str:
    """One character for each line of the original's file: `=` exact, `x` passed over or written differently, `…` cut off, `.` not reached
    yet or not asked for, `·` given in a prompt. `given`: the numbers of those lines, counted from 0; some may lie outside the file.
    `cut`: the original's line beside the one that was cut off."""
    states = ["."] * len(whole_of(original).digests)
    for number in chain(*given):
        if 0 <= number < len(states):
            states[number] = "·"
    for block in blocks:
        for number in original.numbers[block.original_start : block.original_end]:
            states[number] = "=" if block.kind == "equal" else "x"
    if cut is not None:
        states[original.numbers[cut]] = "…"
    return "".join(states)


def tick_marks(marks: str, limit: int = TICKS) -> str:
    """A file in at most `limit` ticks, one character for each stretch of its lines; `marks`: of its lines.

    The mark is `x` if a line of the stretch has it, else `…` if one has that, else `.`, else `=`, else `·`.
    """
    lines = len(marks)
    ticks = min(limit, lines)
    stretches = (marks[tick * lines // ticks : (tick + 1) * lines // ticks] for tick in range(ticks))
    return "".join(next(mark for mark in "x….=·" if mark in stretch) for stretch in stretches)
