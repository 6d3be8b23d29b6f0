"""The atlas as HTML: a map for each model, totals, and the table of all files. This module gathers the values; a template lays them out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from laam.compare.measures import MEASURES, Part
from laam.corpus.catalog import Catalog, SourceFile
from laam.emission import wording
from laam.measure.atlas import Atlas, AtlasRow, totals
from laam.measure.literature import tally_rows
from laam.measure.memorisation import Memorisation
from laam.measure.treemap import HEIGHT, WIDTH, Box, layout_treemap
from laam.templates import template_environment

_NAMED_WIDTH, _NAMED_HEIGHT = 56.0, 22.0  # of a file that shows its name on the map

COLOURS = 4  # of licences on the map, besides one for all others
OTHER_TERMS = "other terms"

_MEASURES = [measure.label for measure in MEASURES]
TOTALS = ["identical", "reproduced", "characters", *_MEASURES]
SCORES = ["reproduced", "longest run", "first wrong line", *_MEASURES, "sha256"]
WIDE = ("lines", "longest run", "first wrong line", "characters", *_MEASURES)
"""Columns for which a phone has no room."""

Value = tuple[float | str | None, str]
"""What a cell of a table is sorted by, if it is, and what it shows."""


@dataclass(frozen=True)
class Cell:
    """A file on the map. `said`: the words that a visitor sees when pointing at it. `licence`: the number of its colour. `place`: its
    box, as CSS."""

    name: str
    said: str
    share: float
    identical: bool
    licence: int
    named: bool
    place: str


@dataclass(frozen=True)
class FolderOnMap:
    """A folder on the map; it shows its name if `named`. `box`: its left, top, width and height, in percent of the map."""

    name: str
    named: bool
    place: str
    box: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Map:
    """The map of one model, with a `summary`, and with a line that says how it was `measured`."""

    model: str
    summary: str
    measured: str
    folders: Sequence[FolderOnMap]


@dataclass(frozen=True)
class TotalsTable:
    """For each group of files and each model the values of TOTALS. `first`: the head of the groups' names."""

    title: str
    first: str
    groups: Mapping[str, Sequence[Sequence[Value]]]


@dataclass(frozen=True)
class FileLine:
    """A file in the table, with the values of SCORES for each model. `find`: the text in which a search looks, in small letters."""

    name: str
    find: str
    size: int
    lines: int
    scores: Sequence[Sequence[Value]]


def render_atlases(
    atlases: Sequence[Atlas], catalog: Catalog, templates: Path, memorisations: Sequence[Memorisation] = (), *, link: str = "?path="
) -> str:
    """Maps side by side, then the totals and the table, with columns for each model; empty if there is no atlas.

    `memorisations`: what else was measured; shown of the models whose atlases these are. `templates`: the folder that has
    `atlas.html`. `link`: what stands before a path in an address. Raises ValueError for a row whose original the catalogue doesn't have.
    """
    if not atlases:
        return ""
    for atlas in atlases:
        for row in atlas.rows:
            if row.against not in catalog.files:
                raise ValueError(f"the atlas of {atlas.model} has {row.against!r}, which the manifest lacks; make it again")
    by_path = [{row.path: row for row in atlas.rows} for atlas in atlases]
    paths = sorted(set().union(*by_path))
    licences = _licence_colours(catalog)
    pages = template_environment(templates)
    pages.filters.update(zip=lambda names, values: zip(names, values, strict=True), path_in_query=quote)
    return pages.get_template("atlas.html").render(
        link=link,
        models=[atlas.model for atlas in atlases],
        maps=[_map(atlas, catalog, licences) for atlas in atlases],
        licences=[*map(wording.licence, licences), OTHER_TERMS][
            : len(licences) + (len({file.licence for file in catalog}) > len(licences))
        ],
        total_names=TOTALS,
        measures=MEASURES,
        memorised=[
            (known, list(zip(tally_rows(known.tally), tally_rows(known.untrained), strict=True)))
            for known in memorisations
            if known.weights_sha256 in {atlas.weights_sha256 for atlas in atlases}
        ],
        percent=wording.percent,
        overall=_table("Totals and controls", "Files", _overall(atlases)),
        groupings=[
            _table("By subsystem", "Subsystem", _group(atlases, catalog, lambda file: file.subsystem)),
            _table("By licence", "Licence", _group(atlases, catalog, lambda file: wording.licence_in_full(file.licence))),
        ],
        score_names=SCORES,
        files=[_file_line(catalog.files[path], [rows.get(path) for rows in by_path]) for path in paths],
        shown_files=wording.count(len(paths), "file"),
        wide=WIDE,
    )


def describe_row(row: AtlasRow) -> str:
    """The words that a visitor sees when pointing at a file; plain text."""
    if row.identical:
        return "sha256 identical"
    known = (", trained on" if row.trained else "") + ("" if row.closed else ", cut")
    return f"{wording.percent(row.reproduced)} reproduced, first wrong line {row.first_wrong_line:,}{known}"


def _name(path: str) -> str:
    return path.removeprefix("linux/")


def _licence_colours(catalog: Catalog) -> list[str]:
    """The licences that have a colour of their own on the map: those of the most files."""
    return [licence for licence, _ in Counter(file.licence for file in catalog).most_common(COLOURS)]


def _map(atlas: Atlas, catalog: Catalog, licences: Sequence[str]) -> Map:
    sums = totals(atlas.rows)
    summary = f"{sums.identical:,} of {wording.count(sums.files, 'file')} identical, {wording.percent(sums.reproduced)} reproduced"
    again = [row for row in atlas.rows if row.precision != atlas.precision]
    precision = f"{atlas.precision}{f' (what is not identical: {again[0].precision})' if again else ''}"
    measured = f"{precision}, greedy, from the path alone; weights {atlas.weights_sha256[:12]}…; {atlas.date[:10]}"
    return Map(atlas.model, summary, measured, list(_folders(atlas, catalog, licences)))


def _folders(atlas: Atlas, catalog: Catalog, licences: Sequence[str]) -> Iterator[FolderOnMap]:
    rows = {row.path: row for row in atlas.rows}
    sizes: dict[str, dict[str, int]] = {}
    for path in rows:
        sizes.setdefault(catalog.files[path].subsystem, {})[path] = catalog.files[path].size
    for folder in layout_treemap(sizes):
        cells = [_cell(rows[path], catalog.files[path], licences, box) for path, box in folder.files.items()]
        box = ",".join(f"{100 * share:.3f}" for share in _shares(folder.box))
        yield FolderOnMap(folder.name, folder.named, _place(folder.box), box, cells)


def _cell(row: AtlasRow, file: SourceFile, licences: Sequence[str], box: Box) -> Cell:
    named = box.width >= _NAMED_WIDTH and box.height >= _NAMED_HEIGHT
    said = f"{describe_row(row)}; {wording.count(file.lines, 'line')}, {wording.licence(file.licence)}"
    licence = licences.index(file.licence) if file.licence in licences else len(licences)
    return Cell(_name(row.path), said, row.reproduced, row.identical, licence, named, _place(box))


def _place(box: Box) -> str:
    left, top, width, height = _shares(box)
    return f"left:{left:.3%};top:{top:.3%};width:{width:.3%};height:{height:.3%}"


def _shares(box: Box) -> tuple[float, float, float, float]:
    """Left, top, width and height as shares of the map."""
    return box.left / WIDTH, box.top / HEIGHT, box.width / WIDTH, box.height / HEIGHT


Groups = Mapping[str, Sequence[Sequence[AtlasRow]]]
"""By the name of a group, its rows in each atlas."""


def _overall(atlases: Sequence[Atlas]) -> Groups:
    """All files, the ones that the model was trained on, the others, and the controls."""
    by_atlas = [atlas.groups for atlas in atlases]
    names = dict.fromkeys(name for groups in by_atlas for name in groups)
    found = {name: [groups.get(name, []) for groups in by_atlas] for name in names}
    return {name: of_atlases for name, of_atlases in found.items() if any(of_atlases)}


def _group(atlases: Sequence[Atlas], catalog: Catalog, group_of: Callable[[SourceFile], str]) -> Groups:
    names = sorted({group_of(catalog.files[row.path]) for atlas in atlases for row in atlas.rows})
    return {name: [[row for row in atlas.rows if group_of(catalog.files[row.path]) == name] for atlas in atlases] for name in names}


def _table(title: str, first: str, groups: Groups) -> TotalsTable:
    return TotalsTable(title, first, {name: [_totals_values(rows) for rows in of_atlases] for name, of_atlases in groups.items()})


def _totals_values(rows: Sequence[AtlasRow]) -> list[Value]:
    if not rows:
        return [(None, "–")] * len(TOTALS)
    sums = totals(rows)
    shown = (f"{sums.identical:,} of {sums.files:,}", wording.percent(sums.reproduced), f"{sums.characters:,}")
    return [*((None, text) for text in shown), *((None, text) for _, text in _measure_values(sums.measures))]


def _measure_values(parts: Mapping[str, Part]) -> list[Value]:
    """A cell for each measure; a dash if the measure did not exist when the atlas was made."""
    known = [parts.get(measure.name) for measure in MEASURES]
    return [(-1, "–") if part is None else (f"{part.share:.6f}", wording.percent(part.share)) for part in known]


def _file_line(file: SourceFile, rows: Sequence[AtlasRow | None]) -> FileLine:
    name = _name(file.path)
    find = f"{name} {wording.licence_in_full(file.licence)}".lower()
    return FileLine(name, find, file.size, file.lines, [_score_values(row) for row in rows])


def _score_values(row: AtlasRow | None) -> list[Value]:
    if row is None:
        return [(-1, "–")] * len(SCORES)
    never = row.original_lines + 2  # a file without a wrong line comes after all others
    return [
        (f"{row.reproduced:.6f}", wording.percent(row.reproduced)),
        (row.longest_run, f"{row.longest_run:,}"),
        (never, "–") if row.identical else (row.first_wrong_line, f"{row.first_wrong_line:,}"),
        *_measure_values(row.measures),
        (int(row.identical), "✓ identical" if row.identical else "≠" if row.closed else "≠ cut"),
    ]
