"""A text that is held against no one file: each of its lines that stands anywhere in the kernel is credited to the file it is from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from laam.compare.highlight import LineHighlighter, escape
from laam.compare.instead import Instead
from laam.compare.lead import NO_LEAD, Lead, LiveLead, lead_rows
from laam.compare.render import Row
from laam.corpus.lines import source_sha256, split_lines
from laam.corpus.lookup import LineCredit, credit_lines
from laam.corpus.sealed import SealedManifest


@dataclass(frozen=True)
class CreditScore:
    """How much of a text stands somewhere in the kernel. Characters are counted with their newline; order plays no part."""

    found: float
    """found_characters ÷ emitted_characters, 0…1; 0.0 for an empty text."""
    found_without_boilerplate: float
    """The same over lines that occur in at most ten files of the kernel, or in none; 0.0 if there are no such lines."""
    found_characters: int
    emitted_characters: int
    found_lines: int
    emitted_lines: int
    files: tuple[tuple[str, int], ...]
    """The files to which most lines are credited, boilerplate left out: path and number of lines, the largest first, at most five."""
    emitted_sha256: str
    prompt_characters: int
    """The number of characters that the model was given."""

    def as_dict(self) -> dict[str, object]:
        """The fields by name, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class CreditedText:
    """A finished emission of unknown origin. `name`: by which it is coloured; `lead`: source that was given before it; `instead`: the file
    that it is of, if any; `complete`: the model ended by itself."""

    text: str
    name: str
    credits: Sequence[LineCredit]
    score: CreditScore
    lead: Lead = NO_LEAD
    instead: Instead | None = None
    complete: bool = True

    @property
    def rows(self) -> list[Row]:
        """All rows, made anew at each use."""
        rest, counted = self.lead.split(self.text)
        highlighter = LineHighlighter(self.name)
        places = {credit.index: _where_it_stands(credit) for credit in self.credits} | (self.instead.places if self.instead else {})
        rows = lead_rows(self.lead, rest, None, highlighter) + credit_rows(highlighter.feed(split_lines(counted)), places)
        if not self.complete and rows and rows[-1].kind == "+" and not self.text.endswith("\n"):
            rows[-1] = replace(rows[-1], kind="…")
        return rows

    @property
    def marks(self) -> str:
        """Empty: there is no original to go through."""
        return ""

    ticks = marks


def credit_text(
    text: str, manifest: SealedManifest, *, lead: Lead = NO_LEAD, prompt_characters: int = 0, complete: bool = True
) -> CreditedText:
    """Look up every line of a text among all lines of the kernel."""
    _, counted = lead.split(text)
    lines = split_lines(counted)
    credits = credit_lines(lines, manifest)
    found = [lines[credit.index] for credit in credits]
    boilerplate = [lines[credit.index] for credit in credits if credit.boilerplate]
    files = Counter(credit.places[0].path for credit in credits if not credit.boilerplate)
    found_characters, common_characters = sum(map(len, found)), sum(map(len, boilerplate))
    score = CreditScore(
        found=_share(found_characters, len(counted)),
        found_without_boilerplate=_share(found_characters - common_characters, len(counted) - common_characters),
        found_characters=found_characters,
        emitted_characters=len(counted),
        found_lines=len(found),
        emitted_lines=len(lines),
        files=tuple(files.most_common(5)),
        emitted_sha256=source_sha256(text),
        prompt_characters=prompt_characters,
    )
    return CreditedText(text, manifest.catalog.usual_name, credits, score, lead, complete=complete)


class LiveCredit:
    """Takes an emission in pieces, as LiveComparison does; the whole is looked up anew at the end."""

    def __init__(self, manifest: SealedManifest, lead: Lead = NO_LEAD) -> None:
        self.found_lines = 0
        self.lines = 0
        self._highlighter = LineHighlighter(manifest.catalog.usual_name)
        self._lead = LiveLead(lead, None, self._highlighter)
        self._manifest = manifest

    def feed(self, lines: Sequence[str]) -> list[Row]:
        """Take whole lines, each with its newline; return their rows."""
        rows, lines = self._lead.feed(lines)
        places = {credit.index: _where_it_stands(credit) for credit in credit_lines(lines, self._manifest)}
        rows += credit_rows(self._highlighter.feed(lines), places, first=self.lines)
        self.found_lines += len(places)
        self.lines += len(lines)
        return rows

    @property
    def ticks(self) -> str:
        return ""


def credit_rows(highlighted: Sequence[str], places: Mapping[int, str], first: int = 0) -> list[Row]:
    """A row for the HTML of each line, beside it the line's place in the kernel. `first`: the number of lines written before these."""
    return [
        Row("∈", first + number, None, html, escape(places[number - 1]))
        if number - 1 in places
        else Row("+", first + number, None, html, None)
        for number, html in enumerate(highlighted, start=1)
    ]


def _where_it_stands(credit: LineCredit) -> str:
    if credit.boilerplate:
        return f"in {credit.files:,} files of the originals"
    place, more = credit.places[0], credit.files - 1
    return f"{place.path}, line {place.number:,}" + (f", and in {more} other file{'s' if more > 1 else ''}" if more else "")


def _share(part: int, whole: int) -> float:
    return part / whole if whole > 0 else 0.0
