"""The embed: the exhibit's panes for one emission, small, without Gradio and without cookies, for a frame on any site."""

import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from laam.emission import wording
from laam.emission.ask import ask
from laam.serving.address import Address, read_address
from laam.serving.services import Services
from laam.serving.updates import Update, stream_updates
from laam.share.base_url import base_url
from laam.share.pages import environment
from laam.share.panes import exhibit_html, exhibit_module

AT_ONCE = 4  # emissions of embeds; a popular post must not take all from the exhibit's own visitors
BUSY = "Too many emissions are running just now. Try again in a minute."
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors *"  # a row's bars have their width as a style
)


def embed_routes(services: Services, assets: Path, address: str = "", at_once: int = AT_ONCE) -> APIRouter:
    """`/embed?path=…` and what it needs. `assets`: the folder that has `page/` and `share/`; `address`: see `share_routes`."""
    router = APIRouter()
    pages = environment(assets / "share")
    places = threading.BoundedSemaphore(at_once)

    @router.get("/embed")
    def embed(request: Request) -> Response:
        """The page for a frame. It runs nothing until somebody clicks."""
        try:
            asked = _checked(services, read_address(request.query_params))
        except ValueError as error:
            return HTMLResponse(f"<!doctype html><title>Linux as a Model</title><p>{escape(str(error))}</p>", 404, _headers())
        file = services.catalog.find(asked.path)
        page = pages.get_template("embed.html").render(
            file=file,
            licence=wording.licence(file.licence),
            query=asked.query,
            piece=asked.piece,
            panes=exhibit_html(assets),
            exhibit=f"{base_url(request, address)}/?{asked.query}",
        )
        return HTMLResponse(page, headers=_headers())

    @router.get("/embed/exhibit.js")
    def script() -> Response:
        """The exhibit's own script, as a module."""
        return Response(exhibit_module(assets), media_type="text/javascript")

    @router.get("/embed/stream", response_class=EventSourceResponse)
    async def stream(request: Request) -> AsyncIterator[ServerSentEvent]:
        """An emission as server-sent events: the page's updates as they come; `refused`, with a sentence, where there is none."""
        try:
            asked = await run_in_threadpool(_checked, services, read_address(request.query_params))
        except ValueError as error:
            yield ServerSentEvent(event="refused", data=str(error))
            return
        if not places.acquire(blocking=False):
            yield ServerSentEvent(event="refused", data=BUSY)
            return
        with _released(places), services.running.emission(secrets.token_hex(8)) as flag:
            try:
                async for update in iterate_in_threadpool(_updates(services, asked, flag)):
                    yield ServerSentEvent(data=update.as_dict())
            finally:
                flag.set()  # the frame may be gone: what the model still does must end

    return router


def _checked(services: Services, address: Address) -> Address:
    """The address with the file's whole path. Raises ValueError for what can't be asked."""
    address = address.resolved(services.catalog)
    ask(address.wish, services.model(address.model), services.originals)
    return address


def _updates(services: Services, address: Address, stop: threading.Event) -> Iterator[Update]:
    model = services.model(address.model)
    return stream_updates(ask(address.wish, model, services.originals), model, services.originals, services.results, stop)


@contextmanager
def _released(places: threading.BoundedSemaphore) -> Iterator[None]:
    try:
        yield
    finally:
        places.release()


def _headers() -> dict[str, str]:
    return {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
