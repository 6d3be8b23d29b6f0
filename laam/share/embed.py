"""The embed: the small form of the page, for one emission, without cookies, for a frame on any site."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from laam.compare.highlight import escape
from laam.corpus.catalog import SourceFile
from laam.emission import naming
from laam.emission.ask import ask_of_query
from laam.emission.links import link_keys
from laam.model.model import Model
from laam.serving.faults import for_visitors
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.serving.updates import ready_update
from laam.share.base_url import base_url
from laam.share.panes import exhibit_html
from laam.share.tags import emission_tags
from laam.templates import template_environment

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors *"  # the width of a row's bars is an inline style
)


def embed_routes(
    services: Services, summaries: Summaries, assets: Path, first: Callable[[Model], SourceFile], public_url: str = ""
) -> APIRouter:
    """`/embed?path=…` and what it needs. `assets`: the folder that has `page/` and `share/`; `first`: the file of a model to show if none
    is named; `public_url`: see `share_routes`."""
    router = APIRouter()
    pages = template_environment(assets / "share")

    @router.get("/embed")
    def embed(request: Request) -> Response:
        """The page for a frame, with what is known already. The model runs once somebody clicks."""
        base = base_url(request, public_url)
        try:
            ask = ask_of_query(request.query_params)
            question, model = services.question(ask if ask.path else replace(ask, path=first(services.model(ask.model)).path))
            tags = emission_tags(summaries, question.ask, base)
            *_, known = summaries.known(question.ask)
        except ValueError as error:
            return HTMLResponse(
                f"<!doctype html><title>{escape(services.release.exhibit)}</title><p>{escape(for_visitors(error))}</p>", 404, _headers()
            )
        ask = question.ask
        file, query = services.catalog.find(ask.against or ask.path), ask.to_query()
        page = pages.get_template("embed.html").render(
            file=file,
            release=services.release,
            query=query,
            pieces=ask.pieces,
            question=known.question if known else "",
            numbers=naming.numbers_beside(model),
            ready=ready_update(question, model, services).as_dict(),
            panes=exhibit_html(assets, services.release),
            exhibit=f"{base}/?{query}",
            link_keys=link_keys(),
            **tags,
        )
        return HTMLResponse(page, headers=_headers())

    return router


def _headers() -> dict[str, str]:
    """COEP lets a page frame the embed that frames nothing without it; all that the embed loads is the exhibit's own."""
    return {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cross-Origin-Embedder-Policy": "require-corp"}
