"""Connections, over real sockets of a local server with small limits."""

import asyncio
import errno
import logging
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from unittest.mock import Mock

import pytest
import uvicorn

from laam.exhibit.clients import Proxies
from laam.exhibit.connections import FULL, MOST, OUT_OF_DESCRIPTORS, Connections, fold_accept_faults, guarded, most_connections
from laam.exhibit.goodbye import Server
from laam.exhibit.seldom import Seldom
from tests.exhibit.conftest import until

pytestmark = pytest.mark.anyio

PROXIES, NOBODY = Proxies(["127.0.0.1"]), Proxies()
LONG = 3600.0
BLOCK = b"x" * 65_536
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


async def answers(scope: Any, receive: Any, send: Any) -> None:
    """`/` answers; `/waits` never does."""
    if scope["path"] == "/waits":
        await receive()
        await receive()
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok", "more_body": False})


@asynccontextmanager
async def served(room: Connections, app: Any = answers) -> AsyncIterator[Open]:
    """Opens connections to a server in this event loop."""
    config = uvicorn.Config(app, port=0, http=guarded(room), proxy_headers=False, lifespan="off", log_level="error", ws="none")
    config.load()
    server = Server(config, lambda: None)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]

    writers: list[asyncio.StreamWriter] = []

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return reader, writer

    try:
        yield connect
    finally:
        for writer in writers:
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await server.shutdown()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes."""
    try:
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b""


async def status(opened: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str = "/") -> bytes:
    """The first line of an answer."""
    reader, writer = opened
    writer.write(GET.replace(b"/", path.encode(), 1))
    return (await reader.readline()).strip()


async def answered(connect: Open, room: Connections, number: int = 1) -> asyncio.StreamWriter:
    """One more connection that waits for its answer, so that there are so many."""
    _, writer = await connect()
    writer.write(GET.replace(b"/", b"/waits", 1))
    await until(lambda: len(room) == number and not room._idle)
    return writer


@pytest.mark.parametrize(("sent", "is_first"), [(b"", True), (b"GET / HTTP/1.1\r\nHo", True), (b"GET /", False)])
async def test_a_connection_without_a_whole_head_is_closed(sent: bytes, is_first: bool) -> None:
    async with served(Connections(9, PROXIES, head_s=0.01)) as connect:
        reader, writer = opened = await connect()
        if not is_first:
            assert b"200" in await status(opened)
            await reader.readuntil(b"0\r\n\r\n")
        writer.write(sent)
        assert await ended(reader) == b""


async def test_bytes_that_drip_win_no_time() -> None:
    """The timer of a head is set once, however often something comes."""
    room = Connections(9, PROXIES, head_s=LONG)
    async with served(room) as connect:
        opened = await connect()
        assert b"200" in await status(opened)
        await opened[0].readuntil(b"0\r\n\r\n")
        [connection] = room._clients
        opened[1].write(b"G")
        await until(lambda: bool(connection._head))
        timer, seen = connection._head, connection.conn.trailing_data[0]
        opened[1].write(b"ET / HT")
        await until(lambda: connection.conn.trailing_data[0] != seen)
        assert connection._head is timer


async def test_one_that_is_being_answered_has_no_deadline_for_a_head() -> None:
    room = Connections(9, PROXIES, head_s=LONG)
    async with served(room) as connect:
        await answered(connect, room)
        [connection] = room._clients
        assert connection._head is None


async def test_the_longest_silent_makes_room_for_a_new_one() -> None:
    room = Connections(3, PROXIES, head_s=LONG)
    async with served(room) as connect:
        silent = [await connect() for _ in range(3)]
        assert b"200" in await status(await connect())
        assert await ended(silent[0][0]) == b""
        assert len(room) == 3


async def test_if_all_are_being_answered_the_next_is_told_to_come_back(caplog: pytest.LogCaptureFixture) -> None:
    room = Connections(2, PROXIES, head_s=LONG)
    async with served(room) as connect:
        for number in (1, 2):
            await answered(connect, room, number)
        for _ in range(2):
            assert await ended((await connect())[0]) == FULL
    assert caplog.messages == ["connections are refused: there are 2 already"]  # one line for both


@pytest.mark.parametrize(("proxies", "served_at_once"), [(NOBODY, 2), (PROXIES, 4)])
async def test_a_client_may_have_half_and_a_proxy_all(proxies: Proxies, served_at_once: int) -> None:
    room = Connections(4, proxies, head_s=LONG)
    async with served(room) as connect:
        opened = [await connect() for _ in range(4)]
        if served_at_once < 4:
            assert await ended(opened[3][0]) == FULL
        assert len(room) == served_at_once
        opened[0][1].close()
        await until(lambda: len(room) < served_at_once)
        assert b"200" in await status(await connect())
    assert (len(room), room._of.total(), len(room._idle)) == (0, 0, 0)


@pytest.mark.parametrize("whole", [False, True])
async def test_a_reader_that_takes_nothing_is_cut(whole: bool) -> None:
    """An answer without end, and one that has been given in full but not taken."""
    room, gone = Connections(9, PROXIES, stalled_s=0.01), asyncio.Event()

    async def pours(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if whole:
            await send({"type": "http.response.body", "body": b"x" * 20_000_000})
        while not whole and len(room):
            await send({"type": "http.response.body", "body": BLOCK, "more_body": True})
        gone.set()

    async with served(room, pours) as connect:
        reader, writer = await connect()
        writer.write(GET)
        await reader.readline()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.wait_for(gone.wait(), 60)
        await until(lambda: not len(room))


async def test_a_slow_reader_is_not_cut() -> None:
    room = Connections(9, PROXIES, stalled_s=LONG)
    async with served(room) as connect:
        await answered(connect, room)
        [connection] = room._clients
        transport = Mock(get_write_buffer_size=lambda: 5)
        held, connection.transport = connection.transport, transport
        connection._cut_if_stalled(6)  # one byte went
        assert not transport.abort.called
        connection._cut_if_stalled(5)
        assert transport.abort.called
        connection.transport = held


def test_the_cap_leaves_descriptors_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for soft in (64, 1024, 1_000_000, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        found.append(most_connections())
    assert found == [8, 768, MOST, MOST]


def test_a_lack_of_descriptors_takes_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        loop = asyncio.get_running_loop()
        fold_accept_faults(loop)
        fault = OSError(errno.EMFILE, "Too many open files")
        for _ in range(100):
            loop.call_exception_handler({"message": OUT_OF_DESCRIPTORS, "exception": fault, "socket": socket.socket})
        loop.call_exception_handler({"message": "anything else"})

    with caplog.at_level(logging.WARNING):
        asyncio.run(fail())
    assert caplog.messages == ["no connection can be accepted: [Errno 24] Too many open files", "anything else"]


def test_seldom_says_how_often_it_said_nothing(caplog: pytest.LogCaptureFixture) -> None:
    times = [0.0, 1.0, 59.0, 60.0, 61.0]
    seldom = Seldom(logging.getLogger("x"), 60, lambda: times[0])
    while times:
        seldom.warn("full")
        times.pop(0)
    assert caplog.messages == ["full", "full (2 more since the last such line)"]
