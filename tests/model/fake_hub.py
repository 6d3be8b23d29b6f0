"""A hub on the loopback address: it speaks what is asked of a hub, and misbehaves on request."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

import pytest

from laam.model import chooser, model, obtain, spec
from tests import loopback

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "somebody/tiny"


@dataclass(frozen=True)
class Fault:
    """How one request is answered wrongly."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """The connection ends after so many bytes of the body …"""
    hang: bool = False
    """… or nothing more is ever sent."""
    body: bytes | None = None


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    name: str
    headers: Mapping[str, str]


class FakeHub:
    """Serves `files` at one commit of one repository, the weights from `cdn` where one is given.

    `faults` by method and file name are used up one by one; `always` holds for every request.
    """

    def __init__(self, files: dict[str, bytes], cdn: "FakeHub | None" = None) -> None:
        self.files, self.cdn = files, cdn
        self.faults: dict[tuple[str, str], list[Fault]] = defaultdict(list)
        self.always: Fault | None = None
        self.requests: list[Request] = []
        self.commit = COMMIT
        self.etags: dict[str, str] = {}
        self.closing = threading.Event()
        hub = self

        class Handler(loopback.Handler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each body waits 40 ms for the acknowledgement of its headers

            def respond(self) -> None:
                hub._answer(self)

        self.address, self._listening = "", loopback.listening(Handler)

    def __enter__(self) -> "FakeHub":
        self.address = self._listening.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._listening.__exit__(None, None, None)

    def asked(self, method: str, name: str) -> list[Request]:
        return [request for request in self.requests if (request.method, request.name) == (method, name)]

    def etag(self, name: str) -> str:
        data = self.files[name]
        if name in self.etags:
            return self.etags[name]
        if name.endswith(".safetensors"):
            return hashlib.sha256(data).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = unquote(handler.path)
        name = path.rpartition("/")[2]
        method = handler.command
        self.requests.append(Request(method, path, name, {key.lower(): value for key, value in handler.headers.items()}))
        waiting = self.faults[method, name]
        fault = waiting.pop(0) if waiting else self.always or Fault()
        with suppress(OSError):  # the client may be gone
            self._send(handler, method, name, fault)

    def _send(self, handler: BaseHTTPRequestHandler, method: str, name: str, fault: Fault) -> None:
        if fault.hang and fault.cut_after is None:
            self.closing.wait()
            handler.close_connection = True
            return
        if fault.status:
            self._head(handler, fault.status, {"Content-Length": "0", **fault.headers})
            return
        if name not in self.files:
            self._head(handler, 404, {"Content-Length": "0", "X-Error-Code": "EntryNotFound", "X-Repo-Commit": self.commit})
            return
        data = self.files[name] if fault.body is None else fault.body
        headers = {"ETag": f'"{self.etag(name)}"', "X-Repo-Commit": self.commit, "Accept-Ranges": "bytes"}
        if self.cdn and name.endswith(".safetensors"):
            linked = {"X-Linked-Etag": f'"{self.etag(name)}"', "X-Linked-Size": str(len(self.files[name]))}
            location = f"{self.cdn.address}/cdn/{name}"
            self._head(handler, 302, {**headers, **linked, "ETag": '"other"', "Location": location, "Content-Length": "0"})
            return
        status = 200
        asked = handler.headers.get("Range", "")
        if method == "GET" and asked:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            status, data = 206, data[start:]
        self._head(handler, status, {**headers, **fault.headers, "Content-Length": str(len(data))})
        if method == "HEAD":
            return
        handler.wfile.write(data[: fault.cut_after])
        if fault.cut_after is not None:
            if fault.hang:
                self.closing.wait()
            handler.close_connection = True

    @staticmethod
    def _head(handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str]) -> None:
        handler.send_response(status)
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.end_headers()


def offer(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> spec.ModelSpec:
    """Let the published 5M be what a hub has; gives its specification."""
    of_hub = replace(spec.PUBLISHED[0], repo=REPO, revision=COMMIT, weights_sha256=hub.etag("model.safetensors"))
    for module in (chooser, obtain, model, spec):
        monkeypatch.setattr(module, "PUBLISHED", (of_hub, spec.PUBLISHED[1]))
    monkeypatch.setitem(spec.NAMED, of_hub.name, of_hub)
    return of_hub
