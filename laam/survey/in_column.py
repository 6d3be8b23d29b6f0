"""What the page shows of one model in one column: a map of its files, and its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode

from laam.emission import wording
from laam.faults import shortened
from laam.measure.treemap import HEIGHT, WIDTH, Folder, layout_treemap
from laam.survey.asked import AskedCell, Survey
from laam.survey.table import Table

SHOWN_ROWS = 1_000  # the others are in the file of rows
SIGN, BASE_LINE = 6.2, 12.5  # width of a sign of a folder's name, and where it stands below the folder's top
SHADES = 4  # below that of a file that is whole


def column_query(model: int, column: int) -> str:
    """A model and a column in an address."""
    return urlencode({"model": model, "column": column})


@dataclass(frozen=True)
class Box:
    """A file on the map. `state`: its shade, or `none`."""

    key: str
    words: str
    state: str
    left: str
    top: str
    width: str
    height: str


class InColumn:
    """What the page shows of a model in a column."""

    def __init__(self, survey: Survey, table: Table, model: int, column: int) -> None:
        self.name, self.context, self.query = table.models[model], table.columns[column], column_query(model, column)
        self._survey, self._entry = survey, table.entries[model, column]
        self._cells = sorted(survey.of(model, column), key=lambda each: (each[0].file, each[0].given_end, each[0].draw))
        self.width, self.height = f"{WIDTH:g}", f"{HEIGHT:g}"
        self.by_place = self._entry.by_place

    @property
    def rows(self) -> list[dict[str, str]]:
        """The first rows, in the order of their files."""
        return [_shown(self._survey, cell, row) for cell, row in self._cells[:SHOWN_ROWS]]

    @property
    def left_out(self) -> str:
        """How many rows aren't shown; empty if all are."""
        more = len(self._cells) - SHOWN_ROWS
        return f"{wording.count(more, 'more row')} in rows.jsonl" if more > 0 else ""

    @property
    def boxes(self) -> list[Box]:
        """The map: every file that was asked for, by folder; area is bytes."""
        first = {self._survey.asked.files[cell.file].path: cell for cell, _ in reversed(self._cells)}
        return [
            Box(cell.key if cell.key in self._survey.rows else "", *self._said(cell.file, path), *_places(box))
            for folder in self._folders
            for path, box in folder.files.items()
            for cell in [first[path]]
        ]

    @property
    def names(self) -> list[tuple[str, str, str]]:
        """The names of the folders that have room for one on the map, cut to their width, each with its place: left, and base line."""
        return [
            (shortened(folder.name, int(folder.box.width / SIGN)), f"{folder.box.left:.1f}", f"{folder.box.top + BASE_LINE:.1f}")
            for folder in self._folders
            if folder.named
        ]

    @cached_property
    def _folders(self) -> list[Folder]:
        sizes: dict[str, dict[str, int]] = {}
        for file in (self._survey.asked.files[number] for number in dict.fromkeys(cell.file for cell, _ in self._cells)):
            sizes.setdefault(str(PurePosixPath(file.path).parent), {})[file.path] = file.size
        return layout_treemap(sizes)

    def _said(self, number: int, path: str) -> tuple[str, str]:
        share = self._entry.files.get(number)
        if share is None:
            return f"{path}: no number", "none"
        return f"{path}: {wording.percent(share)}", f"s{SHADES if share >= 1 else int(share * SHADES)}"


def _places(box: Any) -> Sequence[str]:
    return [f"{number:.1f}" for number in (box.left, box.top, box.width, box.height)]


def _shown(survey: Survey, cell: AskedCell, row: Mapping[str, Any] | None) -> dict[str, str]:
    """A row of the table of rows."""
    score = row["score"] if row else None
    return {
        "key": cell.key if row else "",
        "file": survey.asked.files[cell.file].path,
        "place": f"{cell.given_end:,}–{cell.end:,}",
        "draw": str(cell.draw),
        "outcome": row["outcome"] if row else "not asked yet",
        "share": wording.percent(score["reproduced"]) if score else "–",
        "whole": ("✓ whole" if row["whole"] else "≠") if row and score else "–",
        "prefix": f"{row['exact_prefix']:,} of {cell.end - cell.given_end:,}" if row and score else "–",
        "run": f"{score['longest_run']:,}" if score else "–",
    }
