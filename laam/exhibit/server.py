"""The exhibit as a web application: the page, and the routes beside it."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles

from laam.compare.live import Comparison
from laam.compare.render import render_rows
from laam.corpus.lines import source_bytes
from laam.corpus.sealed import SealedManifest
from laam.exhibit.atlas import add_atlas_route
from laam.exhibit.fast_gradio import gr
from laam.exhibit.page import build_page
from laam.exhibit.results import Results
from laam.exhibit.running import Running
from laam.model.zoo import Model, open_model
from laam.settings import Settings


def build_app(settings: Settings) -> FastAPI:
    """The whole application. Raises ValueError where the shipped assets or the chosen model can't be used."""
    manifest = SealedManifest.open(settings.manifest_file)
    model = open_model(settings.model, settings)
    results, running = Results(), Running()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # The page must not wait for the model, nor the first visitor for its conversion.
        threading.Thread(target=_warm_up, args=(model, manifest), name="warm-up", daemon=True).start()
        yield

    app = FastAPI(title="Linux as a Model", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    def health() -> dict[str, str | int]:
        return {"status": "ok", "model": model.name, "manifest": manifest.digest, "emissions": running.count}

    @app.get("/emission/{run}/rows")
    def rows(run: str) -> Response:
        """The whole diff, a row a line."""
        return PlainTextResponse(
            "\n".join(render_rows([row]) for row in _found(results, run).rows),
            headers={"X-Content-Type-Options": "nosniff"},  # it is HTML for the page's script, and no page
        )

    @app.get("/emission/{run}/{name}")
    def text(run: str, name: str) -> Response:
        """What the model wrote, as a file to save."""
        return Response(
            source_bytes(_found(results, run).text),
            media_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"},
        )

    add_atlas_route(app, settings.assets, manifest.catalog)
    app.mount("/page", StaticFiles(directory=settings.assets / "page"))
    page = build_page(model, manifest, results, running, settings.assets / "page")
    theme = gr.themes.Base(font=["ui-sans-serif", "system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        theme=theme,
        head='<link rel="stylesheet" href="page/page.css"><link rel="stylesheet" href="page/atlas.css">',
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=True,
    )
    return mounted


def _found(results: Results, run: str) -> Comparison:
    comparison = results.find(run)
    if comparison is None:
        raise HTTPException(404, "This emission is no longer kept. Run it again.")
    return comparison


def _warm_up(model: Model, manifest: SealedManifest) -> None:
    _ = model.engine, model.digest
    manifest.line_files()
