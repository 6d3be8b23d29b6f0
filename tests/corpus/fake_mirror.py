"""A mirror on loopback that serves a made-up release, and misbehaves as it is told."""

import gzip
import io
import lzma
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from tests import loopback
from tests.corpus.made_up import TREE
from tests.loopback import listening


def release_bytes(name: str = "linux-1.0.tar.gz", tree: dict[str, bytes] = TREE) -> bytes:
    """A made-up tree, packed as the name says. The same tree gives the same bytes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as packed:
        for path, data in tree.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return gzip.compress(stream.getvalue(), mtime=0) if name.endswith(".gz") else lzma.compress(stream.getvalue())


class Mirror:
    """What the server knows. Each request takes the next behaviour; the last one stays."""

    def __init__(self, *behaviours: "Behaviour") -> None:
        self.behaviours = list(behaviours)
        self.requests: list[tuple[str, dict[str, str]]] = []  # path, and headers by lower-case name
        self.closing = threading.Event()
        self.root = ""

    @property
    def host(self) -> str:
        return self.root.removeprefix("http://")

    def address(self, name: str = "linux-1.0.tar.gz") -> str:
        return f"{self.root}/{name}"


class Handler(loopback.Handler):
    mirror: ClassVar[Mirror]

    def respond(self) -> None:
        mirror = self.mirror
        mirror.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        behave = mirror.behaviours.pop(0) if len(mirror.behaviours) > 1 else mirror.behaviours[0]
        behave(self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send an answer. A Content_Length that is given need not be true; an empty one is not sent."""
        self.send_response(status)
        if length := headers.pop("Content_Length", str(len(body))):
            self.send_header("Content-Length", length)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


Behaviour = Callable[[Handler], None]


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[Mirror]:
    """A mirror on a free port, until the block ends."""
    mirror = Mirror(*behaviours)
    with listening(type("BoundHandler", (Handler,), {"mirror": mirror})) as mirror.root:
        try:
            yield mirror
        finally:
            mirror.closing.set()


def whole(data: bytes | None = None) -> Behaviour:
    """The release, or other bytes in its place."""
    return lambda handler: handler.answer(200, release_bytes(handler.path) if data is None else data)


def cut(length: int = 200, claim: str | None = None) -> Behaviour:
    """The first bytes of what was asked for, then the end of the connection. `claim`: the length it says, by itself that of the whole."""

    def behave(handler: Handler) -> None:
        body = release_bytes(handler.path)
        handler.answer(200, body[:length], Content_Length=str(len(body)) if claim is None else claim)

    return behave


def status(code: int, **headers: str) -> Behaviour:
    return lambda handler: handler.answer(code, b"<p>made up</p>", **headers)


def hang(handler: Handler) -> None:
    """Never answer."""
    handler.mirror.closing.wait()


def hang_in_the_middle(handler: Handler) -> None:
    cut()(handler)
    handler.mirror.closing.wait()


def endless(handler: Handler) -> None:
    """Bytes without end, and without a length."""
    handler.answer(200, Content_Length="")
    while not handler.mirror.closing.is_set():
        handler.wfile.write(b"\0" * 65_536)
