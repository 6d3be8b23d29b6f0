"""How many streams may be open at once, so that one client doesn't keep all others out."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from laam.exhibit.goodbye import until

PER_CLIENT = 240
"""Two for each open page: a school or an office may be behind one address."""
IN_ALL = 600
RETRY_S = 10


class Refused(Exception):  # noqa: N818 - it is an answer
    """A request that is answered at once, with a status and a sentence."""

    def __init__(self, status: int, sentence: str, *, allow: str = "", retry_s: int = 0) -> None:
        self.status, self.allow, self.retry_s = status, allow, retry_s
        super().__init__(sentence)


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
    """Who asks: the last public address that proxies have seen, or else the last one, or that of the connection. Whoever makes one up
    still counts among all."""
    forwarded = [seen.strip()[:64] for seen in ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",") if seen.strip()]
    public = [seen for seen in forwarded if _is_public(seen)]
    return (public or forwarded or [str((scope.get("client") or ("", 0))[0])])[-1]


def _is_public(address: str) -> bool:
    """Whether it is an address outside private networks, in which a host puts several proxies one behind the other."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
