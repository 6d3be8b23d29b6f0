"""What a survey asks for, kept beside its rows: enough to make the table and the page without models, and without the plan."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from laam.corpus.lines import source_text
from laam.faults import brief
from laam.files import read_json_lines
from laam.formats import stamped
from laam.measure.versioned import write_by_line
from laam.settings import SURVEY_FILE
from laam.survey.cells import Cell, NotAsked
from laam.survey.plan import Plan
from laam.survey.rows import by_key
from laam.survey.texts import Corpus

FORMAT = "laam-survey-1"
ROWS, ANSWERS, JOURNALS = "rows.jsonl", "answers", "journals"
"""What lies in a survey's folder, beside SURVEY_FILE."""


@dataclass(frozen=True)
class AskedFile:
    """A file of the survey; `size`: in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class AskedCell:
    """An answer that is asked for: numbers of model, column and file, the place in characters, and the key of its row."""

    model: int
    column: int
    file: int
    start: int
    given_end: int
    end: int
    draw: int
    key: str

    @property
    def place(self) -> tuple[int, int, int]:
        """The unit that is counted: a file, or a place in it."""
        return self.file, self.given_end, self.end


@dataclass(frozen=True)
class Asked:
    """All that a survey asks for. `columns`: their words; `by_place`: whether a column has several places in a file; `source`: where
    the files' text is, from the survey's folder on, and `manifest` whose they are; either may be empty. `not_asked`: what can't be."""

    title: str
    models: Sequence[str]
    columns: Sequence[str]
    by_place: Sequence[bool]
    files: Sequence[AskedFile]
    source: str
    manifest: str
    not_asked: Sequence[NotAsked]
    cells: Sequence[AskedCell]


def asked_of(plan: Plan, corpus: Corpus, cells: Sequence[Cell], not_asked: Sequence[NotAsked], out: Path) -> Asked:
    """What a plan asks for."""
    numbers = {file.path: number for number, file in enumerate(corpus.files)}
    choice = plan.files
    return Asked(
        plan.title,
        [model.label for model in plan.models],
        [column.label for column in plan.columns],
        [column.context.by_place for column in plan.columns],
        [AskedFile(file.path, file.sha256, file.size) for file in corpus.files],
        _from(out, choice.source) if choice.source else "",
        _from(out, Path(choice.manifest)) if os.sep in choice.manifest else choice.manifest,
        not_asked,
        [
            AskedCell(cell.model, cell.column, numbers[cell.file.path], place.start, place.given_end, place.end, cell.draw, cell.key)
            for cell in cells
            for place in [cell.place]
        ],
    )


def _from(out: Path, place: Path) -> str:
    """A place as a path from the survey's folder on, so that both can be moved together."""
    return os.path.relpath(place.resolve(), out.resolve())


def write_asked(asked: Asked, out: Path) -> None:
    """Write it, a line for each file and cell. The file appears whole or not at all."""
    record = stamped(FORMAT, asdict(asked))
    by_line = ("files", "cells")
    write_by_line(record | {name: [list(of.values()) for of in record[name]] for name in by_line}, by_line, out / SURVEY_FILE)


@dataclass(frozen=True)
class Survey:
    """A survey's folder: what it asks for, and the rows that are there, by key."""

    folder: Path
    asked: Asked
    rows: Mapping[str, dict[str, Any]]

    def of(self, model: int, column: int) -> Iterator[tuple[AskedCell, dict[str, Any] | None]]:
        """The cells of a model in a column, each with its row."""
        for cell in self.asked.cells:
            if (cell.model, cell.column) == (model, column):
                yield cell, self.rows.get(cell.key)

    def answer(self, row: Mapping[str, Any]) -> str:
        """What came. Raises OSError if it isn't kept any more."""
        return source_text((self.folder / ANSWERS / f"{row['answer_sha256']}.txt").read_bytes())


def read_survey(folder: Path) -> Survey:
    """The survey in a folder, as far as it got. Raises ValueError if there is none, or one of another version."""
    file = folder / SURVEY_FILE
    try:
        record = json.loads(file.read_text("utf-8"))
        if record.pop("format") != FORMAT:
            raise ValueError(f"is no {FORMAT}")
        record["files"] = [AskedFile(*values) for values in record["files"]]
        record["cells"] = [AskedCell(*values) for values in record["cells"]]
        record["not_asked"] = [NotAsked(**values) for values in record["not_asked"]]
        asked = Asked(**{field.name: record[field.name] for field in fields(Asked)})
        known = [range(len(of)) for of in (asked.models, asked.columns, asked.files)]
        if any(cell.model not in known[0] or cell.column not in known[1] or cell.file not in known[2] for cell in asked.cells):
            raise ValueError("it names a model, a column or a file that it hasn't")
    except FileNotFoundError:
        raise ValueError(f"{folder}: there is no survey here; give the --out folder of `laam survey`") from None
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file}: not a readable survey: {brief(error)}; run `laam survey` again, which asks for nothing twice") from error
    rows = folder / ROWS
    return Survey(folder, asked, by_key(read_json_lines(rows) if rows.is_file() else []))
