"""The table as Markdown, CSV, LaTeX, HTML and JSON."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from html import escape
from itertools import product
from typing import Any

from laam.emission import wording
from laam.formats import stamped
from laam.measure.intervals import Interval
from laam.survey.table import Entry, Table

FORMAT = "laam-survey-table-1"
HEADINGS = ("whole", "mean share", "not measured")
NOT_ASKED = "–"
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "–": "--", "’": "'", "“": "``", "”": "''",
}  # fmt: skip
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\|*_`[]<>#"})


def as_markdown(table: Table) -> str:
    """A table in Markdown, and its notes."""
    heads = ["model", *(f"{column}: {heading}" for column in table.columns for heading in HEADINGS)]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *_rows(table)]
    cells = [[cell if line is lines[1] else cell.translate(_MARKDOWN) for cell in line] for line in lines]
    notes = "\n\n".join(note.translate(_MARKDOWN) for note in table.notes)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + f"\n\n{notes}\n"


def as_csv(table: Table) -> str:
    """A line for each model and context, with plain numbers; empty where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["model", "context", "unit", "whole", "of", "share_whole", "share_whole_low", "share_whole_high",
         "mean_share", "mean_share_low", "mean_share_high", "files", "not_measured", "not_asked_yet", "not_asked"]
    )  # fmt: skip
    for model, name in enumerate(table.models):
        for column, label in enumerate(table.columns):
            entry = table.entries.get((model, column))
            if entry is None:
                writer.writerow([_plain(name), _plain(label), *[""] * 12, _plain(table.reasons[model, column])])
                continue
            share = entry.whole / entry.measured if entry.measured else None
            numbers = [share, *_ends(entry.within), entry.mean, *_ends(entry.about)]
            counts = [len(entry.files), entry.not_measured, entry.missing]
            shown = ["" if number is None else f"{number:.6f}" for number in numbers]
            writer.writerow([_plain(name), _plain(label), entry.unit, entry.whole, entry.measured, *shown, *counts, ""])
    return out.getvalue()


def as_latex(table: Table) -> str:
    """A `table` environment that needs no package; the notes are its caption."""
    columns = len(table.columns)
    above = " & ".join(["", *(rf"\multicolumn{{3}}{{c}}{{{_tex(column)}}}" for column in table.columns)])
    below = " & ".join(["model", *HEADINGS * columns])
    rows = "\n".join(f"{' & '.join(map(_tex, row))} \\\\" for row in _rows(table))
    return (
        f"\\begin{{table}}\n\\centering\n\\begin{{tabular}}{{l{'rrr' * columns}}}\n"
        f"\\hline\n{above} \\\\\n{below} \\\\\n\\hline\n{rows}\n\\hline\n"
        f"\\end{{tabular}}\n\\caption{{{_tex(table.title)}. {_tex(' '.join(table.notes))}}}\n\\end{{table}}\n"
    )


def as_html(table: Table, link: Callable[[int, int], str] | None = None) -> str:
    """A table in HTML, and its notes. `link`: the address behind a model's number in a column; None for no links."""
    above = "".join(f'<th scope="colgroup" colspan="3">{escape(column)}</th>' for column in table.columns)
    below = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS * len(table.columns))
    rows = []
    for model, (name, *cells) in enumerate(_rows(table)):
        shown = [escape(cell).replace(" (", "<br>(") for cell in cells]
        for column in range(len(table.columns)):
            if link and (model, column) in table.entries:
                number, _, interval = shown[3 * column].partition("<br>")
                linked = f'<a href="{escape(link(model, column))}">{number}</a>'
                shown[3 * column] = "<br>".join(filter(None, (linked, interval)))
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{cell}</td>" for cell in shown)}</tr>')
    notes = "".join(f"<p>{escape(note)}</p>\n" for note in table.notes)
    head = f'<thead><tr><th scope="col" rowspan="2">model</th>{above}</tr>\n<tr>{below}</tr></thead>'
    body = "\n".join(rows)
    return f"<table>\n<caption>{escape(table.title)}</caption>\n{head}\n<tbody>\n{body}\n</tbody>\n</table>\n{notes}"


def record_of(table: Table) -> dict[str, Any]:
    """The table as one object, ready for JSON."""
    entries = []
    for model, column in product(range(len(table.models)), range(len(table.columns))):
        entry = table.entries.get((model, column))
        entries.append(
            {
                "model": table.models[model],
                "context": table.columns[column],
                "not_asked": table.reasons.get((model, column)),
                "unit": entry.unit if entry else None,
                "whole": entry.whole if entry else None,
                "of": entry.measured if entry else None,
                "whole_interval": _record(entry.within if entry else None),
                "mean_share": entry.mean if entry else None,
                "mean_share_interval": _record(entry.about if entry else None),
                "files": len(entry.files) if entry else None,
                "not_measured": entry.not_measured if entry else None,
                "not_asked_yet": entry.missing if entry else None,
                "outcomes": dict(sorted(entry.outcomes.items())) if entry else {},
            }
        )
    return stamped(FORMAT, {"title": table.title, "files": table.files, "entries": entries, "notes": table.notes})


def as_json(table: Table) -> str:
    """The same as text."""
    return json.dumps(record_of(table), indent=1) + "\n"


FORMATS: dict[str, Callable[[Table], str]] = {"md": as_markdown, "csv": as_csv, "tex": as_latex, "html": as_html, "json": as_json}
"""By the ending of a file."""


def _rows(table: Table) -> list[list[str]]:
    """The table's rows as people read them: the model, then three cells for each column."""
    return [
        [name, *(cell for column in range(len(table.columns)) for cell in _cells(table.entries.get((model, column))))]
        for model, name in enumerate(table.models)
    ]


def _cells(entry: Entry | None) -> Sequence[str]:
    if entry is None:
        return [NOT_ASKED] * len(HEADINGS)
    whole = f"{entry.whole:,} of {wording.count(entry.measured, entry.unit)}{_bracketed(entry.within)}" if entry.measured else NOT_ASKED
    mean = NOT_ASKED if entry.mean is None else f"{wording.percent(entry.mean)}{_bracketed(entry.about)}"
    return whole, mean, f"{entry.not_measured:,}"


def _bracketed(interval: Interval | None) -> str:
    return f" ({interval.in_words})" if interval else ""


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (interval.low, interval.high) if interval else (None, None)


def _record(interval: Interval | None) -> dict[str, float] | None:
    return asdict(interval) if interval else None


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)
