"""Connections: how many there may be, how long one may be silent, and what happens if the machine has no descriptors left.

It stands below HTTP's routes, in uvicorn's own protocol: a client that sends no request, or doesn't take its answer, never reaches them.
"""

import asyncio
import logging
import resource
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from laam.exhibit.clients import Proxies, client_name
from laam.exhibit.seldom import Seldom

MOST = 2_000
HEAD_S = 10.0
"""Seconds for the head of a request; uvicorn itself closes a connection 5 s after an answer if nothing more comes."""
STALLED_S = 30.0
"""Seconds after which a connection is cut whose client takes nothing of what is sent."""
ACCEPTED = 32
"""Connections that are accepted in one turn of the event loop. It takes four turns until one of them can be refused."""
WAITING = 1024  # connections that the system keeps until they are accepted
FILES = 128  # descriptors that are no connections: the model, the cache, the log
OUT_OF_DESCRIPTORS = "socket.accept() out of system resource"  # asyncio's words
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 10\r\nConnection: close\r\nContent-Length: 44\r\n\r\n"
    b"Too many connections. Try again in a while.\n"
)
_log = logging.getLogger(__name__)


def most_connections() -> int:
    """How many connections the process can hold, with room for files and for those that are about to be refused."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(8, min(MOST, soft - FILES - 4 * ACCEPTED))


class Connections:
    """Those that are open. One that waits for a request makes room if a new one comes; one client may have half of all, but behind a
    proxy stand many clients. Used in the event loop only."""

    def __init__(self, most: int, proxies: Proxies, *, head_s: float = HEAD_S, stalled_s: float = STALLED_S) -> None:
        self.head_s, self.stalled_s = head_s, stalled_s
        self._most, self._each, self._proxies = most, max(1, most // 2), proxies
        self._clients: dict[Guarded, str] = {}
        self._of: Counter[str] = Counter()
        self._idle: dict[Guarded, None] = {}  # the longest idle first
        self._refusals = Seldom(_log)

    def __len__(self) -> int:
        return len(self._clients)

    def admit(self, connection: "Guarded") -> bool:
        """Whether there is room for it; if so, it counts from now on."""
        peer = str((connection.client or ("", 0))[0])
        client = "" if self._proxies.trusts(peer) else client_name(peer)
        if client and self._of[client] >= self._each:
            self._refusals.warn(f"connections of {client} are refused: it has {self._each:,} already")
            return False
        if len(self._clients) >= self._most:
            if not self._idle:
                self._refusals.warn(f"connections are refused: there are {self._most:,} already")
                return False
            longest = next(iter(self._idle))
            self.leave(longest)
            longest.transport.abort()
        self._clients[connection] = client
        self._of[client] += 1
        self._idle[connection] = None
        return True

    def busy(self, connection: "Guarded", busy: bool) -> None:
        """Note whether a request of it is being answered."""
        if busy:
            self._idle.pop(connection, None)
        elif connection in self._clients:
            self._idle[connection] = None

    def leave(self, connection: "Guarded") -> None:
        """It doesn't count any more."""
        self._idle.pop(connection, None)
        client = self._clients.pop(connection, None)
        if client is not None:
            self._of -= Counter({client: 1})


class Guarded(H11Protocol):
    """uvicorn's protocol for one connection, with a deadline for each head and for each answer's reader."""

    room: ClassVar[Connections]
    _head: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.room.admit(self):
            self._await_head()
        else:
            transport.write(FULL)
            transport.close()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_busy:
            self.room.busy(self, True)
            self._stop_waiting()
        elif not self._head and not self.transport.is_closing():
            self._await_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_busy:
            self.room.busy(self, False)
        if self.transport.get_write_buffer_size():
            self._watch_reader()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._stall)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        _cancel(self._stall)
        self.room.leave(self)
        super().connection_lost(exc)

    @property
    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        self._head = self.loop.call_later(self.room.head_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        _cancel(self._head)
        self._head = None

    def _watch_reader(self) -> None:
        _cancel(self._stall)
        left = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(self.room.stalled_s, self._cut_if_stalled, left)

    def _cut_if_stalled(self, before: int) -> None:
        """Cut the connection if none of the `before` bytes has gone; nothing is lost that anybody would have read."""
        left = self.transport.get_write_buffer_size()
        if left >= before > 0:
            self.transport.abort()
        elif left:
            self._watch_reader()


def guarded(connections: Connections) -> type[Guarded]:
    """The protocol for uvicorn's `http`, of which it makes one for each connection."""
    return type("GuardedConnection", (Guarded,), {"room": connections})


def fold_accept_faults(loop: asyncio.AbstractEventLoop) -> None:
    """One line a minute if no connection can be accepted, since no descriptor is left. asyncio logs a stack for each try; it tries again
    after a second."""
    seldom = Seldom(_log)

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if context.get("message") == OUT_OF_DESCRIPTORS:
            seldom.warn(f"no connection can be accepted: {context.get('exception')}")
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer:
        timer.cancel()
