"""Headers that every answer has: no guessing of types, no telling of addresses to other sites, no scripts in a page that needs none."""

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_SCRIPTS = "default-src 'none'; style-src * 'unsafe-inline'; img-src * data:; base-uri 'none'; form-action 'none'"
"""For a page that doesn't say itself what it loads."""
FRAMES = "frame-ancestors"
GRADIO = "/gradio_api/"


class SafeHeaders:
    """Adds what an answer doesn't say by itself. `framed_by`: the site whose pages may frame all pages here, besides the exhibit's own; an
    embed says itself that anybody may."""

    def __init__(self, app: ASGIApp, framed_by: str = "") -> None:
        self.app, self._frames = app, f"{FRAMES} 'self' {framed_by}".rstrip()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = get_route_path(scope) if scope["type"] == "http" else ""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                if not own.startswith(GRADIO):  # which says itself who may read it
                    # A sandboxed frame has no origin. Nothing is for one visitor only.
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # for a page that shows nothing of others unless they say so
                if headers.get("content-type", "").startswith("text/html"):
                    policy = headers.setdefault("Content-Security-Policy", NO_SCRIPTS)
                    if FRAMES not in policy:
                        headers["Content-Security-Policy"] = f"{policy}; {self._frames}"
                    headers.setdefault("Cache-Control", "private, no-cache")  # the address in its links is that of one request
            await send(message)

        await self.app(scope, receive, send_safely)
