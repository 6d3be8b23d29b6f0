"""*The whole kernel, please*, or whatever the corpus is: the files as they come, as a stream, and what came as a tar."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from laam.emission.wording import NOT_THERE
from laam.measure.packing import pack_tar
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError
from laam.serving.services import Services
from laam.serving.whole_run import WholeRun
from laam.share.client import client_of
from laam.share.stream_resources import StreamResources, start_stream


def whole_routes(services: Services) -> APIRouter:
    """`/whole/stream`: how many files there are, each as it comes, then `end`; or `refused`, with a sentence. `/whole.tar`: them all."""
    router, release = APIRouter(), services.release
    whole = WholeRun(services)

    @router.get("/whole/stream", response_class=EventSourceResponse)
    async def stream(request: Request, resources: StreamResources) -> AsyncIterator[ServerSentEvent]:
        try:
            files = await run_in_threadpool(whole.files)
            came = start_stream(resources, services.running.whole.take(client_of(request.scope)), services.running, whole.watch)
            yield ServerSentEvent(event="files", data=len(files))
            async for file in iterate_in_threadpool(came):
                yield ServerSentEvent(data=asdict(file))
            yield ServerSentEvent(event="end", data=NOT_THERE if release.published else "")
        except (ValueError, BusyError) as error:
            yield ServerSentEvent(event="refused", data=for_visitors(error))

    @router.get("/whole.tar")
    def tar() -> Response:
        texts = whole.texts()
        if not texts:
            return Response(
                f"The exhibit’s own model has not written the {release.noun} here yet: ask for it on the page.\n",
                404,
                media_type="text/plain",
            )
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(release.name)}.tar"}
        return Response(pack_tar(texts), media_type="application/x-tar", headers=headers)

    return router
