"""`/stream`: an emission as server-sent events, for page, embed and exported pages alike; and what goes with it."""

import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from laam.emission.ask import ask_of_query
from laam.emission.question import Question, question_of
from laam.model.model import Model
from laam.model.spec import EMBEDDED
from laam.serving.limits import FAILED, BusyError
from laam.serving.refusal import cleaned_name, refused
from laam.serving.services import Services
from laam.serving.updates import stream_updates
from laam.share.client import client_of
from laam.share.stream_resources import StreamResources, start_stream

_log = logging.getLogger(__name__)


async def _body(request: Request) -> str:
    """The body of a POST. It has to be read before the answer begins: from then on, whoever waits for the client to go takes what comes."""
    return (await request.body()).decode("utf-8", "replace") if request.method == "POST" else ""


Source = Annotated[str, Depends(_body)]


def stream_routes(services: Services) -> APIRouter:
    """`/stream?…`: the query of a link, or with POST the source to continue as the body; `visit`, a name that the visitor's browser makes
    up, makes an emission the last one's successor. `/stop?visit=…` ends it with what there is."""
    router = APIRouter()

    async def emission(request: Request, source: Source, resources: StreamResources) -> AsyncIterator[ServerSentEvent]:
        """The page's updates as they come; or `refused`, with a sentence that says why: see `laam.serving.refusal.refused`."""
        manifest, question, model = services.originals.manifest, None, None
        try:
            query = dict(request.query_params)
            visit = query.pop("visit", "")
            ask = ask_of_query(query | {"path": cleaned_name(query.get("path", ""))}, source=source)
            model = await run_in_threadpool(services.model, ask.model)
            question = await run_in_threadpool(question_of, ask, model, services.originals)
            place = services.place(services.running.emissions, question, model, client_of(request.scope))
            updates = start_stream(resources, place, services.running, partial(stream_updates, question, model, services), visit)
            async for update in iterate_in_threadpool(updates):
                yield ServerSentEvent(data=update.as_dict())
        except BusyError as error:
            here = question.ask.path if question and model and _runs_in_browser(question, model) else ""
            yield ServerSentEvent(event="refused", data={**refused(error, manifest), "here": here})
        except ValueError as error:
            yield ServerSentEvent(event="refused", data=refused(error, manifest, model))
        except Exception:
            _log.exception("an emission failed")
            yield ServerSentEvent(event="refused", data=refused(ValueError(FAILED), manifest))

    router.add_api_route("/stream", emission, methods=["GET"], response_class=EventSourceResponse)
    router.add_api_route("/stream", emission, methods=["POST"], response_class=EventSourceResponse)

    @router.post("/stop")
    def stop(visit: str = "") -> Response:
        """End the visit's emission with what there is of it."""
        services.running.stop(visit)
        return Response(status_code=204)

    return router


def _runs_in_browser(question: Question, model: Model) -> bool:
    """Whether the visitor's own browser can give the same text, which the page then lets it do."""
    own = model.name == EMBEDDED.name and question.kind == "path" and question.original is not None
    return own and question.ask.decoding.greedy and not (question.ask.against or question.ask.lossy)
