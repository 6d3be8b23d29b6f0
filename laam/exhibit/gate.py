"""The gate between the exhibit's own routes, which are public as they are, and Gradio's, of which only the API is.

The rule: what a request sends to Gradio is JSON with plain values, and what Gradio answers is JSON or a stream of events. So no file goes
in or out, whatever routes a version of Gradio has; nor does a value name one, or an address, for the server to fetch.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any

from anyio import BrokenResourceError
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laam.exhibit.bodies import read_whole, replay
from laam.exhibit.refused import Refused
from laam.exhibit.streams import OpenStreams
from laam.share.trace import BODY_BYTES as TRACE_BYTES  # of twice that the page itself says that it is too long

BODY_BYTES = 64 * 1024
LONGEST_PATH = 255  # characters; Gradio would look for a file of that name, and no file has a longer one
LARGE_BODY_BYTES = 1024 * 1024  # of a request to score a text
_LARGE = ("/gradio_api/queue/join", "/gradio_api/call/score")
_OWN_STREAMS = ("/stream", "/forget/stream", "/whole/stream", "/model/stream")
_HEARTBEAT = "/gradio_api/heartbeat/"
_MCP = "/gradio_api/mcp"
_ANSWERS = ("application/json", "text/event-stream")
_CLIENT_FAULTS = (HTTPException, ClientDisconnect, OSError)
_log = logging.getLogger(__name__)


def limit_of(path: str) -> int:
    """How many bytes a request to `path` may bring along; 0: it brings none."""
    if path.rstrip("/") in _LARGE:
        return LARGE_BODY_BYTES
    return 2 * TRACE_BYTES if path == "/trace" else BODY_BYTES if path.startswith("/gradio_api/") or path == "/stream" else 0


Endpoints = Mapping[str, Mapping[str, Any]]
"""By the name of an endpoint, its arguments in order, each with its default; `inspect.Parameter.empty` if it has none."""


class Gate:
    """Holds requests to the rule, and answers the others: 404, 405, 429. `routes`: the application's own, and Gradio's mount, which is
    passed over. A stream counts as one of `streams` while it is open. `endpoints`: of the API, each with the defaults of its arguments.
    `nowhere`: answers a person's browser at an address that is none."""

    def __init__(
        self,
        app: ASGIApp,
        routes: Sequence[BaseRoute],
        streams: OpenStreams,
        endpoints: Endpoints,
        *,
        mcp: bool = False,
        nowhere: Callable[[Request], Response] | None = None,
    ) -> None:
        self.app, self.routes, self.streams, self.endpoints, self.mcp, self.nowhere = app, routes, streams, endpoints, mcp, nowhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        try:
            await self._answer(scope, receive, send)
        except Refused as refused:
            await refused.answer()(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = get_route_path(scope)
        own = _is_own(self.routes, scope)
        if not own:
            if self.nowhere and _is_from_a_person(scope):
                await self.nowhere(Request(scope))(scope, receive, send)
                return
            if (path.startswith(_MCP) and not self.mcp) or len(path) > LONGEST_PATH:
                raise Refused(404, "There is nothing here.")
            if scope["method"] == "POST" and not path.startswith(_MCP):
                receive = replay(_plain_json(scope, await read_whole(receive), self.endpoints))
            if scope["method"] != "OPTIONS":  # a page of another site asks first what it may
                send = _json_or_events(send)
        if scope["method"] == "GET" and (path in _OWN_STREAMS if own else path.startswith("/gradio_api/")):
            if path.startswith(_HEARTBEAT):
                receive = self.streams.while_served(receive)
            with self.streams.one_more(scope):
                await _without_stack(self.app, scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_own(routes: Sequence[BaseRoute], scope: Scope) -> bool:
    """Whether the request is for a route of the exhibit itself. Raises Refused for one by a wrong method."""
    if get_route_path(scope).startswith("/gradio_api/"):  # looking at each route takes as long as many an answer
        return False
    if _matches(routes, scope, scope["method"]):
        return True
    if methods := [method for method in ("GET", "POST") if _matches(routes, scope, method)]:
        allow = ", ".join("GET, HEAD" if method == "GET" else method for method in methods)
        raise Refused(405, f"Ask for this with {' or '.join(methods)}.", allow=allow)
    return False


def _is_from_a_person(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not a program for an answer of the API."""
    asks = scope["method"] == "GET" and not get_route_path(scope).startswith(("/gradio_api/", _MCP))
    return asks and "text/html" in Headers(scope=scope).get("accept", "")


def _matches(routes: Sequence[BaseRoute], scope: Scope, method: str) -> bool:
    """Whether one of the exhibit's own routes would answer the request if it came with `method`."""
    own = (route for route in routes if not (isinstance(route, Mount) and not route.path))
    return any(route.matches({**scope, "method": method})[0] is Match.FULL for route in own)


def _plain_json(scope: Scope, body: bytes, endpoints: Endpoints) -> bytes:
    """A body for Gradio, with nothing in it but plain values. Raises Refused, which says what is the matter."""
    if len(body) > (limit := limit_of(get_route_path(scope))):
        raise Refused(413, f"The request has {len(body):,} bytes; give at most {limit:,}.")
    if not Headers(scope=scope).get("content-type", "application/json").startswith("application/json"):
        raise Refused(415, "Send JSON: Content-Type: application/json.")
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Refused(400, "The request holds no JSON object.")
    data = asked.get("data", [])
    if not isinstance(data, list):
        raise Refused(400, "data is no list; give the arguments in one.")
    plain = {name: value for name, value in asked.items() if _is_plain(value)}
    # The endpoint says itself which argument is not what it takes.
    values = [value if _is_plain(value) else type(value)() for value in data]
    called = get_route_path(scope).strip("/").removeprefix("gradio_api/call/")
    return json.dumps({**plain, "data": _filled(called, values, endpoints[called]) if called in endpoints else values}).encode()


def _filled(name: str, values: list[Any], arguments: Mapping[str, Any]) -> list[Any]:
    """The values of a call, and defaults for those that are left out, which gradio_client fills in by itself. Raises Refused."""
    if len(values) > len(arguments):
        takes = f"{name} takes {len(arguments)} arguments and got {len(values)}"
        raise Refused(400, f"{takes}: {', '.join(arguments)}.")
    missing = dict(list(arguments.items())[len(values) :])
    if needed := [argument for argument, default in missing.items() if default is Parameter.empty]:
        raise Refused(400, f"{name} needs {' and '.join(needed)}.")
    return [*values, *missing.values()]


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _json_or_events(send: Send) -> Send:
    """A `send` that lets through what Gradio answers as JSON or as events; anything else is not there."""
    closed = False

    async def send_checked(message: Message) -> None:
        nonlocal closed
        if message["type"] == "http.response.start" and not Headers(raw=message["headers"]).get("content-type", "").startswith(_ANSWERS):
            closed = message["status"] < 400 and message["status"] != 204
        if not closed:
            await send(message)
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"application/json")]})
            await send({"type": "http.response.body", "body": b'{"detail":"There is nothing here."}'})

    return send_checked


async def _without_stack(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """A stream, whose client may go at any time: that takes a line in the log, and no stack."""
    try:
        await app(scope, receive, send)
    except _CLIENT_FAULTS as fault:
        _log.warning("%s ended: %s", get_route_path(scope), fault or type(fault).__name__)
    except RuntimeError as fault:  # Starlette's, if Gradio finds within a stream that there is nothing to stream
        if not isinstance(fault.__cause__, HTTPException):
            raise
        _log.warning("%s ended: %s", get_route_path(scope), fault.__cause__)
    except ExceptionGroup as faults:  # FastAPI's, if the client had stopped reading before it went
        if faults.split(BrokenResourceError)[1]:
            raise
        _log.warning("%s ended: nobody read it", get_route_path(scope))
