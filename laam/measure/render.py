"""What is known of a model, as HTML: map, totals, and the table of all files. This module gathers the values; a template lays them out."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from laam.compare.measures import OF_DIGESTS, Part
from laam.corpus.catalog import Catalog, SourceFile
from laam.corpus.functions import whole_functions
from laam.corpus.names import without_top
from laam.emission import wording
from laam.measure.archives import ModelInBytes
from laam.measure.atlas import Atlas, AtlasRow, totals
from laam.measure.bits import FewerBits
from laam.measure.bits_map import by_bits
from laam.measure.capacity import membership_of
from laam.measure.curves import FRAME, draws_picture, members_picture, x_of, y_of
from laam.measure.intervals import LEVEL
from laam.measure.literature import lab_rows, tally_rows
from laam.measure.memorisation import Memorisation
from laam.measure.pz import ALONG, THRESHOLDS, Along, shares_in_words, threshold_in_words
from laam.measure.pz_file import AlongFiles
from laam.measure.recorded import Recorded
from laam.measure.treemap import HEIGHT, WIDTH, Box, layout_treemap
from laam.templates import template_environment

COLOURS = 4  # of licences on the map, besides one for all others
OTHER_TERMS = "other terms"
LIKELY = THRESHOLDS[-1]  # p_z of the map's colour and of the table's column
CUT = "Cut: its window was full before the file was closed, or the text had grown longer than the original."
UNKNOWN = "not known: nobody has asked for it here yet"

LIKELY_COLUMN = f"p_z ≥ {threshold_in_words(LIKELY)}"
_MEASURES = [measure.label for measure in OF_DIGESTS]
TOTALS = ["identical", "reproduced", "characters", *_MEASURES]
SCORES = ["reproduced", "longest run", "first wrong line", *_MEASURES, "sha256"]
WIDE = ("lines", "longest run", "first wrong line", "characters", *_MEASURES)
"""Columns for which a phone has no room."""

Value = tuple[float | str | None, str]
"""What a cell of a table is sorted by, if it is, and what it shows."""


def render_map(
    known: Atlas | Recorded,
    catalog: Catalog,
    templates: Path,
    memorisations: Sequence[Memorisation] = (),
    fewer_bits: FewerBits | None = None,
    along: AlongFiles | None = None,
    in_bytes: ModelInBytes | None = None,
    *,
    name: str,
    link: str,
    query: str,
    noun: str = "collection",
) -> str:
    """The map of one model, its totals, and the table of all files. A file of which nothing is known says so, and counts nowhere.

    `memorisations`: what else was measured; shown of the weights whose map it is. `fewer_bits`, `along`, `in_bytes`: of the same weights,
    if that was measured. `templates`: the folder that has `atlas.html`. `name`: of the model, in words; `noun`: what the corpus is. `link`,
    `query`: what stands before and behind a path in the address of a file.
    Raises ValueError for a row whose original the catalogue doesn't have.
    """
    for row in known.rows:
        if row.against not in catalog.files:
            raise ValueError(f"the atlas of {known.model} has {row.against!r}, which the manifest lacks; make it again")
    rows = {row.path: row for row in known.rows}
    told_apart = membership_of(in_bytes) if in_bytes else None
    licences = [licence for licence, _ in Counter(file.licence for file in catalog).most_common(COLOURS)]
    others = [OTHER_TERMS] if {file.licence for file in catalog} - {*licences} else []
    sizes: dict[str, dict[str, int]] = {}
    for file in catalog:
        sizes.setdefault(file.subsystem, {})[file.path] = file.size
    pages = template_environment(templates)
    pages.globals.update(without_top=without_top, percent=wording.percent)
    pages.filters.update(zip=lambda names, values: zip(names, values, strict=True), path_in_query=quote)
    return pages.get_template("atlas.html").render(
        link=link,
        noun=noun,
        query=query,
        model=name,
        poster=known.model if isinstance(known, Atlas) else "",
        summary=_summary(known, catalog),
        by_bits=fewer_bits and by_bits(fewer_bits),
        measured=_measured(known),
        catalog=catalog,
        rows=rows,
        folders=layout_treemap(sizes),
        size=Box(0, 0, WIDTH, HEIGHT),
        licences=licences,
        licence_names=[*map(wording.licence, licences), *others],
        describe=describe_file,
        total_names=TOTALS,
        measures=OF_DIGESTS,
        memorised=[
            (each, list(zip(tally_rows(each.tally), tally_rows(each.untrained), strict=True)), draws_picture(each.tally))
            for each in memorisations
            if each.weights_sha256 == known.weights_sha256
        ],
        from_lab=list(lab_rows(in_bytes)) if in_bytes else [],
        told_apart=told_apart and members_picture(told_apart),
        frame=FRAME | {"x": x_of, "y": y_of},
        level=f"{LEVEL:.0%}".replace("%", " %"),
        controls={name: rows for name, rows in known.controls.items() if rows} if isinstance(known, Atlas) else {},
        is_atlas=isinstance(known, Atlas),
        groupings=[
            ("Totals and controls", "Files", _overall(known)),
            ("By folder", "Folder", _group(known.rows, catalog, lambda file: file.subsystem)),
            ("By licence", "Licence", _group(known.rows, catalog, lambda file: wording.licence_in_full(file.licence))),
        ],
        total_values=_total_values,
        along=along and _along(along),
        score_names=[*SCORES, LIKELY_COLUMN] if along else SCORES,
        score_values=lambda path: [*_score_values(rows.get(path)), *([_likely_value(along, path)] if along else [])],
        licence_in_full=wording.licence_in_full,
        shown_files=wording.count(len(catalog), "file"),
        wide=(*WIDE, LIKELY_COLUMN),
    )


def describe_row(row: AtlasRow) -> str:
    """The words that a visitor sees when pointing at a file; plain text."""
    if row.identical:
        return "sha256 identical"
    known = (", trained on" if row.trained else "") + ("" if row.closed else ", cut")
    return f"{wording.percent(row.reproduced)} reproduced, first wrong line {row.first_wrong_line:,}{known}"


def describe_file(file: SourceFile, row: AtlasRow | None) -> str:
    """The same, with the file's lines, its licence, and how many of its functions came back whole."""
    said = f"{describe_row(row) if row else UNKNOWN}; {wording.count(file.lines, 'line')}, {wording.licence(file.licence)}"
    if row is None or not file.functions:
        return said
    whole = whole_functions(file.functions, {number - 1 for number in row.exact_numbers})
    return f"{said}; {len(whole):,} of {wording.count(len(file.functions), 'function')} whole"


def _summary(known: Atlas | Recorded, catalog: Catalog) -> str:
    """How many files are known, and what came of them."""
    sums = totals(known.rows)
    if not sums.files:
        return f"none of {wording.count(len(catalog), 'file')} was asked for here yet"
    reproduced = wording.percent(sums.reproduced)
    if isinstance(known, Atlas):
        return f"{sums.identical:,} of {wording.count(sums.files, 'file')} identical, {reproduced} reproduced"
    asked = f"{sums.files:,} of {wording.count(len(catalog), 'file')} asked for here so far"
    return f"{asked}: {sums.identical:,} identical, {reproduced} of their characters reproduced"


def _measured(known: Atlas | Recorded) -> str:
    """How it was measured, and what that means for the files that did not come back."""
    again = [row for row in known.rows if row.precision != known.precision]
    precision = f"{known.precision}{f' (what is not identical: {again[0].precision})' if again else ''}"
    how = f"{precision}, greedy, with no source text given; weights {known.weights_sha256[:12]}…"
    where = known.date[:10] if isinstance(known, Atlas) else "recorded on this server"
    other = (
        f" The model may serve in {known.precision}, so its own run of a file that did not come back may score differently."
        if again
        else ""
    )
    return f"{how}; {where}.{other}{f' {CUT}' if any(not row.closed for row in known.rows) else ''}"


Groups = Mapping[str, Sequence[AtlasRow]]
"""Rows by the name of their group."""


def _overall(known: Atlas | Recorded) -> Groups:
    """All files, the ones that the model was trained on, the others, and the controls; of recordings only the first."""
    groups = known.groups if isinstance(known, Atlas) else {"asked for here": known.rows}
    return {name: rows for name, rows in groups.items() if rows}


def _group(rows: Sequence[AtlasRow], catalog: Catalog, group_of: Callable[[SourceFile], str]) -> Groups:
    found: dict[str, list[AtlasRow]] = {}
    for row in rows:
        found.setdefault(group_of(catalog.files[row.path]), []).append(row)
    return dict(sorted(found.items()))


def _total_values(rows: Sequence[AtlasRow]) -> list[Value]:
    sums = totals(rows)
    shown = (f"{sums.identical:,} of {sums.files:,}", wording.percent(sums.reproduced), f"{sums.characters:,}")
    return [*((None, text) for text in shown), *((None, text) for _, text in _measure_values(sums.measures))]


def _measure_values(parts: Mapping[str, Part]) -> list[Value]:
    """A cell for each measure; a dash if the measure did not exist when the atlas was made."""
    known = [parts.get(measure.name) for measure in OF_DIGESTS]
    return [(-1, "–") if part is None else (f"{part.share:.6f}", wording.percent(part.share)) for part in known]


def _along(measured: AlongFiles) -> dict[str, Any]:
    """What the map says of p_z, and the share of each file's characters that reach LIKELY, by path."""
    above = shares_in_words(measured.characters, measured.covered, measured.above())
    how = f"a window each {measured.stride} tokens, in {measured.precision}"
    return {
        "shares": {file.path: _likely(file.along) for file in measured.files if file.along.spans},
        "said": f"p_z along {wording.count(len(measured.files), 'file')}, {how}: {above}. The colour is the "
        f"share of a file’s characters with {threshold_in_words(LIKELY)} or more; a hatched file was not measured, or is too short.",
        "column": LIKELY_COLUMN,
        "measure": ALONG,
    }


def _likely(along: Along) -> float:
    return along.at_least(LIKELY) / along.characters if along.characters else 0.0


def _likely_value(measured: AlongFiles, path: str) -> Value:
    along = measured.of(path)
    return (-1, "–") if along is None else (f"{_likely(along):.6f}", wording.percent(_likely(along)))


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
