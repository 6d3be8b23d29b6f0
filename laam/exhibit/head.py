"""The head of the page: one set of tags for previews, instead of Gradio's own; a text for browsers without scripts; and a policy that
lets only the page's own scripts run."""

import re
import secrets
from collections.abc import Callable

from starlette._utils import get_route_path
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAGS = re.compile(r"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*|<title>.*?</title>\s*", re.DOTALL)
_MANIFEST = re.compile(r"<link rel=\"manifest\"[^>]*>\s*")  # for apps that can be installed, which the exhibit is not
_CHARSET = '<meta charset="utf-8" />'
_FIRST_SCRIPT = "<script>window.gradio_config"
_CONFIG_END = ";</script>"
ROOT_SCRIPT = "gradio_config.root = new URL('.', location.href).href.replace(/\\/$/, '')"
"""The page asks the server at the address that it came from itself, whatever a proxy in between has changed."""


class PageHead:
    """Rewrites the page as it goes out. `head`: gives the tags for a request, as HTML; `noscript`: gives the text for no scripts."""

    def __init__(self, app: ASGIApp, head: Callable[[Request], str], noscript: Callable[[Request], str]) -> None:
        self.app, self.head, self.noscript = app, head, noscript

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or get_route_path(scope) not in ("", "/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
        start: Message = {}
        body = bytearray()

        async def rewrite(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            if message["type"] != "http.response.body":
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            content = bytes(body)
            headers = MutableHeaders(raw=list(start["headers"]))
            if start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/html"):
                nonce = secrets.token_urlsafe(12)
                tags = await run_in_threadpool(self.head, request)
                content = rewritten(content.decode(), tags, self.noscript(request), nonce).encode()
                headers["Content-Length"] = str(len(content))
                headers["Content-Security-Policy"] = policy(nonce)
            await send({**start, "headers": headers.raw})
            await send({"type": "http.response.body", "body": content})

        await self.app({**scope, "headers": plain}, receive, rewrite)


def policy(nonce: str) -> str:
    """The page may load its own files, and scripts with this nonce. Gradio makes functions from text, so it needs `unsafe-eval`."""
    return (
        f"default-src 'self'; script-src 'self' 'unsafe-eval' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'none'"
    )


def rewritten(page: str, tags: str, noscript: str, nonce: str) -> str:
    """Gradio's page with the exhibit's own tags and its text for browsers without scripts. Raises ValueError for any other page."""
    head, first_script, rest = page.partition(_FIRST_SCRIPT)
    before, charset, after = head.partition(_CHARSET)
    if not first_script or not charset or "<gradio-app" not in rest:
        raise ValueError("Gradio's page is not laid out as gradio_internals.py knows it")
    head = f"{before}{charset}\n{tags}\n{_TAGS.sub('', after)}"
    rest = _MANIFEST.sub("", rest)
    config, end, rest = rest.partition(_CONFIG_END)
    rest = rest.replace("<gradio-app", f"<noscript>{noscript}</noscript>\n<gradio-app", 1)
    page = f"{head}{first_script}{config};{ROOT_SCRIPT}{end}{rest}"
    return re.sub(r"<script(?=[\s>])", f'<script nonce="{nonce}"', page)  # text in the configuration has no `<`
