"""Calls of Gradio's queue whose answers nobody reads: they are dropped, instead of being computed to their end.

It relies on Gradio's protocol only, and on none of its objects. A call is made by POST (`/gradio_api/call/NAME`, or
`/gradio_api/queue/join` with a `session_hash`), is answered with an `event_id`, and is read by a stream
(`/gradio_api/call/NAME/EVENT_ID`, or `/gradio_api/queue/data` of the session). If a stream's reader goes, Gradio drops what the stream was
of. So a call that nobody reads is read here, for a moment.
"""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from starlette._utils import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laam.exhibit.bodies import read_whole, replay
from laam.exhibit.refused import Refused
from laam.share.client import client_of

UNREAD_S = 30.0
"""Seconds within which a call's stream must be opened."""
EACH = 40
"""Calls that one client may have whose streams it hasn't opened yet."""
IN_ALL = 400
READ_S = 1.0
"""Seconds for which a call is read before its reader goes; it takes what is there already."""

_JOIN, _DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"
_CALL, _ANSWER = re.compile(r"/gradio_api/call/\w+/?"), re.compile(r"/gradio_api/call/\w+/(\w+)")
_log = logging.getLogger(__name__)


@dataclass
class Call:
    """Calls that are read by one stream. `scope`: the request that would open it."""

    client: str
    scope: Scope
    timer: asyncio.TimerHandle
    count: int = 0


class Unread:
    """Counts the calls whose streams haven't been opened, and drops those that wait too long. Used in the event loop only."""

    def __init__(self, app: ASGIApp, *, seconds: float = UNREAD_S, each: int = EACH, in_all: int = IN_ALL, read_s: float = READ_S) -> None:
        self.app, self._seconds, self._each, self._in_all, self._read_s = app, seconds, each, in_all, read_s
        self._calls: dict[str, Call] = {}
        self._of: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._dropping: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = get_route_path(scope) if scope["type"] == "http" else ""
        if path and scope["method"] == "POST" and (path.rstrip("/") == _JOIN or _CALL.fullmatch(path)):
            try:
                await self._take(scope, receive, send)
            except Refused as refused:
                await refused.answer()(scope, receive, send)
        elif path and scope["method"] == "GET" and (key := _key_of_stream(path, scope["query_string"])):
            with self._reading(key):
                await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = client_of(scope)
        if self._of[client] >= self._each or self._of.total() >= self._in_all:
            sentence = "Too many calls wait for somebody who reads their answers. Read those first."
            raise Refused(429, sentence, retry_s=max(1, int(self._seconds)))
        body, stream, answer = await read_whole(receive), dict(scope), bytearray()
        self._of[client] += 1  # until it is known of which stream it is

        async def send_and_look(message: Message) -> None:
            answer.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._note(stream, client, body, bytes(answer))  # before the client knows: it may open the stream at once
            await send(message)

        try:
            await self.app(scope, replay(body), send_and_look)
        finally:
            self._of -= Counter({client: 1})

    def _note(self, scope: Scope, client: str, body: bytes, answer: bytes) -> None:
        """Note a call that was taken, unless its stream is open."""
        event = _text(answer, "event_id")
        path = get_route_path(scope)
        joined = path.rstrip("/") == _JOIN
        key = _text(body, "session_hash") if joined else event
        if not event or not key or self._open[key]:
            return
        if key not in self._calls:
            root = scope.get("root_path", "")
            opened = root + (_DATA if joined else f"{path.rstrip('/')}/{event}")
            query = urlencode({"session_hash": key}).encode() if joined else b""
            asked = {**scope, "method": "GET", "path": opened, "raw_path": opened.encode(), "query_string": query, "headers": _bare(scope)}
            timer = asyncio.get_running_loop().call_later(self._seconds, self._drop, key)
            self._calls[key] = Call(client, asked, timer)
        self._calls[key].count += 1
        self._of[self._calls[key].client] += 1

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        """Somebody reads a stream while the block runs."""
        self._forget(key)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open -= Counter({key: 1})

    def _forget(self, key: str) -> Call | None:
        call = self._calls.pop(key, None)
        if call:
            call.timer.cancel()
            self._of -= Counter({call.client: call.count})
        return call

    def _drop(self, key: str) -> None:
        if call := self._forget(key):
            task = asyncio.ensure_future(read_and_go(self.app, call.scope, self._read_s))
            self._dropping.add(task)
            task.add_done_callback(self._dropping.discard)


async def read_and_go(app: Callable[[Scope, Receive, Send], Awaitable[None]], scope: Scope, seconds: float) -> None:
    """Read a stream for a moment, and be gone, as a client that closes its page."""

    async def take(_: Message) -> None:
        """Nobody wants it."""

    try:
        async with asyncio.timeout(seconds):
            await app(scope, replay(b""), take)
    except TimeoutError:
        pass
    except Exception as error:  # the call may have ended meanwhile
        _log.debug("a call that nobody read: %s", error)


def _key_of_stream(path: str, query: bytes) -> str:
    """What names the calls that a stream is of: a session, or an event; empty if it is no such stream."""
    if path == _DATA:
        return parse_qs(query.decode("latin-1")).get("session_hash", [""])[0]
    found = _ANSWER.fullmatch(path)
    return found[1] if found else ""


def _bare(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers of a request, without those that tell of its body."""
    return [(name, value) for name, value in scope["headers"] if not name.lower().startswith((b"content-", b"transfer-"))]


def _text(content: bytes, name: str) -> str:
    """A field of a JSON object; empty if there is none."""
    try:
        found = json.loads(content)[name]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return str(found) if isinstance(found, str | int) else ""
