"""The pages at `/`, `/map`, `/lab` and `/api`, what they ask the server for, and the picking of a model."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from jinja2 import Environment
from starlette.concurrency import run_in_threadpool

from laam.corpus.names import without_top
from laam.corpus.releases import PUBLISHED
from laam.emission import conditions, naming, wording
from laam.emission.links import link_keys
from laam.emission.pair import pair_of, pair_of_published
from laam.exhibit.first import First
from laam.exhibit.maps import Maps
from laam.exhibit.words import Shown, shown
from laam.knobs import BITS, MAX_TOKENS, NOISE, PIECES, PRUNED, SEED, SLIDE, SOURCE, TEMPERATURE, TOP_K
from laam.measure.atlas import totals
from laam.measure.lab_page import lab_of
from laam.measure.offers import Chip, Group, chip
from laam.measure.small_map import small_map
from laam.measure.story import read_story, render_story
from laam.model.chooser import ModelChooser
from laam.model.model import Model
from laam.model.spec import EMBEDDED
from laam.model.spec import PUBLISHED as PUBLISHED_MODELS
from laam.serving.forgetting import ROWS
from laam.serving.refusal import refused
from laam.serving.services import Services
from laam.serving.snippet import Snippet, snippet_text
from laam.settings import Settings
from laam.share.answers import text_answer
from laam.share.base_url import base_url
from laam.share.client import client_of
from laam.share.panes import exhibit_html
from laam.share.tags import PageTags
from laam.templates import template_environment
from laam.version import VERSION

KNOBS = (TEMPERATURE, TOP_K, MAX_TOKENS, SEED, BITS, NOISE, PRUNED, SLIDE, PIECES)
"""The settings on the page; pieces only for a model that saw files in pieces."""
CARD_TEMPERATURE = 0.2  # of the published models' card, whose example has an empty prompt
SCRIPTS = ("page", "models", "keep_address", "share", "certainty", "pz", "compare_models")
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'self'"
)
"""A page loads its own files only. Inline are the widths of bars; blob: is what the visitor's own browser made."""


@dataclass(frozen=True)
class Pages:
    """Renders the pages. `tags`: what they say to programs that don't run them; `small_map`: of the embedded model, if it has an atlas."""

    chooser: ModelChooser
    services: Services
    tags: PageTags
    settings: Settings
    maps: Maps
    first: First

    @property
    def embedded(self) -> Model:
        return self.chooser.get(EMBEDDED.name).model

    @property
    def _templates(self) -> Environment:
        return template_environment(self.settings.assets / "page", self.settings.assets / "share")

    def shown(self, picked: str = "") -> Shown:
        """What the pages say of the model that a visitor picked; of the one that is shown to all if none was. May fetch it."""
        chosen = self.chooser.get(picked) if picked else self.chooser.current()
        said = shown(chosen, self.chooser, self.services.originals, picked)
        offers = {"examples": self._examples(chosen.model), "snippets": self.first.offers(chosen.model).snippets}
        page = self._templates
        return replace(
            said, chips=page.get_template("chips.html").render(offers), snippets=page.get_template("snippets.html").render(offers)
        )

    def front(self, request: Request) -> str:
        now, manifest = self.shown(), self.services.originals.manifest
        return self._render(
            "front.html",
            request,
            "",
            site={
                "server": True,
                "root": manifest.catalog.root,
                "recorded": False,
                "live": None,
                "knobs": [asdict(knob) for knob in KNOBS],
                "shown": now.picked,
                "models": len(self.chooser.here) + len(self.maps.elsewhere()),
            },
            scripts=SCRIPTS,
            noscript=self.tags.noscript(request),
            label=f"One of {len(manifest.catalog)} files of {manifest.release.title}",
            first=without_top(self.first.opening()[1].path),
            answers=[("server", "Write it")],
            card_temperature=CARD_TEMPERATURE,
            shown=now,
            names=now.names,
            paste=conditions.PASTE,
            source=SOURCE,
            losing=ROWS,
            panes=exhibit_html(
                self.settings.assets,
                self.services.release,
                asks=manifest.asks,
                question="question" if manifest.release.published else "",
            ),
            small_map=self.small_map_words(),
            own=EMBEDDED.name,
            published=PUBLISHED,
            lines=sum(file.lines for file in manifest.catalog),
            version=VERSION,
            spec=pair_of_published(PUBLISHED_MODELS[0], manifest),
            us=pair_of(self.embedded, manifest),
            keys=read_story(self.embedded, manifest),
            unsettled=self._unsettled(),
        )

    def map(self, request: Request) -> str:
        shown = self.maps.of(request.query_params.get("model", ""))
        title = f"The map, by {shown.words}"
        return self._render(
            "map.html",
            request,
            title,
            shown=shown,
            switch=self.maps.switch(shown),
            own=(EMBEDDED.name, naming.model_in_words(EMBEDDED.name)),
            atlas=self.maps.html(shown),
            by_bits=shown.known.weights_sha256 in self.maps.fewer_bits,
            style="page/map.css",
        )

    def small_map(self) -> str:
        """The map of the embedded model as a small SVG; empty if it has no atlas."""
        atlas = self.maps.atlas(EMBEDDED.name)
        return small_map(atlas, self.services.catalog, self.settings.assets / "measure") if atlas else ""

    def small_map_words(self) -> str:
        """What the small map shows; empty if there is none."""
        atlas = self.maps.atlas(EMBEDDED.name)
        if atlas is None:
            return ""
        sums = totals(atlas.rows)
        whose = f"what {naming.model_in_words(EMBEDDED.name)} gives back of them"
        title = self.services.release.title
        return f"A small map of all files of {title}, and {whose}: {sums.identical:,} of {wording.count(sums.files, 'file')} byte for byte"

    def lab(self, request: Request) -> str:
        manifest, embedded = self.services.originals.manifest, self.embedded
        story = read_story(embedded, manifest)
        return self._render(
            "lab.html",
            request,
            "The lab",
            path=request.query_params.get("path", self.first.file(embedded).path).removeprefix(f"{manifest.catalog.root}/"),
            names=self.shown().names,
            asks=self._in_words(request.query_params.get("model", "")),
            own=EMBEDDED.name,
            lab=lab_of(manifest, self.settings, embedded),
            story=render_story(story, self.settings.assets / "measure") if story else "",
            style="page/experiments.css",
        )

    def api(self, request: Request, endpoints: Sequence[dict[str, Any]]) -> str:
        address = base_url(request, self.settings.public_url)
        return self._render(
            "api.html",
            request,
            "Use via API",
            endpoints=endpoints,
            address=address,
            example=without_top(self.first.file(self.embedded).path),
            mcp=self.settings.mcp,
            style="page/share.css",
        )

    def _render(self, name: str, request: Request, title: str, **values: Any) -> str:
        tags = self.tags.head(request) if not title else self.tags.plain(title)
        common = {"link_keys": link_keys(), "base": ".", "style": "page/page.css", "tags": tags, "release": self.services.release}
        common["surveyed"] = self.settings.survey is not None
        return self._templates.get_template(name).render(**common | values)

    def _in_words(self, name: str) -> str:
        """The model of this name that is at hand, in words; else the one that is shown."""
        model = self.chooser.at_hand(name) or self.chooser.current().model
        return naming.model_in_words(model.name)

    def _unsettled(self) -> int:
        """How many files have a licence from the release about which something isn't settled."""
        table = self.services.release.licences
        return sum(table.is_release_s(file.path.partition("/")[2], file.licence) for file in self.services.catalog) * bool(table.unsettled)

    def _examples(self, model: Model) -> list[Group]:
        """Names to try with a model."""
        offers = self.first.offers(model)
        unseen = (
            [Chip(name, anyway=True) for name in self.services.release.unseen] if all(map(model.learned, self.services.catalog)) else []
        )
        unlearned = [chip(file) for file in offers.examples if model.trained_on and not model.learned(file)]
        groups = [offers.tried, Group("one it never saw:", unlearned), Group("what it never saw:", unseen)]
        return [group for group in groups if group.chips]


def page_routes(pages: Pages, endpoints: Callable[[], Sequence[dict[str, Any]]]) -> APIRouter:
    """The pages; `/state.json` and `/model/stream`, see `models.js`; `/snippet`, some lines to continue. `endpoints`: of the API, each with
    name, description and arguments."""
    router = APIRouter()

    def served(html: str) -> Response:
        return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})

    @router.get("/")
    def front(request: Request) -> Response:
        return served(pages.front(request))

    @router.get("/map")
    def map_(request: Request) -> Response:
        return served(pages.map(request))

    @router.get("/atlas")
    def atlas() -> Response:
        """Where the map was once."""
        return RedirectResponse("map", 308)

    @router.get("/map.svg")
    def small() -> Response:
        """The map of the embedded model, in small."""
        drawn = pages.small_map()
        return Response(drawn, 200 if drawn else 404, {"Cache-Control": "max-age=3600"}, "image/svg+xml")

    @router.get("/lab")
    def lab(request: Request) -> Response:
        return served(pages.lab(request))

    @router.get("/api")
    def api(request: Request) -> Response:
        return served(pages.api(request, endpoints()))

    @router.get("/state.json")
    def state(model: str = "") -> Shown:
        """What the page says of a model that is at hand, or else of the one that is shown."""
        return pages.shown(model if model in pages.chooser.here else "")

    @router.get("/model/stream", response_class=EventSourceResponse)
    async def picked(model: str) -> AsyncIterator[ServerSentEvent]:
        """Fetch a model if it must be: `progress`, then what the page says of it; or `refused`."""
        async for event in _fetched(pages, model):
            yield event

    @router.get("/snippet")
    def snippet(request: Request, path: str, middle: bool = False, model: str = "") -> Response:
        """Some lines of a file, as the model writes them."""
        return text_answer(
            lambda: snippet_text(Snippet(path, middle), pages.services.model(model), pages.services, client_of(request.scope))
        )

    return router


async def _fetched(pages: Pages, model: str) -> AsyncIterator[ServerSentEvent]:
    """How far the fetching of a model is, then what the page says of it, or why not."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def progress(file: str, done: int, total: int) -> None:
        loop.call_soon_threadsafe(told.put_nowait, {"file": file, "done": done, "total": max(1, total)})

    fetching = asyncio.ensure_future(run_in_threadpool(pages.chooser.get, model, progress))
    try:
        while not fetching.done():
            news = asyncio.ensure_future(told.get())
            await asyncio.wait((fetching, news), return_when=asyncio.FIRST_COMPLETED)
            if news.done():
                yield ServerSentEvent(event="progress", data=news.result())
            else:
                news.cancel()
        await fetching
        yield ServerSentEvent(data=asdict(await run_in_threadpool(pages.shown, model)))
    except ValueError as error:
        yield ServerSentEvent(event="refused", data=refused(error, pages.services.originals.manifest))
