"""The lead of an emission: source text that stood in the prompt. It is shown before what was written, and counts for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from laam.compare.highlight import highlight_lines
from laam.compare.render import Row
from laam.corpus.lines import line_digest, split_lines
from laam.corpus.original import Original, OriginalPart


@dataclass(frozen=True)
class Lead:
    """Source that was given. If it breaks off inside a line, the rest of that line is not counted either.

    `first_line`: the original's line, counted from 0, beside which its first line is laid; negative if it begins before the file.
    """

    text: str = ""
    first_line: int = 0

    @property
    def lines(self) -> int:
        return len(split_lines(self.text))

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


class LiveLead:
    """Separates the lead from an emission that comes line by line. `original`: see lead_rows."""

    def __init__(self, lead: Lead, original: Original | None) -> None:
        self.lead = lead
        self._original = original
        self._is_shown = False

    def feed(self, lines: Sequence[str]) -> tuple[list[Row], Sequence[str]]:
        """The rows of the lead, once the line in which it breaks off is whole, and the lines that are to be compared."""
        if self._is_shown or (self.lead.breaks_off and not lines):
            return [], lines
        self._is_shown = True
        rest, counted = ("".join(lines[:1]), lines[1:]) if self.lead.breaks_off else ("", lines)
        return lead_rows(self.lead, rest, self._original), counted


def lead_rows(lead: Lead, rest: str, original: Original | None) -> list[Row]:
    """A row for each line of the lead, the last one ended with `rest`; beside it the original's line, if it is the same or readable.

    `original`: what follows the lead; None if that is not known. Lines before the file's first or beyond its last have none beside them.
    """
    if not lead.text:
        return []
    lines = split_lines(lead.text + rest)
    path = original.file.path if original else "lead.c"
    whole = original.whole if isinstance(original, OriginalPart) else original
    rows = []
    for number, (line, html) in enumerate(zip(lines, highlight_lines(lines, path), strict=True), start=lead.first_line):
        if whole is None or not 0 <= number < len(whole.digests):
            rows.append(Row("·", None, None, html, None))
        elif whole.digests[number] == line_digest(line):
            rows.append(Row("·", None, number + 1, html, html))
        elif (text := whole.line(number)) is not None:
            rows.append(Row("·", None, number + 1, html, highlight_lines([text], path)[0]))
        else:
            rows.append(Row("·", None, number + 1, html, None, max(whole.lengths[number] - 1, 0)))
    return rows
