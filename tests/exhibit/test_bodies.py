"""What a request may bring along."""

import asyncio
import gzip
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.types import Message

from laam.exhibit.bodies import Bodies

pytestmark = pytest.mark.anyio

LIMIT = 10


def app_with(**limits: Any) -> Bodies:
    """An application that takes ten bytes at `/taken`, and says how much of a body each route gets."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT"])
    async def length(request: Request) -> int:
        return len(await request.body())

    return Bodies(app, lambda path: LIMIT if path == "/taken" else 0, **limits)


class Asked:
    """A request whose body comes part by part; afterwards its client goes, or sends nothing more."""

    def __init__(self, *parts: bytes, whole: bool = False, goes: bool = False, client: str = "1.1.1.1", length: int | None = None) -> None:
        self.scope: Any = {"type": "http", "method": "POST", "path": "/taken", "client": (client, 1), "query_string": b""}
        self.scope["headers"] = [(b"transfer-encoding", b"chunked")] if length is None else [(b"content-length", b"%d" % length)]
        self.parts, self.whole, self.goes = list(parts), whole, goes
        self.waits, self.answer = asyncio.Event(), dict[str, Any]()

    async def receive(self) -> Message:
        if self.parts:
            body = self.parts.pop(0)
            return {"type": "http.request", "body": body, "more_body": not self.whole or bool(self.parts)}
        if not self.goes:
            self.waits.set()
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.answer.update(message)

    async def ask(self, app: Bodies) -> int | None:
        """The answer's status; None if there is none."""
        await app(self.scope, self.receive, self.send)
        return self.answer.get("status")


def test_a_body_within_the_limit_is_passed_on() -> None:
    client = TestClient(app_with())
    answer = client.post("/taken", content=b"x" * LIMIT)
    assert (answer.json(), answer.headers.get("connection")) == (LIMIT, None)


async def test_a_longer_one_is_refused_before_it_is_read_if_it_says_so() -> None:
    asked = Asked(length=LIMIT + 1)
    assert await asked.ask(app_with()) == 413
    assert not asked.waits.is_set()
    assert (b"connection", b"close") in [(name.lower(), value) for name, value in asked.answer["headers"]]
    assert await Asked(b"x" * 6, b"x" * 6).ask(app_with()) == 413


@pytest.mark.parametrize(("method", "path"), [("POST", "/elsewhere"), ("GET", "/taken"), ("PUT", "/taken")])
def test_a_route_that_takes_none_gets_none(method: str, path: str) -> None:
    answer = TestClient(app_with()).request(method, path, content=b"x")
    assert (answer.json(), answer.headers["connection"]) == (0, "close")


async def test_what_comes_for_a_route_that_takes_none_is_not_kept() -> None:
    got: list[Message] = []

    async def app(scope: object, receive: Any, send: object) -> None:
        got.extend([await receive(), await receive()])

    asked = Asked(b"x" * 1000, b"x" * 1000, goes=True)
    asked.scope["path"] = "/elsewhere"
    await Bodies(app, lambda _: 0)(asked.scope, asked.receive, asked.send)
    assert got == [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]


async def test_one_that_does_not_come_is_given_up() -> None:
    assert await Asked(b"x").ask(app_with(seconds=0)) == 408


async def test_a_client_that_goes_takes_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert await Asked(b"x", goes=True).ask(app_with()) is None
    assert caplog.messages == ["/taken ended: the client went before its request was here"]
    assert caplog.records[0].exc_info is None


async def test_the_bytes_of_unfinished_bodies_are_bounded_for_each_and_for_all() -> None:
    app = app_with(in_all=20, each=12)
    waiting = [Asked(b"x" * 8), Asked(b"x" * 8, client="2.2.2.2")]
    tasks = [asyncio.create_task(asked.ask(app)) for asked in waiting]
    for asked in waiting:
        await asked.waits.wait()
    assert await Asked(b"x" * 8, whole=True).ask(app) == 503  # the first client has 8 already
    assert await Asked(b"x" * 8, whole=True, client="3.3.3.3").ask(app) == 503
    assert await Asked(b"x" * 4, whole=True).ask(app) == 200
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await Asked(b"x" * 8, whole=True).ask(app) == 200
    assert not app._held


def test_what_is_compressed_is_not_unpacked(exhibit: TestClient) -> None:
    bomb = gzip.compress(b'{"data": ["' + b" " * 10_000_000 + b'"]}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert exhibit.post("/gradio_api/call/score", content=bomb, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/trace", 3_000_000, 413), ("/gradio_api/cancel", 70_000, 413), ("/health", 5_000_000, 405), ("/no/such", 5_000_000, 404)],
)
def test_every_route_is_guarded(exhibit: TestClient, path: str, size: int, status: int) -> None:
    answer = exhibit.post(path, content=b"x" * size)
    assert (answer.status_code, answer.headers["connection"]) == (status, "close")
