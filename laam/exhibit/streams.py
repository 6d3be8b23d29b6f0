"""How many streams may be open at once, so that one client doesn't keep all others out."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from laam.exhibit.arguments import Refused
from laam.exhibit.goodbye import until

PER_CLIENT = 40
"""Two for each open page: so many pages behind one address."""
IN_ALL = 600
RETRY_S = 10


class OpenStreams:
    """Counts the open streams of each client; used in one event loop only."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._end = asyncio.Event()

    @contextmanager
    def one_more(self, scope: Scope) -> Iterator[None]:
        """A place for a stream, for as long as the block runs. Raises Refused if its client, or all together, have too many."""
        client = client_of(scope)
        if self._open[client] >= PER_CLIENT or self._open.total() >= IN_ALL:
            raise Refused(429, "Too many pages are open just now. Close some, or try again in a little while.", retry_s=RETRY_S)
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    def while_served(self, receive: Receive) -> Receive:
        """The `receive` of a stream that only says that the server is there: it ends with the server, and nothing is lost by it."""
        return until(self._end, receive)

    def close(self) -> None:
        """End the streams that are open only for as long as the server is."""
        self._end.set()


def client_of(scope: Scope) -> str:
    """Who asks: the address that the nearest proxy saw, or that of the connection. Whoever makes one up still counts among all."""
    forwarded = Headers(scope=scope).get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded[:64] or str((scope.get("client") or ("", 0))[0])
