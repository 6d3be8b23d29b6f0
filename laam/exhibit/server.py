"""The exhibit as a web application: the page, and the routes beside it."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

import gradio as gr
from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from laam.corpus.originals import AUTO as AUTO_ORIGINALS
from laam.corpus.originals import SEALED, Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.pair import Pair, pair_of
from laam.exhibit.api import api_of, arguments_of, check_mcp, described
from laam.exhibit.bodies import Bodies
from laam.exhibit.clients import KnownClient, Proxies
from laam.exhibit.first import First
from laam.exhibit.fonts import card_fonts
from laam.exhibit.gate import Endpoints, Gate, limit_of
from laam.exhibit.headers import SafeHeaders
from laam.exhibit.maps import Maps
from laam.exhibit.methods import HeadAsGet
from laam.exhibit.page import Pages, page_routes
from laam.exhibit.streams import OpenStreams
from laam.exhibit.unread import Unread
from laam.measure.archives import read_models
from laam.measure.atlas import identical_files, read_atlases, still_true
from laam.measure.bits import FewerBits, read_all_bits
from laam.measure.memorisation import read_memorisations
from laam.measure.pz_file import read_all_pz
from laam.measure.recorded import RecordedScores
from laam.measure.seen import Seen
from laam.model.chooser import ModelChooser
from laam.model.convert import remove_temporary
from laam.model.model import Model
from laam.model.obtain import AUTO
from laam.model.spec import EMBEDDED
from laam.serving.background import Recorder
from laam.serving.faults import for_visitors
from laam.serving.forgetting import Left
from laam.serving.lossy_copies import LossyCopies
from laam.serving.memory import trim_regularly
from laam.serving.opening import Opening
from laam.serving.recording import Shelf
from laam.serving.recordings import Recordings
from laam.serving.scheduler import Scheduler
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.settings import Settings
from laam.share.browser import Packer, add_browser_routes
from laam.share.card import Cards
from laam.share.certainty import certainty_routes
from laam.share.client import client_of
from laam.share.compare_models import compare_models_routes
from laam.share.downloads import download_routes
from laam.share.embed import embed_routes
from laam.share.forget import forget_routes
from laam.share.memorisation import memorisation_routes
from laam.share.moving_cards import MovingCards, moving_card_routes
from laam.share.nowhere import Nowhere
from laam.share.oembed import oembed_routes
from laam.share.pages import share_routes
from laam.share.poster import poster_routes
from laam.share.pz import pz_routes
from laam.share.question import facts_of, question_routes
from laam.share.stream import stream_routes
from laam.share.style import add_style_routes
from laam.share.tags import PageTags, exhibit_routes
from laam.share.trace import trace_routes
from laam.share.whole import whole_routes
from laam.survey.opened import OpenSurvey
from laam.survey.page import survey_routes
from laam.version import VERSION

SHELF_BYTES = 50_000_000  # of recordings on disk, for each model: ten times the release

_log = logging.getLogger(__name__)


def build_app(settings: Settings) -> FastAPI:
    """The whole application. Raises ValueError if the shipped assets or the chosen model can't be used.

    It looks for model and originals when it starts to serve; the page is there before they are.
    """
    if settings.originals not in (AUTO_ORIGINALS, SEALED) and not Path(settings.originals).exists():
        raise ValueError(f"LAAM_ORIGINALS is {settings.originals!r}, and nothing is there; give auto, sealed, a tarball or a folder")
    if settings.mcp:
        check_mcp()
    manifest = SealedManifest.open(settings.manifest_file)
    chooser = ModelChooser(settings.model, settings, offered=manifest.release.published)
    originals = Originals.from_settings(manifest, settings)
    embedded = chooser.get(EMBEDDED.name).model
    known = still_true(read_atlases(settings.exhibit_folder), embedded)
    atlases = [atlas for atlas in known if atlas.tree == manifest.tree_sha256]  # not those of another release
    copies = LossyCopies()
    recordings = Recordings(scheduler=Scheduler(copies=copies), shelf=Shelf(settings.cache / "recordings", SHELF_BYTES))
    services = Services(originals, partial(_chosen, chooser), recordings, copies=copies)
    scores = RecordedScores(recordings, manifest)
    first, faults = First(chooser, services, Seen(scores, atlases, manifest), Opening()), dict[str, str]()
    lifespan = _lifespan(first, faults, record=settings.record)
    app = FastAPI(title=manifest.release.exhibit, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    streams = OpenStreams()
    app.include_router(_own_routes(chooser, services, first.played, faults, streams))
    own = pair_of(embedded, manifest)
    identical = identical_files(atlases) | {(path, embedded.digest) for path in own.identical}
    cards = Cards(card_fonts(), settings.public_url, manifest.release.exhibit, manifest.asks)
    summaries = Summaries(services, lambda path, digest: (path, digest) in identical)

    def pairs() -> tuple[Pair, Pair]:
        return pair_of(chooser.current().model, manifest), own

    known_pz = read_all_pz(settings.exhibit_folder, manifest)
    app.include_router(share_routes(summaries, settings.assets / "share", cards, settings.public_url, known_pz))
    app.include_router(oembed_routes(summaries, settings.public_url))
    app.include_router(moving_card_routes(MovingCards(summaries, cards, settings.cache / "cards")))
    if manifest.release.published:
        app.include_router(question_routes(settings.assets / "share", facts_of(embedded, manifest), settings.public_url))
    app.include_router(trace_routes(manifest, settings.assets / "share", settings.public_url))
    if settings.survey:
        app.include_router(survey_routes(OpenSurvey(settings.survey, settings), settings.assets, manifest.release, settings.public_url))
    app.include_router(exhibit_routes(cards, manifest.catalog, pairs))
    app.include_router(poster_routes(atlases, manifest, settings.assets / "share", cards))
    app.include_router(stream_routes(services))
    app.include_router(embed_routes(services, summaries, settings.assets, first.file, settings.public_url))
    fewer_bits = read_all_bits(settings.exhibit_folder, manifest)
    app.include_router(forget_routes(services, partial(_left, fewer_bits)))
    app.include_router(certainty_routes(services))
    app.include_router(memorisation_routes(services, known_pz))
    app.include_router(pz_routes(services, known_pz))
    app.include_router(whole_routes(services))
    app.include_router(download_routes(services.results, settings.public_url))
    add_browser_routes(app, Packer(lambda: embedded, manifest, settings.cache), settings.assets)
    add_style_routes(app, settings.assets / "page")
    app.mount("/page", StaticFiles(directory=settings.assets / "page"))
    tags = PageTags(summaries, settings.assets / "share", pairs, settings.public_url)
    memorisations = still_true(read_memorisations(settings.exhibit_folder), embedded)
    in_bytes = {measured.weights_sha256: measured for measured in read_models(settings.exhibit_folder, manifest)}
    maps = Maps(chooser, services, settings, atlases, memorisations, scores, fewer_bits, known_pz, in_bytes)
    app.include_router(compare_models_routes(services, summaries, lambda: chooser.here, maps.elsewhere))
    pages = Pages(chooser, services, tags, settings, maps, first)
    app.include_router(page_routes(pages, lambda: described(services)))
    nowhere = Nowhere(settings.assets / "share", manifest.release, settings.public_url)
    _stand_in_front(app, streams, arguments_of(services), settings, nowhere)
    app.state.goodbye = partial(_goodbye, services, streams)
    return _with_api(app, services, settings)


def _with_api(app: FastAPI, services: Services, settings: Settings) -> FastAPI:
    """The application with Gradio's queue and API below all routes of its own. Gradio may read and keep no file for anybody."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        api_of(services),
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        root_path=settings.public_url or None,
        blocked_paths=["/"],
        run_history=False,
        ssr_mode=False,
        show_error=True,
        mcp_server=settings.mcp,
    )
    return mounted


def _goodbye(services: Services, streams: OpenStreams) -> None:
    """What is done first when the server is told to stop: emissions end with what they have, and so do idle streams."""
    services.running.close()
    streams.close()


def _lifespan(first: First, faults: dict[str, str], *, record: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What is begun when the application starts to serve, and ended with it."""
    chooser, services = first.chooser, first.services

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # The page must not wait for the model, nor the first visitor for its conversion.
        threading.Thread(target=_warm_up, args=(first, faults), name="warm-up", daemon=True).start()
        current_default_thread_limiter().total_tokens = services.running.limits.threads
        questions = first.questions if record else lambda _: ()
        recorder = Recorder(services.recordings, partial(_recorded, chooser, faults), questions, first.look)
        recorder.start()  # also without questions: what visitors ask for is noticed
        tidying = asyncio.create_task(trim_regularly())
        yield
        tidying.cancel()
        recorder.stop()
        chooser.stop()
        services.originals.stop()
        services.copies.close()
        remove_temporary()

    return lifespan


def _own_routes(chooser: ModelChooser, services: Services, opening: Opening, faults: Mapping[str, str], streams: OpenStreams) -> APIRouter:
    """The routes that belong to no other room. `faults`: why a model could not be loaded, by its name."""
    router = APIRouter()
    begun = int(time.time())

    @router.get("/health")
    def health(request: Request) -> Response:
        """How it is (ok, starting or failing, with 503), since when it serves (in seconds since 1970), which model, and how busy it is;
        `waiting`: the visitors who have not seen a token yet; `copies`: lossy ones of models; `room`: whether whoever asks may open one
        more page; `fault`: why it is failing, or what is said of a model whose weights are not those that were checked."""
        model = chooser.current().model
        failure = "" if model.is_loaded else faults.get(model.name, "")
        fault = failure or model.fault
        facts = {
            "version": VERSION,
            "status": "failing" if failure else "ok" if model.is_loaded else "starting",
            "begun": begun,
            "model": model.name,
        }
        running, room = services.running, streams.has_room(client_of(request.scope))
        load = {"emissions": running.count, **asdict(services.recordings.load), "copies": services.copies.count}
        load |= {"places": running.limits.emissions, "room": room}
        told = {**facts, "manifest": services.originals.manifest.digest, **load, **({"fault": fault} if fault else {})}
        return JSONResponse(told, 503 if failure else 200, headers={"Cache-Control": "no-store"})

    @router.get("/opening.json")
    def opening_updates() -> Response:
        """What the page plays by itself; an empty list until it is made."""
        return JSONResponse(opening.updates, headers={"Cache-Control": "no-store"})

    @router.get("/gradio.js")
    def component() -> Response:
        """Where the web component was once."""
        return RedirectResponse("page/component.js", 308)

    return router


def _stand_in_front(app: FastAPI, streams: OpenStreams, endpoints: Endpoints, settings: Settings, nowhere: Nowhere) -> None:
    """What every request passes before a route sees it; the last is the first."""
    app.add_middleware(Unread)
    app.add_middleware(Gate, routes=app.routes, streams=streams, endpoints=endpoints, mcp=settings.mcp, nowhere=nowhere.answer)
    app.add_middleware(Bodies, limit_of=limit_of)
    app.add_middleware(SafeHeaders, framed_by=settings.framed_by)
    app.add_middleware(GZipMiddleware, compresslevel=5)
    app.add_middleware(HeadAsGet)
    app.add_middleware(KnownClient, proxies=Proxies(settings.proxies))


def _chosen(chooser: ModelChooser, name: str) -> Model:
    """The model that was asked for, or the current one; never another one instead, nor one that must be fetched first, since a site
    that fetches a preview doesn't wait so long, and each request that waits holds a thread."""
    if name in ("", AUTO):
        return chooser.current().model
    model = chooser.at_hand(name)
    if model is None:
        raise ValueError(f"model {name[:200]!r} is not here; what can be picked on the exhibit's page is fetched there, once")
    return model


def _left(measured: Mapping[str, FewerBits], model: Model, path: str) -> dict[float, Left]:
    """What was measured of a model and a file with fewer bits."""
    known = measured.get(model.digest)
    file = next((file for file in known.files if file.path == path), None) if known else None
    if known is None or file is None:
        return {}
    return {step.bits: Left(of.exact_lines, file.reproduced(of), of.identical) for step, of in zip(known.steps, file.left, strict=True)}


def _recorded(chooser: ModelChooser, faults: Mapping[str, str]) -> list[Model]:
    """The models that are recorded while they are idle: the one that the page shows, and then the embedded one."""
    models = (chooser.current().model, chooser.get(EMBEDDED.name).model)
    return list({model.digest: model for model in models if model.name not in faults}.values())


def _warm_up(first: First, faults: dict[str, str]) -> None:
    chooser, originals = first.chooser, first.services.originals
    chooser.start()
    originals.start()
    model = chooser.current().model
    try:
        _ = model.engine, model.digest
    except (ValueError, OSError, RuntimeError) as error:  # the page is served all the same, and visitors are told
        faults[model.name] = for_visitors(error)
        _log.error("%s can't be loaded: %s", model.name, error)
        return
    originals.manifest.line_files()
    first.look(model)
