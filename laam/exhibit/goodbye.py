"""Serving, and the server's end: whoever reads a stream is told, before connections are waited for."""

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from starlette.types import Message, Receive

from laam.exhibit.clients import Proxies
from laam.exhibit.connections import ACCEPTED, WAITING, Connections, fold_accept_faults, guarded, most_connections
from laam.settings import Settings

GOODBYE_S = 3  # for what is still under way when the server is told to stop


def serve(app: FastAPI, settings: Settings) -> int:
    """Serve what `build_app` gave until SIGTERM or SIGINT; returns the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn sends it once more when it has ended, and would die of it
    connections = Connections(most_connections(), Proxies(settings.proxies))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=guarded(connections),
        ws="none",
        backlog=ACCEPTED,
        proxy_headers=False,  # KnownClient reads them
        access_log=False,
        timeout_graceful_shutdown=GOODBYE_S,
    )
    server = Server(config, app.state.goodbye)
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 3


class Server(uvicorn.Server):
    """uvicorn's server; `goodbye` is called when it is told to stop, while all connections are still open."""

    def __init__(self, config: uvicorn.Config, goodbye: Callable[[], None]) -> None:
        super().__init__(config)
        self._goodbye = goodbye

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        fold_accept_faults(asyncio.get_running_loop())
        await super().startup(sockets)
        for listening in (listening for server in self.servers for listening in server.sockets):
            with socket.fromfd(listening.fileno(), listening.family, listening.type) as same:
                same.listen(WAITING)  # more than are accepted in one turn

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._goodbye()
        await super().shutdown(sockets)


def until(end: asyncio.Event, receive: Receive) -> Receive:
    """A `receive` that says that the client has gone, once `end` is set."""

    async def receive_until() -> Message:
        asked, ended = asyncio.ensure_future(receive()), asyncio.ensure_future(end.wait())
        try:
            await asyncio.wait((asked, ended), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else {"type": "http.disconnect"}
        finally:
            asked.cancel()
            ended.cancel()

    return receive_until
