"""Answer HEAD wherever GET is answered: a site that previews a link often asks for the headers first, and gives up if they are refused."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laam.exhibit.bodies import replay


class HeadAsGet:
    """Answers HEAD with what GET would say, without the body. A stream is cut after its headers, as if the client had gone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        started = asyncio.Event()

        async def gone() -> Message:
            await started.wait()
            return {"type": "http.disconnect"}

        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                started.set()

        try:
            await self.app({**scope, "method": "GET"}, replay(b"", gone), send_headers)
        except Exception:
            if not started.is_set():
                raise
            # The answer has gone out, and FastAPI's stream may complain of having been cut.
