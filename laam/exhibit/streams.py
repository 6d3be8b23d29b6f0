"""How many streams may be open at once, so that one client doesn't keep all others out."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Receive, Scope

from laam.exhibit.goodbye import until
from laam.exhibit.refused import Refused
from laam.share.client import client_of

PER_CLIENT = 240
"""Two for each open page: a school or an office may be behind one address."""
IN_ALL = 600
RETRY_S = 10


class OpenStreams:
    """Counts the open streams of each client. Only `has_room` may be asked outside the event loop."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._in_all = 0
        self._end = asyncio.Event()

    def has_room(self, client: str) -> bool:
        """Whether a stream more of a client would be served; see `client_of`."""
        return self._open.get(client, 0) < PER_CLIENT and self._in_all < IN_ALL

    @contextmanager
    def one_more(self, scope: Scope) -> Iterator[None]:
        """A place for a stream, for as long as the block runs. Raises Refused if its client, or all together, have too many."""
        client = client_of(scope)
        if not self.has_room(client):
            raise Refused(429, "Too many pages are open just now. Close some, or try again in a little while.", retry_s=RETRY_S)
        self._open[client] += 1
        self._in_all += 1
        try:
            yield
        finally:
            self._in_all -= 1
            self._open -= Counter({client: 1})

    def while_served(self, receive: Receive) -> Receive:
        """The `receive` of a stream that only says that the server is there: it ends with the server, and nothing is lost by it."""
        return until(self._end, receive)

    def close(self) -> None:
        """End the streams that are open only for as long as the server is."""
        self._end.set()
