"""The lead of an emission: source text that stood in the prompt. It is shown before what was written, and counts for nothing."""

from dataclasses import dataclass

from laam.compare.highlight import highlight_lines
from laam.compare.original import Original, OriginalPart
from laam.compare.render import Row
from laam.corpus.lines import line_digest, split_lines


@dataclass(frozen=True)
class Lead:
    """Source that was given. Where it breaks off inside a line, the rest of that line is not counted either."""

    text: str = ""

    @property
    def lines(self) -> int:
        return len(split_lines(self.text))

    @property
    def breaks_off(self) -> bool:
        """Whether it ends inside a line."""
        return bool(self.text) and not self.text.endswith("\n")

    def split(self, emitted: str) -> tuple[str, str]:
        """What ends the line that the lead breaks off in, and the lines after it, which are what is compared."""
        if not self.breaks_off:
            return "", emitted
        rest, newline, counted = emitted.partition("\n")
        return rest + newline, counted


NO_LEAD = Lead()


def lead_rows(lead: Lead, rest: str, original: Original | None) -> list[Row]:
    """A row for each line of the lead, the last one ended with `rest`; beside it the original's line, where it is the same or readable.

    `original`: what follows the lead; None where that is not known.
    """
    if not lead.text:
        return []
    lines = split_lines(lead.text + rest)
    path = original.file.path if original else "lead.c"
    whole = original.whole if isinstance(original, OriginalPart) else None
    first = original.first_line - len(lines) if original else 0
    rows = []
    for number, (line, html) in enumerate(zip(lines, highlight_lines(lines, path), strict=True), start=first):
        if whole is None or number < 0:
            rows.append(Row("·", None, None, html, None))
        elif whole.digests[number] == line_digest(line):
            rows.append(Row("·", None, number + 1, html, html))
        elif (text := whole.line(number)) is not None:
            rows.append(Row("·", None, number + 1, html, highlight_lines([text], path)[0]))
        else:
            rows.append(Row("·", None, number + 1, html, None, max(whole.lengths[number] - 1, 0)))
    return rows
