"""What a model must lose until a file is no longer a copy: the strips of one file, one after the other, as a stream."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from laam.emission.ask import ask_of_query
from laam.serving.faults import for_visitors
from laam.serving.forgetting import CHANCE, Forgetting, Measured
from laam.serving.limits import BusyError
from laam.serving.services import Services
from laam.share.client import client_of
from laam.share.stream_resources import StreamResources, start_stream


def forget_routes(services: Services, measured: Measured = lambda model, path: {}) -> APIRouter:
    """`/forget?path=…`: the strips that are there already. `/forget/stream?path=…&row=…`: each strip of a row as it comes, then `end`; or
    `refused`, with a sentence that says why."""
    router = APIRouter()
    forgetting = Forgetting(services, measured)

    @router.get("/forget")
    def known(request: Request) -> list[dict[str, Any]] | None:
        """Strips as `laam.serving.forgetting.Strip` has them; null if there is nothing to forget, or no such file."""
        try:
            strips = forgetting.known(ask_of_query(request.query_params))
        except ValueError:
            return None
        return None if strips is None else [asdict(strip) for strip in strips]

    @router.get("/forget/stream", response_class=EventSourceResponse)
    async def stream(request: Request, resources: StreamResources) -> AsyncIterator[ServerSentEvent]:
        try:
            ask, row = ask_of_query(request.query_params), request.query_params.get("row", CHANCE)
            await run_in_threadpool(services.question, ask)
            places = services.running.forgetting
            place = places.take(client_of(request.scope))
            strips = start_stream(resources, place, services.running, lambda stop: forgetting.strips(ask, row, stop))
            async for strip in iterate_in_threadpool(strips):
                yield ServerSentEvent(data=asdict(strip))
            yield ServerSentEvent(event="end", data="")
        except (ValueError, BusyError) as error:
            yield ServerSentEvent(event="refused", data=for_visitors(error))

    return router
