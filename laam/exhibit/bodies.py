"""The bodies of requests: which routes take one, how long it may be, and how long it may take."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laam.exhibit.refused import Refused
from laam.share.client import client_of

BODY_S = 20.0
"""Seconds within which a body must be here."""
IN_ALL = 32_000_000
"""Bytes of bodies that aren't whole yet, of all requests together."""
EACH = IN_ALL // 4
"""The same, for one client."""

_log = logging.getLogger(__name__)


class Bodies:
    """Reads each body before a route sees it, so that a route gets it whole or not at all. `limit_of`: the bytes that a path takes; to a
    path that takes none, nothing of a body is given. Bodies stay as they came: what is compressed is not unpacked."""

    def __init__(
        self, app: ASGIApp, limit_of: Callable[[str], int], *, seconds: float = BODY_S, in_all: int = IN_ALL, each: int = EACH
    ) -> None:
        self.app, self._limit_of, self._seconds, self._in_all, self._each = app, limit_of, seconds, in_all, each
        self._held: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        limit = self._limit_of(get_route_path(scope)) if scope["method"] == "POST" else 0
        if not limit:
            await self.app(scope, _without_body(receive), _closing(send))
            return
        try:
            if _length(Headers(scope=scope)) > limit:
                raise _too_long(limit)
            body = await self._read(scope, receive, limit)
        except Refused as refused:
            await refused.answer()(scope, receive, send)
            return
        if body is None:
            _log.warning("%s ended: the client went before its request was here", get_route_path(scope))
            return
        await self.app(scope, replay(body), send)

    async def _read(self, scope: Scope, receive: Receive, limit: int) -> bytes | None:
        """The body; None if the client goes before it is here. Raises Refused."""
        body, client = bytearray(), client_of(scope)
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    part = message.get("body", b"")
                    body += part
                    self._held[client] += len(part)
                    if len(body) > limit:
                        raise _too_long(limit)
                    if self._held[client] > self._each or self._held.total() > self._in_all:
                        raise Refused(503, "Too many requests are on their way just now. Try again in a minute.", retry_s=60, close=True)
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise Refused(408, f"The request was not here within {self._seconds:g} s.", close=True) from None
        finally:
            self._held -= Counter({client: len(body)})


async def read_whole(receive: Receive) -> bytes:
    """A body that `Bodies` has read already."""
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body)


async def never() -> Message:
    """Nothing more: nobody downstream needs to know when the client goes before the answer."""
    return await asyncio.Future[Message]()


def replay(body: bytes, then: Receive = never) -> Receive:
    """A `receive` that gives a body that was read already, and afterwards what `then` gives."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return await then()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or _length(headers) > 0


def _length(headers: Headers) -> int:
    """What a request says of its body's length; uvicorn lets no other number in."""
    return int(headers.get("content-length") or 0)


def _too_long(limit: int) -> Refused:
    return Refused(413, f"The request has more than {limit:,} bytes.", close=True)


def _without_body(receive: Receive) -> Receive:
    """A `receive` that gives an empty body, and then only says when the client goes."""

    async def until_gone() -> Message:
        while (message := await receive())["type"] != "http.disconnect":
            pass
        return message

    return replay(b"", until_gone)


def _closing(send: Send) -> Send:
    """A `send` whose connection ends with the answer: the body that wasn't read would have to be read before the next request."""

    async def send_last(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
        await send(message)

    return send_last
