"""The leads of an emission: source text that stood in its prompts. It is shown where it stands, and counts for nothing.

Most emissions have at most one, before all that was written. A file that is asked for piece by piece has one before each piece but the
first. A line of the file thus put together counts for nothing if any part of it was given: neither on the original's side nor on that of
what was written. The other lines of a piece are held against the original's lines between the same two leads, and against no others.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from laam.compare.highlight import LineHighlighter, State, highlight_lines
from laam.compare.render import Row, note_row
from laam.corpus.lines import line_digest, split_lines
from laam.corpus.original import Original, whole_of


@dataclass(frozen=True)
class Lead:
    """Source that was given. If it breaks off inside a line, the rest of that line is not counted either.

    `first_line`: the original's line, counted from 0, beside which its first line is laid; negative if it begins before the file.
    `note`: a sentence that stands above it.
    """

    text: str = ""
    first_line: int = 0
    note: str = ""

    @property
    def lines(self) -> range:
        """The numbers of the original's lines beside which it is laid."""
        return range(self.first_line, self.first_line + len(split_lines(self.text)))

    @property
    def breaks_off(self) -> bool:
        """Whether it ends inside a line."""
        return bool(self.text) and not self.text.endswith("\n")

    def split(self, emitted: str) -> tuple[str, str]:
        """The end of the line in which the lead breaks off, and the lines after it, which are compared."""
        if not self.breaks_off:
            return "", emitted
        rest, newline, counted = emitted.partition("\n")
        return rest + newline, counted


NO_LEAD = Lead()


def split_answers(leads: Sequence[Lead], texts: Sequence[str]) -> Iterator[tuple[Lead, str, str]]:
    """Each lead with the line that was under way before it, and its `split` of what was written after it. `texts`: what followed each
    lead; the last ones may be missing."""
    under_way = ""
    for number, (lead, text) in enumerate(zip(leads, texts, strict=False), start=1):
        whole = len(text) if number == len(texts) else text.rfind("\n") + 1
        joined = replace(lead, text=under_way + lead.text)
        yield joined, *joined.split(text[:whole])
        under_way = text[whole:]


def sections(leads: Sequence[Lead], original: Original) -> list[range]:
    """For each lead, which of the original's lines, by their index, are what follows it up to the next one."""
    ends = [*(bisect_left(original.numbers, lead.first_line) for lead in leads[1:]), len(original.numbers)]
    return [range(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def states(leads: Sequence[Lead], original: Original) -> list[State]:
    """The state in which the colours of each lead begin: after the first, that of the original there, whatever was written before it."""
    whole, highlighter = whole_of(original), LineHighlighter(original.file.path)
    found = [highlighter.state]
    for before, lead in pairwise(leads):
        highlighter.feed(whole.line(number) or "" for number in range(before.first_line, lead.first_line))
        found.append(highlighter.state)
    return found


class LiveLead:
    """Separates a lead from an emission that comes line by line. `original`, `highlighter`: see lead_rows."""

    def __init__(self, lead: Lead, original: Original | None, highlighter: LineHighlighter) -> None:
        self.lead = lead
        self._original, self._highlighter = original, highlighter
        self._is_shown = False

    def feed(self, lines: Sequence[str]) -> tuple[list[Row], Sequence[str]]:
        """The rows of the lead, once the line in which it breaks off is whole, and the lines that are to be compared."""
        if self._is_shown or (self.lead.breaks_off and not lines):
            return [], lines
        rest, counted = (lines[:1], lines[1:]) if self.lead.breaks_off else ([], lines)
        return self.finish("".join(rest)), counted

    def finish(self, rest: str = "") -> list[Row]:
        """The rows of the lead, if they were not given yet."""
        shown, self._is_shown = self._is_shown, True
        return [] if shown else lead_rows(self.lead, rest, self._original, self._highlighter)


def lead_rows(lead: Lead, rest: str, original: Original | None, highlighter: LineHighlighter) -> list[Row]:
    """A row for each line of the lead, the last one ended with `rest`; beside it the original's line, if it is the same or readable.

    `original`: what follows the lead; None if that is not known. Lines before the file's first or beyond its last have none beside them.
    `highlighter`: has coloured all lines before.
    """
    rows = [note_row(lead.note)] if lead.note else []
    lines = split_lines(lead.text + rest) if lead.text else []
    whole = whole_of(original) if original else None
    for number, (line, html) in enumerate(zip(lines, highlighter.feed(lines), strict=True), start=lead.first_line):
        if whole is None or not 0 <= number < len(whole.digests):
            rows.append(Row("·", None, None, html, None))
        elif whole.digests[number] == line_digest(line):
            rows.append(Row("·", None, number + 1, html, html))
        elif (text := whole.line(number)) is not None:
            rows.append(Row("·", None, number + 1, html, highlight_lines([text], whole.file.path)[0]))
        else:
            rows.append(Row("·", None, number + 1, html, None, max(whole.lengths[number] - 1, 0)))
    return rows
