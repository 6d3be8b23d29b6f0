"""`/survey`: the table of a survey, its plot, a map of the files, and the rows, each of which opens beside its original."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from laam.compare.given import GivenOriginal
from laam.compare.live import compare_text
from laam.compare.render import render_rows
from laam.corpus.lines import split_lines
from laam.corpus.original import Original
from laam.corpus.releases import Release
from laam.emission import wording
from laam.emission.commands import describe_score
from laam.emission.headline import headline_of
from laam.faults import sentence
from laam.measure.arguments import SEED
from laam.measure.treemap import HEIGHT, WIDTH, layout_treemap
from laam.settings import SURVEY_FILE, Settings
from laam.share.base_url import base_url
from laam.survey.asked import ROWS, AskedCell, Survey, read_survey
from laam.survey.formats import FORMATS, as_html
from laam.survey.plan import EXHIBIT, FileChoice
from laam.survey.plot import render_plot
from laam.survey.table import Table, table_of
from laam.survey.texts import Corpus, SurveyFile, read_corpus
from laam.templates import template_environment

SHOWN_ROWS = 1_000  # of a model in a context; the others are in the file of rows
SHOWN_CHARACTERS = 1_500_000  # of HTML on either side of a view
SHADES = 4  # below that of a file that is whole
POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
"""No script runs on these pages. Inline is the style of the plot, which stands alone as well."""
_TYPES = {"md": "text/markdown", "csv": "text/csv", "tex": "text/x-tex", "html": "text/html", "json": "application/json"}


class OpenSurvey:
    """A survey's folder that is shown, read again when a run has written to it. Safe under several threads."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder, self._settings = folder, settings
        self._lock = threading.Lock()
        self._state: tuple[int, ...] = ()
        self._now: tuple[Survey, Table] | None = None
        self._corpus: Corpus | None = None
        self.now()

    def now(self) -> tuple[Survey, Table]:
        """The survey as it is now, and its table. Raises ValueError if it can't be read."""
        with self._lock:
            files = [file for name in (SURVEY_FILE, ROWS) if (file := self._folder / name).exists()]
            state = tuple(number for file in files for number in (file.stat().st_mtime_ns, file.stat().st_size))
            if self._now is None or state != self._state:
                survey = read_survey(self._folder)
                self._now, self._corpus, self._state = (survey, table_of(survey)), None, state
            return self._now

    def file(self, path: str, sha256: str) -> SurveyFile:
        """A file of the survey. Raises ValueError, which says why, if its original isn't at hand."""
        asked = self.now()[0].asked
        with self._lock:
            if self._corpus is None:
                self._corpus = read_corpus(self._choice(asked.source, asked.manifest), self._settings)
            found = next((file for file in self._corpus.files if (file.path, file.sha256) == (path, sha256)), None)
        if found is None:
            raise ValueError(f"{path} isn’t there any more, or is another file by now")
        return found

    def _choice(self, source: str, manifest: str) -> FileChoice:
        where = manifest if manifest in ("", EXHIBIT) else str(self._folder / manifest)
        return FileChoice(self._folder / source if source else None, where, (), (), "", 0, SEED)


def survey_routes(opened: OpenSurvey, templates: Path, release: Release, public_url: str = "") -> APIRouter:
    """`/survey`, `/survey/row/KEY`, and the table and the rows as files. `templates`: the folder of assets."""
    router = APIRouter()
    pages = template_environment(templates / "survey", templates / "share")

    def page(template: str, request: Request, status: int = 200, **values: Any) -> Response:
        base = base_url(request, public_url)
        common = {"base": base, "release": release, "surveyed": True, "here": "survey", "style": "page/survey.css"}
        html = pages.get_template(template).render(**common, **values)
        return HTMLResponse(html, status, {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})

    @router.get("/survey")
    def whole(request: Request) -> Response:
        """The table, the plot, and the rows of one model in one context."""
        survey, table = opened.now()
        base = base_url(request, public_url)
        model, column = _chosen(request.query_params, table)
        return page(
            "survey.html",
            request,
            title=survey.asked.title,
            description=f"{survey.asked.title}: {wording.count(len(table.models), 'model')}, {wording.count(table.files, 'file')}.",
            table=as_html(table, lambda model, column: f"{base}/survey?{_query(model, column)}#rows"),
            plot=render_plot(table, templates / "survey"),
            formats=list(FORMATS),
            facts=_facts(survey),
            chosen=_Cell(survey, table, model, column) if (model, column) in table.entries else None,
        )

    @router.get("/survey/row/{key}")
    def row(key: str, request: Request) -> Response:
        """One answer, beside what it is held against."""
        survey = opened.now()[0]
        found = survey.rows.get(key)
        cells = [cell for cell in survey.asked.cells if cell.key == key]  # more than one if two models have the same weights
        if found is None or not cells:
            return page("no_row.html", request, 404, title="No such row", description="")
        return page("row.html", request, **_row(opened, survey, _of(cells, request.query_params), found))

    @router.get("/survey/table.{ending}")
    def table(ending: str) -> Response:
        """The table in another form."""
        if ending not in FORMATS:
            return PlainTextResponse(f"there is no such table; there are {', '.join(FORMATS)}", 404)
        return Response(FORMATS[ending](opened.now()[1]), media_type=_TYPES[ending], headers={"Content-Security-Policy": POLICY})

    @router.get("/survey/plot.svg")
    def plot() -> Response:
        """The plot alone."""
        return Response(render_plot(opened.now()[1], templates / "survey"), media_type="image/svg+xml")

    @router.get("/survey/rows.jsonl")
    def rows() -> Response:
        """All rows."""
        return FileResponse(opened.now()[0].folder / ROWS, media_type="application/jsonl", filename=ROWS)

    return router


def _query(model: int, column: int) -> str:
    return urlencode({"model": model, "column": column})


def _of(cells: Sequence[AskedCell], query: Mapping[str, str]) -> AskedCell:
    """The cell of the model and the column that an address names, or else the first."""
    return next((cell for cell in cells if _query(cell.model, cell.column) == urlencode(query)), cells[0])


def _chosen(query: Mapping[str, str], table: Table) -> tuple[int, int]:
    """The model and column that an address names; the first that were asked for otherwise."""
    try:
        chosen = int(query["model"]), int(query["column"])
    except (KeyError, ValueError):
        chosen = -1, -1
    return chosen if chosen in table.entries else next(iter(table.entries), chosen)


def _facts(survey: Survey) -> list[str]:
    """When, where and with what it was measured, as its rows say."""
    rows = [row for cell in survey.asked.cells if (row := survey.rows.get(cell.key))]
    if not rows:
        return []
    dates = sorted(str(row["date"])[:10] for row in rows)
    machines = sorted({f"{row['machine']['processor']}, {row['machine']['cores']} cores" for row in rows})
    with_ = sorted(
        {f"laam {row['laam']}, Python {row['python']}" for row in rows} | {row["model"].get("engine") or "" for row in rows} - {""}
    )
    when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    return [f"{wording.count(len(rows), 'answer')} of {len(survey.asked.cells):,}, {when}", *machines, *with_]


@dataclass(frozen=True)
class _Box:
    """A file on the map. `state`: its shade, or `none`."""

    key: str
    words: str
    state: str
    left: str
    top: str
    width: str
    height: str


class _Cell:
    """What the page shows of a model in a column."""

    def __init__(self, survey: Survey, table: Table, model: int, column: int) -> None:
        self.name, self.context, self.query = table.models[model], table.columns[column], _query(model, column)
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
    def boxes(self) -> list[_Box]:
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
            _Box(cell.key if cell.key in self._survey.rows else "", *self._said(numbers[path], path), *_places(box))
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


def _row(opened: OpenSurvey, survey: Survey, cell: AskedCell, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a row shows."""
    fault, sentences, diff, given, came = "", list[str](), "", "", ""
    try:
        text = survey.answer(row)
        if row["score"] is None:
            came = text
        else:
            file = opened.file(row["file"], row["file_sha256"])
            original: Original = file.original
            if file.text is not None:
                given = file.text[cell.start : cell.given_end]
                original = GivenOriginal(file.path, file.text[cell.given_end : cell.end]) if given else original
            sentences, diff = _beside(text, original, row, given)
            if given and file.text:
                line = file.text[: cell.given_end].count("\n") + 1
                sentences.append(
                    f"Line 1 here is what follows in line {line:,} of the file, after {wording.count(len(given), 'character')}."
                )
    except (OSError, ValueError) as error:
        fault = f"It can’t be shown beside its original: {sentence(error)}"
    model = row["model"]
    return {
        "title": f"{row['file']}, by {survey.asked.models[cell.model]}",
        "description": "",
        "file": row["file"],
        "name": survey.asked.models[cell.model],
        "context": survey.asked.columns[cell.column],
        "back": f"survey?{_query(cell.model, cell.column)}#rows",
        "fault": fault,
        "sentences": sentences,
        "diff": diff,
        "given": given,
        "came": came,
        "reason": row["not_measured"] or "",
        "facts": [
            ("outcome", row["outcome"]),
            ("draw", f"{row['draw']}, temperature {row['temperature']:g}" + (f", seed {row['seed']}" if row["seed"] is not None else "")),
            (
                "model",
                f"weights sha256 {model['weights_sha256']}, {model['precision']}"
                if "weights_sha256" in model
                else f"{model['name']} at {model['host']}",
            ),
            ("file", f"sha256 {row['file_sha256']}"),
            ("prompt", f"sha256 {row['prompt_sha256']}, {wording.count(row['prompt_characters'], 'character')}"),
            ("answer", f"sha256 {row['answer_sha256']}, {wording.count(row['answer_characters'], 'character')}"),
            ("date", row["date"]),
            ("with", f"laam {row['laam']}, Python {row['python']}, {row['machine']['processor']}, {row['machine']['cores']} cores"),
        ],
    }


def _beside(text: str, original: Original, row: Mapping[str, Any], given: str) -> tuple[list[str], str]:
    """The score in sentences, and the two texts side by side, as far as there is room. `given`: if the original is a stretch of a file, the
    text before it that the model was given."""
    reach = row["score"]["reach"]
    compared = compare_text(text, original, prompt_characters=row["prompt_characters"], reach=reach)
    first, *sentences = describe_score(compared.score, headline_of(compared.score)).split("\n")
    if given:
        share, asked = wording.percent(compared.score.reproduced), wording.count(compared.score.original_characters, "character")
        first = f"reproduced {share} of the {asked} that were asked for, in lines copied exactly and in order"
    sentences = [first, *sentences]
    if reach is not None:
        sentences.append(f"The model’s window was full after {wording.count(reach, 'character')}, so it could write no more.")
    if not original.has_text:
        return sentences, render_rows(compared.rows, full=True)
    rows, lines = compared.first_rows(SHOWN_CHARACTERS)
    if lines < (of := len(split_lines(text))):
        sentences.append(f"Of {wording.count(of, 'line')}, the first {lines:,} are shown; all of them are counted.")
    return sentences, render_rows(rows, full=True)
