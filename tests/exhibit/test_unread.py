"""Calls whose answers nobody reads."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import Message

from laam.exhibit.unread import Unread
from tests.exhibit.conftest import until

pytestmark = pytest.mark.anyio

JOIN, CALL = "/gradio_api/queue/join", "/gradio_api/call/emit"
LONG = 3600.0


class Queue:
    """Answers as Gradio's queue does: a call with its number, a stream without end. Notes each stream."""

    def __init__(self) -> None:
        self.calls, self.read, self.ended = 0, list[tuple[str, bytes]](), list[str]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            await receive()
            self.calls += 1
            answer = json.dumps({"event_id": f"e{self.calls}"}).encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": answer})
            return
        self.read.append((scope["path"], scope["query_string"]))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await asyncio.Event().wait()
        finally:
            self.ended.append(scope["path"])


def scope_of(method: str, path: str, query: bytes = b"", client: str = "1.1.1.1") -> Any:
    return {"type": "http", "method": method, "path": path, "query_string": query, "headers": [], "client": (client, 1)}


async def call(app: Unread, path: str = CALL, client: str = "1.1.1.1", **body: str) -> int:
    """Make a call; returns the answer's status."""
    found: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: Message) -> None:
        if "status" in message:
            found.append(message["status"])

    await app(scope_of("POST", path, client=client), receive, send)
    return found[0]


@asynccontextmanager
async def reading(app: Unread, queue: Queue, path: str, query: bytes) -> AsyncIterator[None]:
    """While somebody reads a stream."""

    async def send(_: Message) -> None:
        """Nobody looks at it."""

    task = asyncio.ensure_future(app(scope_of("GET", path, query), None, send))  # type: ignore[arg-type]
    await until(lambda: bool(queue.read))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("path", "body", "stream"),
    [
        (CALL, {}, (f"{CALL}/e1", b"")),
        (f"{CALL}/", {"session_hash": "s"}, (f"{CALL}/e1", b"")),
        (JOIN, {"session_hash": "a b&c"}, ("/gradio_api/queue/data", b"session_hash=a+b%26c")),
    ],
)
async def test_a_call_that_nobody_reads_is_read_for_a_moment(path: str, body: dict[str, str], stream: tuple[str, bytes]) -> None:
    queue = Queue()
    app = Unread(queue, seconds=0, read_s=0)
    assert await call(app, path, **body) == 200
    await until(lambda: bool(queue.ended))
    assert queue.read == [stream]
    assert not app._calls and not app._of


@pytest.mark.parametrize(("path", "stream", "query"), [(CALL, f"{CALL}/e1", b""), (JOIN, "/gradio_api/queue/data", b"session_hash=s")])
async def test_one_whose_stream_is_opened_is_left_alone(path: str, stream: str, query: bytes) -> None:
    queue = Queue()
    app = Unread(queue, seconds=LONG)
    await call(app, path, session_hash="s")
    [waiting] = app._calls.values()
    async with reading(app, queue, stream, query):
        assert waiting.timer.cancelled()
        assert not app._calls and not app._of
        if path == JOIN:
            await call(app, path, session_hash="s")  # the stream that is open reads this one, too
            assert not app._calls
    assert not app._open


async def test_a_client_may_have_some_of_them_and_all_together_more() -> None:
    queue = Queue()
    app = Unread(queue, seconds=LONG, each=2, in_all=3)
    assert [await call(app, JOIN, session_hash="one for all") for _ in range(3)] == [200, 200, 429]
    assert await call(app, client="2.2.2.2") == 200
    assert await call(app, client="3.3.3.3") == 429
    assert queue.calls == 3
    async with reading(app, queue, "/gradio_api/queue/data", b"session_hash=one+for+all"):
        assert await call(app) == 200


async def test_many_at_once_are_counted_before_they_are_answered() -> None:
    app = Unread(Queue(), seconds=LONG, each=3)
    statuses = await asyncio.gather(*(call(app, JOIN, session_hash=f"s{number}") for number in range(9)))
    assert sorted(statuses) == [200] * 3 + [429] * 6


async def test_a_call_that_is_refused_by_gradio_is_not_waited_for() -> None:
    async def refuses(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b'{"detail": "no"}'})

    app = Unread(refuses, seconds=LONG)
    assert await call(app) == 400
    assert not app._calls and not app._of
