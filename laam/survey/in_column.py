"""What the page shows of one model in one column: a map of its files, and its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode

from laam.emission import wording
from laam.measure.treemap import HEIGHT, WIDTH, layout_treemap
from laam.survey.asked import AskedCell, Survey
from laam.survey.table import Table

SHOWN_ROWS = 1_000  # the others are in the file of rows
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
        files, first = self._survey.asked.files, dict[int, AskedCell]()
        for cell, _ in self._cells:
            first.setdefault(cell.file, cell)
        sizes: dict[str, dict[str, int]] = {}
        for number in first:
            path = files[number].path
            sizes.setdefault(str(PurePosixPath(path).parent), {})[path] = files[number].size
        numbers = {files[number].path: number for number in first}
        return [
            Box(cell.key if cell.key in self._survey.rows else "", *self._said(numbers[path], path), *_places(box))
            for folder in layout_treemap(sizes)
            for path, box in folder.files.items()
            for cell in [first[numbers[path]]]
        ]

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
