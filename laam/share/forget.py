"""*Make it forget*, as a stream: the strips of one file at several temperatures, one after the other."""

from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from laam.emission.ask import ask_of_query
from laam.serving.faults import for_visitors
from laam.serving.forgetting import Forgetting
from laam.serving.limits import BusyError
from laam.serving.services import Services
from laam.share.client import client_of
from laam.share.stream_resources import StreamResources, start_stream


def forget_routes(services: Services) -> APIRouter:
    """`/forget/stream?path=…`: each strip as it comes, then `end`; or `refused`, with a sentence that says why."""
    router = APIRouter()
    forgetting = Forgetting(services)

    @router.get("/forget/stream", response_class=EventSourceResponse)
    async def stream(request: Request, resources: StreamResources) -> AsyncIterator[ServerSentEvent]:
        try:
            ask = ask_of_query(request.query_params)
            await run_in_threadpool(services.question, ask)
            places = services.running.forgetting
            place = places.take(client_of(request.scope))
            strips = start_stream(resources, place, services.running, lambda stop: forgetting.strips(ask, stop))
            async for strip in iterate_in_threadpool(strips):
                yield ServerSentEvent(data=asdict(strip))
            yield ServerSentEvent(event="end", data="")
        except (ValueError, BusyError) as error:
            yield ServerSentEvent(event="refused", data=for_visitors(error))

    return router
