"""The gate in front of everything: what is served, and by which methods.

The exhibit's own routes are public as they are. Of Gradio's, only those pass that the page and its API need; uploads, files that are
fetched for a visitor, and events past the queue don't exist here.
"""

import logging
import re
from collections.abc import Sequence

from anyio import BrokenResourceError
from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from laam.exhibit.arguments import checked_body
from laam.exhibit.bodies import read_whole, replay
from laam.exhibit.gradio_internals import PageEvents
from laam.exhibit.refused import Refused
from laam.exhibit.streams import OpenStreams

_READ = re.compile(
    r"/?|/config/?|/theme\.css|/robots\.txt|/(?:assets|static)/(?!.*\.\.)[\w./-]+"
    r"|/gradio_api/(?:info/?|startup-events|app_id/?|openapi\.json|theme\.css|queue/data|heartbeat/\w+|call/\w+/\w+)"
)
_GRADIO = "/gradio_api/"
_ASKED = re.compile(r"/gradio_api/(?:queue/join/?|run/\w+/?|call/\w+/?|cancel/?|reset/?)")
_MCP = re.compile(r"/gradio_api/mcp(?:/[\w./-]*)?")
_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/\w+")
_STREAM = re.compile(r"/(?:embed|forget|kernel)/stream|/gradio_api/(?:queue/data|heartbeat/\w+|call/\w+/\w+|mcp(?:/[\w./-]*)?)")
_CLIENT_FAULTS = (HTTPException, ClientDisconnect, OSError)
_log = logging.getLogger(__name__)


class Gate:
    """Lets in what is listed, and answers the rest: 404, 405, 429. `routes`: the application's own, and Gradio's mount, which is
    passed over; `events`: those of the page."""

    def __init__(
        self, app: ASGIApp, routes: Sequence[BaseRoute], events: PageEvents, streams: OpenStreams | None = None, *, mcp: bool = False
    ) -> None:
        self.app, self.routes, self.events, self.mcp = app, routes, events, mcp
        self.streams = streams or OpenStreams()

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
        path, method = get_route_path(scope), scope["method"]
        own = not path.startswith(_GRADIO) and _is_own(self.routes, scope)  # looking at each route takes as long as many an answer
        if own:
            send = _open_to_all(send)
        elif self.mcp and _MCP.fullmatch(path):
            pass  # its own server says what it takes
        elif _READ.fullmatch(path):
            if method not in ("GET", "OPTIONS"):  # a page of another site asks first what it may
                raise Refused(405, "Ask for this with GET.", allow="GET, HEAD, OPTIONS")
            if (
                method == "GET"
                and path.endswith("/queue/data")
                and not self.events.has_session(Request(scope).query_params.get("session_hash", ""))
            ):
                raise Refused(404, "This session is not known. Load the page again.")
        elif _ASKED.fullmatch(path):
            if method not in ("POST", "OPTIONS"):
                raise Refused(405, "Send this with POST.", allow="POST, OPTIONS")
            if method == "POST":
                receive = replay(checked_body(path, await read_whole(receive), self.events))
        else:
            raise Refused(404, "There is nothing here.")
        if method == "GET" and _STREAM.fullmatch(path):
            if _HEARTBEAT.fullmatch(path):
                receive = self.streams.while_served(receive)
            with self.streams.one_more(scope):
                await _without_stack(self.app, scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_own(routes: Sequence[BaseRoute], scope: Scope) -> bool:
    """Whether the request is for a route of the exhibit itself. Raises Refused for one by a wrong method."""
    if _matches(routes, scope, scope["method"]):
        return True
    if methods := [method for method in ("GET", "POST") if _matches(routes, scope, method)]:
        allow = ", ".join("GET, HEAD" if method == "GET" else method for method in methods)
        raise Refused(405, f"Ask for this with {' or '.join(methods)}.", allow=allow)
    return False


def _matches(routes: Sequence[BaseRoute], scope: Scope, method: str) -> bool:
    """Whether one of the exhibit's own routes would answer the request if it came with `method`."""
    own = (route for route in routes if not (isinstance(route, Mount) and not route.path))
    return any(route.matches({**scope, "method": method})[0] is Match.FULL for route in own)


async def _without_stack(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """A stream, whose client may go at any time: that takes a line in the log, and no stack."""
    try:
        await app(scope, receive, send)
    except _CLIENT_FAULTS as fault:
        _log.warning("%s ended: %s", get_route_path(scope), fault or type(fault).__name__)
    except ExceptionGroup as faults:  # FastAPI's, if the client had stopped reading before it went
        if faults.split(BrokenResourceError)[1]:
            raise
        _log.warning("%s ended: nobody read it", get_route_path(scope))


def _open_to_all(send: Send) -> Send:
    """A `send` that lets any page read the answer, one in a sandboxed frame as well: nothing here is meant for one visitor only."""

    async def send_open(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # for a page that shows nothing of others unless they say so
        await send(message)

    return send_open
