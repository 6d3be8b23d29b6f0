"""The atlas as HTML: a map for each model, totals, and the table of all files. Every value is escaped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote

from laam.corpus.catalog import Catalog, SourceFile
from laam.emission import wording
from laam.measure.atlas import Atlas, AtlasRow, totals
from laam.measure.treemap import HEIGHT, WIDTH, Box, layout_treemap

_NAMED_WIDTH, _NAMED_HEIGHT = 56.0, 22.0  # of a file that shows its name on the map

_CONTROLS = (
    '<p class="note">The controls say what a score near zero is worth. <b>Untrained copy</b>: the same architecture, its weights freshly '
    "drawn, asked for 16 of the files. <b>Made-up path</b>: the model itself, asked for 16 files that Linux 1.0 doesn't have (the letters "
    "of a real file's name shuffled), held against that real file. <b>In kernel lines</b>: of all that was written, the part in lines "
    "that stand anywhere in the kernel, blank lines and braces among them.</p>"
)


def render_atlases(atlases: Sequence[Atlas], catalog: Catalog) -> str:
    """Maps side by side, then the totals and the table, with columns for each model; empty where there is no atlas.

    Raises ValueError for a row whose original the catalogue doesn't have.
    """
    if not atlases:
        return ""
    for atlas in atlases:
        for row in atlas.rows:
            if row.against not in catalog.files:
                raise ValueError(f"the atlas of {atlas.model} has {row.against!r}, which the manifest lacks; make it again")
    maps = "".join(_map(atlas, catalog) for atlas in atlases)
    by_subsystem = _grouped(atlases, catalog, lambda file: file.subsystem)
    by_licence = _grouped(atlases, catalog, lambda file: wording.licence(file.licence))
    return (
        f'<div class="maps">{maps}</div>\n'
        f"{_totals_table('Totals, and what chance looks like', 'Files', atlases, _overall(atlases), open_=True)}\n{_CONTROLS}\n"
        f"{_totals_table('By subsystem', 'Subsystem', atlases, by_subsystem)}\n"
        f"{_totals_table('By licence', 'Licence', atlases, by_licence)}\n"
        f"{_files_table(atlases, catalog)}"
    )


def _name(path: str) -> str:
    return path.removeprefix("linux/")


def describe_row(row: AtlasRow) -> str:
    """What is said of a file when it is pointed at; plain text."""
    if row.identical:
        return "sha256 identical"
    known = (", trained on" if row.trained else "") + ("" if row.closed else ", cut")
    return f"{wording.percent(row.reproduced)} reproduced, first wrong line {row.first_wrong_line:,}{known}"


def _map(atlas: Atlas, catalog: Catalog) -> str:
    rows = {row.path: row for row in atlas.rows}
    folders: dict[str, dict[str, int]] = {}
    for path in rows:
        folders.setdefault(catalog.files[path].subsystem, {})[path] = catalog.files[path].size
    parts = []
    for folder in layout_treemap(folders):
        if folder.named:
            parts.append(f'<b class="folder" style="{_place(folder.box)}">{escape(folder.name)}</b>')
        parts += [_cell(rows[path], box) for path, box in folder.files.items()]
    sums = totals(atlas.rows)
    summary = f"{sums.identical:,} of {wording.count(sums.files, 'file')} identical, {wording.percent(sums.reproduced)} reproduced"
    label = f"Map of the kernel for the {atlas.model} model: {summary}. The table below has every file."
    measured = f"{atlas.precision}, greedy, from the path alone; weights {atlas.weights_sha256[:12]}…; {atlas.date[:10]}"
    return (
        f'<figure class="map"><figcaption><b>{escape(atlas.model)}</b> <span>{escape(summary)}</span></figcaption>'
        f'<div class="cells" role="img" aria-label="{escape(label)}">{"".join(parts)}</div><p>{escape(measured)}</p></figure>'
    )


def _cell(row: AtlasRow, box: Box) -> str:
    name = _name(row.path)
    shown = f"<span>{escape(name.rpartition('/')[2])}</span>" if box.width >= _NAMED_WIDTH and box.height >= _NAMED_HEIGHT else ""
    kind = "cell" + (" deep" if row.reproduced > 0.5 else "") + (" identical" if row.identical else "")
    return (
        f'<i class="{kind}" data-path="{escape(name)}" title="{escape(f"{name}: {describe_row(row)}")}" '
        f'style="{_place(box)};--share:{row.reproduced:.1%}">{shown}</i>'
    )


def _place(box: Box) -> str:
    left, top = box.left / WIDTH, box.top / HEIGHT
    return f"left:{left:.3%};top:{top:.3%};width:{box.width / WIDTH:.3%};height:{box.height / HEIGHT:.3%}"


Groups = Mapping[str, Sequence[Sequence[AtlasRow]]]
"""By the name of a group, its rows in each atlas."""


def _overall(atlases: Sequence[Atlas]) -> Groups:
    """All files, those that were trained on and not, and the controls."""
    groups: dict[str, list[Sequence[AtlasRow]]] = {"all files": [atlas.rows for atlas in atlases]}
    for name in ("trained on", "not trained on"):
        groups[name] = [atlas.by_training[name] for atlas in atlases]
    for control in dict.fromkeys(name for atlas in atlases for name in atlas.controls):
        groups[f"control: {control}"] = [atlas.controls.get(control, []) for atlas in atlases]
    return {name: of_atlases for name, of_atlases in groups.items() if any(of_atlases)}


def _grouped(atlases: Sequence[Atlas], catalog: Catalog, group_of: Callable[[SourceFile], str]) -> Groups:
    names = sorted({group_of(catalog.files[row.path]) for atlas in atlases for row in atlas.rows})
    return {name: [[row for row in atlas.rows if group_of(catalog.files[row.path]) == name] for atlas in atlases] for name in names}


def _heads(atlases: Sequence[Atlas], columns: int) -> str:
    """A row that names the models above their columns, where there are several."""
    if len(atlases) == 1:
        return ""
    return "".join(f'<th scope="colgroup" colspan="{columns}">{escape(atlas.model)}</th>' for atlas in atlases)


_TOTALS = ("identical", "reproduced", "characters", "in kernel lines")


def _totals_table(title: str, first: str, atlases: Sequence[Atlas], groups: Groups, *, open_: bool = False) -> str:
    heads = _heads(atlases, len(_TOTALS))
    names = "".join(f'<th scope="col" class="{_column_class(name)}">{name}</th>' for name in _TOTALS)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(map(_totals_cells, of_atlases))}</tr>' for name, of_atlases in groups.items()
    )
    above = f"<tr><td></td>{heads}</tr>" if heads else ""
    return (
        f'<details class="totals"{" open" if open_ else ""}><summary>{escape(title)}</summary><div class="scroll"><table>'
        f'<thead>{above}<tr><th scope="col">{escape(first)}</th>{names * len(atlases)}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _totals_cells(rows: Sequence[AtlasRow]) -> str:
    if not rows:
        return "".join(f'<td class="{_column_class(name)}">–</td>' for name in _TOTALS)
    sums = totals(rows)
    in_kernel = sums.kernel_characters / sums.emitted_characters if sums.emitted_characters else 0.0
    values = (f"{sums.identical:,} of {sums.files:,}", wording.percent(sums.reproduced), f"{sums.characters:,}", wording.percent(in_kernel))
    return "".join(f'<td class="{_column_class(name)}">{value}</td>' for name, value in zip(_TOTALS, values, strict=True))


_SCORES = ("reproduced", "longest run", "first wrong line", "sha256")


def _files_table(atlases: Sequence[Atlas], catalog: Catalog) -> str:
    by_path = [{row.path: row for row in atlas.rows} for atlas in atlases]
    paths = sorted(set().union(*by_path))
    sortable = ["file", "bytes", "lines", *_SCORES * len(atlases)]
    head = "".join(
        f'<th scope="col" class="{_column_class(name)}"><button type="button" data-sort="{place}">{name}</button></th>'
        for place, name in enumerate(sortable)
    )
    heads = _heads(atlases, len(_SCORES))
    above = f'<tr><td></td><td></td><td class="wide"></td>{heads}</tr>' if heads else ""
    body = "\n".join(_file_row(catalog.files[path], [rows.get(path) for rows in by_path]) for path in paths)
    return (
        f'<div class="files"><label>Find a file <input type="search" placeholder="kernel/ or ext2 or GPL" autocomplete="off"></label>'
        f'<p role="status" class="shown">{wording.count(len(paths), "file")}. A name lets the model write that file.</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="All files"><table><thead>{above}<tr>{head}</tr></thead>'
        f"<tbody>\n{body}\n</tbody></table></div></div>"
    )


def _column_class(name: str) -> str:
    """Columns that a phone has no room for."""
    return "wide" if name in ("lines", "longest run", "first wrong line", "characters") else ""


def _file_row(file: SourceFile, rows: Iterable[AtlasRow | None]) -> str:
    name = _name(file.path)
    licence = wording.licence(file.licence)
    cells = "".join(_score_cells(row) for row in rows)
    return (
        f'<tr data-find="{escape(f"{name} {licence}".lower())}"><th scope="row" data-value="{escape(name)}">'
        f'<a href="?path={quote(name)}" data-path="{escape(name)}">{escape(name)}</a></th>'
        f'<td data-value="{file.size}">{file.size:,}</td><td class="wide" data-value="{file.lines}">{file.lines:,}</td>{cells}</tr>'
    )


def _score_cells(row: AtlasRow | None) -> str:
    if row is None:
        return "".join(f'<td class="{_column_class(name)}" data-value="-1">–</td>' for name in _SCORES)
    never = row.original_lines + 2  # a file without a wrong line comes after all others
    values = (
        (f"{row.reproduced:.6f}", wording.percent(row.reproduced)),
        (row.longest_run, f"{row.longest_run:,}"),
        (never, "–") if row.identical else (row.first_wrong_line, f"{row.first_wrong_line:,}"),
        (int(row.identical), "✓ identical" if row.identical else "≠" if row.closed else "≠ cut"),
    )
    return "".join(
        f'<td class="{_column_class(name)}" data-value="{value}">{shown}</td>' for name, (value, shown) in zip(_SCORES, values, strict=True)
    )
