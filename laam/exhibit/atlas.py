"""The atlas on the page: a section that fetches its content when it comes into view, and its route; the lab; and the model's story."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from laam.corpus.catalog import Catalog
from laam.corpus.sealed import SealedManifest
from laam.exhibit.gradio_internals import gr
from laam.measure.atlas import Atlas
from laam.measure.lab_page import lab_of
from laam.measure.memorisation import Memorisation
from laam.measure.render import render_atlases
from laam.measure.story import read_story, render_story
from laam.model.model import Model
from laam.templates import template_environment


def atlas_section(page_assets: Path, template: str) -> gr.HTML:
    """The section, empty until it is scrolled to. A file that is clicked on triggers `click`; `clicked_path` gives its path."""
    return gr.HTML(
        html_template=template,
        js_on_load=(page_assets / "atlas.js").read_text("utf-8"),
        apply_default_css=False,
        elem_id="atlas",
    )


def story_section(model: Model, manifest: SealedManifest, templates: Path) -> gr.HTML:
    """How a model was made; hidden if the model's folder doesn't tell. Raises ValueError if the folder can't be read."""
    story = read_story(model, manifest)
    return gr.HTML(render_story(story, templates) if story else "", visible=story is not None, apply_default_css=False, elem_id="story")


def lab_section(manifest: SealedManifest, assets: Path, model: Model) -> gr.HTML:
    """The lab below the map; hidden if nothing was measured for the release. Raises ValueError for files that can't be read."""
    rendered = lab_of(manifest, assets, model)
    return gr.HTML(rendered, visible=bool(rendered), apply_default_css=False, elem_id="lab")


def clicked_path(event: gr.EventData) -> str:
    """The path in a `click` of the section. It comes from the browser, so it may be anything."""
    try:
        return str(event.name)
    except (AttributeError, TypeError):
        return ""


def add_atlas_route(
    app: FastAPI, atlases: Sequence[Atlas], catalog: Catalog, templates: Path, memorisations: Sequence[Memorisation] = ()
) -> None:
    """Serve the atlases at `/atlas`: as a piece of HTML for the page's script, and as a page for whoever follows a link to it without
    scripts. See `render_atlases`."""

    @cache
    def piece() -> str:
        return render_atlases(atlases, catalog, templates, memorisations)

    @cache
    def page() -> str:
        atlas = render_atlases(atlases, catalog, templates, memorisations, link="share/")
        return template_environment(templates).get_template("atlas_page.html").render(atlas=atlas) if atlas else ""

    @app.get("/atlas")
    def atlas(request: Request) -> HTMLResponse:
        html = page() if "text/html" in request.headers.get("Accept", "") else piece()
        # The section may stand on another site's page.
        return HTMLResponse(html, headers={"Access-Control-Allow-Origin": "*", "Vary": "Accept"})
