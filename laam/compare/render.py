"""Rows of the side-by-side view, and their HTML. Every value is escaped; nothing is looked up or computed on the way out."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from laam.compare.align import Block
from laam.compare.highlight import LONG_LINE, highlight_lines, shown
from laam.compare.original import Original

TICKS = 240
MARKED_TOKENS = 300  # of a line; where either side has more, the whole line is marked

RowKind = Literal["=", "≠", "+", "−", "·"]
_CLASSES: dict[RowKind, str] = {"=": "ke", "≠": "kd", "+": "ki", "−": "km", "·": "kg"}
_WORDS: dict[RowKind, str] = {"=": "same", "≠": "differs", "+": "only written", "−": "not written", "·": "given in the prompt"}
_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
_HTML_UNIT = re.compile(r"<[^>]*>|&[^;]*;|.", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One line of the view. Numbers count from 1; a side that has no line has neither number nor HTML.

    `=` reproduced, `≠` written differently, `+` only the model has it, `−` only the original has it, `·` the original's line stood in
    the prompt. `right` is None and `sealed` a number of characters (without the newline) where the original's line can't be shown.
    """

    kind: RowKind
    left_number: int | None
    right_number: int | None
    left: str | None
    right: str | None
    sealed: int | None = None


def highlight_original(original: Original) -> list[str] | None:
    """The HTML of all lines of a readable original, to be made once and handed to `rows_of`; None for a sealed one."""
    if not original.has_text:
        return None
    return highlight_lines((original.line(index) or "" for index in range(len(original.digests))), original.file.path)


def rows_of(
    blocks: Sequence[Block],
    emitted_lines: Sequence[str],
    highlighted: Sequence[str],
    original: Original,
    opened: Mapping[int, str],
    *,
    given: Sequence[range] = (),
    original_html: Sequence[str] | None = None,
) -> list[Row]:
    """The rows of some blocks, in order. Inside a replace block lines are paired by index.

    `emitted_lines`: all lines written, from the first; `highlighted`: the HTML of each. `opened`: for the digest of a line that the model
    has written anywhere, its HTML; a sealed line is shown as that, or else as a bar. `given`: half-open spans of original lines that
    stood in the prompt. `original_html`: from `highlight_original`; made here if it is left out and needed. Where text is at hand,
    differences inside a pair of lines are in `<mark>` on both sides.
    """
    if original_html is None and original.has_text and any(block.kind != "equal" for block in blocks):
        original_html = highlight_original(original)
    prompted = {index for span in given for index in span}
    rows: list[Row] = []
    for block in blocks:
        emitted = range(block.emitted_start, block.emitted_end)
        originals = range(block.original_start, block.original_end)
        for e, o in zip_longest(emitted, originals):
            if block.kind == "equal":
                rows.append(Row("=", e + 1, o + 1, highlighted[e], highlighted[e]))
            elif o is None:
                rows.append(Row("+", e + 1, None, highlighted[e], None))
            else:
                rows.append(_other_row(e, o, emitted_lines, highlighted, original, original_html, opened, prompted))
    return rows


def _other_row(
    e: int | None,
    o: int,
    emitted_lines: Sequence[str],
    highlighted: Sequence[str],
    original: Original,
    original_html: Sequence[str] | None,
    opened: Mapping[int, str],
    prompted: set[int],
) -> Row:
    """A row whose original line was not written at this place."""
    left = None if e is None else highlighted[e]
    right = original_html[o] if original_html else opened.get(original.digests[o])
    text = original.line(o)
    if e is not None and left is not None and right is not None and text is not None:
        left_spans, right_spans = differing_spans(shown(emitted_lines[e]), shown(text))
        left, right = mark_html(left, left_spans), mark_html(right, right_spans)
    kind: RowKind = "≠" if e is not None else "·" if o in prompted else "−"
    sealed = max(original.lengths[o] - 1, 0) if right is None else None
    return Row(kind, None if e is None else e + 1, o + 1, left, right, sealed)


def differing_spans(left: str, right: str) -> tuple[list[range], list[range]]:
    """Half-open spans of characters of either line that the other doesn't have there, by words; the whole lines where little is common."""
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
    matcher = SequenceMatcher(None, left_tokens, right_tokens, autojunk=False)
    changes = [opcode[1:] for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    return (
        [range(left_at[start], left_at[end]) for start, end, _, _ in changes if start < end],
        [range(right_at[start], right_at[end]) for _, _, start, end in changes if start < end],
    )


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
    """The rows as HTML, one `<div class="row …">` each, without anything between them.

    Classes: `ke` equal, `kd` differs, `ki` only written, `km` only in the original, `kg` given in the prompt. `data-e` and `data-o` are
    the line numbers of the emission and the original, where there is one. Each row holds, in this order: number, sign, `<code>`,
    number (`n r`), `<code>`. What only a screen reader should say has the class `vh`, to be hidden by the style sheet.

    **In a `ke` row the second `<code>` is empty**: its content is that of the first, and the page's script copies it, which halves
    what is sent. `full=True` writes both, for a page without a script.
    """
    return "".join(_render_row(row, full) for row in rows)


def _render_row(row: Row, full: bool) -> str:
    places = ""
    if row.left_number is not None:
        places += f" data-e={row.left_number}"
    if row.right_number is not None:
        places += f" data-o={row.right_number}"
    sign = "" if row.kind == "=" else row.kind
    right = row.right or ""
    if row.kind == "=" and not full:
        right = ""
    elif row.sealed is not None:
        right = f'<span class="seal" style="width:{row.sealed}ch"></span><span class=vh>sealed, {row.sealed} characters</span>'
    return (
        f'<div class="row {_CLASSES[row.kind]}"{places}><span class=n>{row.left_number or ""}</span>'
        f"<span class=g>{sign}<span class=vh>{_WORDS[row.kind]}</span></span><code>{row.left or ''}</code>"
        f'<span class="n r">{row.right_number or ""}</span><code>{right}</code></div>'
    )


def tick_marks(blocks: Sequence[Block], original_lines: int, limit: int = TICKS, given: Sequence[range] = ()) -> str:
    """The original in at most `limit` ticks, one character for each stretch of its lines.

    `x` where a line of the stretch was passed over or written differently, else `.` where one is not reached yet, else `=`
    where all are exact, else `·` where all stood in the prompt.
    """
    states = ["."] * original_lines
    for block in blocks:
        mark = "=" if block.kind == "equal" else "x"
        states[block.original_start : block.original_end] = mark * (block.original_end - block.original_start)
    for span in given:
        states[span.start : span.stop] = "·" * len(span)
    ticks = min(limit, original_lines)
    stretches = (states[tick * original_lines // ticks : (tick + 1) * original_lines // ticks] for tick in range(ticks))
    return "".join(next(mark for mark in "x.=·" if mark in stretch) for stretch in stretches)
