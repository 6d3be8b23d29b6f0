"""`/survey`: the table of a survey, its plot, a map of the files, and the rows, each of which opens beside its original."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from laam.corpus.releases import Release
from laam.emission import wording
from laam.share.base_url import base_url
from laam.survey.asked import ROWS, AskedCell, Survey
from laam.survey.formats import FORMATS, as_html
from laam.survey.in_column import InColumn, column_query
from laam.survey.opened import OpenSurvey
from laam.survey.plot import render_plot
from laam.survey.row_page import shown_row
from laam.survey.table import Table
from laam.templates import template_environment

POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
"""No script runs on these pages. Inline is the style of the plot, which stands alone as well."""
_TYPES = {"md": "text/markdown", "csv": "text/csv", "tex": "text/x-tex", "html": "text/html", "json": "application/json"}


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
            table=as_html(table, lambda model, column: f"{base}/survey?{column_query(model, column)}#rows"),
            plot=render_plot(table, templates / "survey"),
            formats=list(FORMATS),
            facts=_facts(survey),
            chosen=InColumn(survey, table, model, column) if (model, column) in table.entries else None,
        )

    @router.get("/survey/row/{key}")
    def row(key: str, request: Request) -> Response:
        """One answer, beside what it is held against."""
        survey = opened.now()[0]
        found = survey.rows.get(key)
        cells = [cell for cell in survey.asked.cells if cell.key == key]  # more than one if two models have the same weights
        if found is None or not cells:
            return page("no_row.html", request, 404, title="No such row", description="")
        return page("row.html", request, **shown_row(opened, survey, _of(cells, request.query_params), found))

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


def _of(cells: Sequence[AskedCell], query: Mapping[str, str]) -> AskedCell:
    """The cell of the model and the column that an address names, or else the first."""
    return next((cell for cell in cells if column_query(cell.model, cell.column) == urlencode(query)), cells[0])


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
