"""A server on loopback that speaks OpenAI's protocol, and answers as it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import Handler, listening

Asked = dict[str, Any]
CHUNK = 40  # characters of a streamed piece


@dataclass
class Reply:
    """What the server answers: an answer's `message` and `reason`, which is streamed if that was asked for; or an `error` or any other
    `body` with its `status`. `breaks`: the connection ends in the midst of it; `stalls`: nothing comes after the first pieces."""

    message: dict[str, Any] = field(default_factory=dict)
    reason: str | None = "stop"
    usage: dict[str, Any] = field(default_factory=lambda: {"completion_tokens": 7})
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False
    stalls: bool = False
    streams: bool = True


def said(content: Any, reason: str | None = "stop", **more: Any) -> Reply:
    """An answer with a message's content, and other fields of the message."""
    return Reply({"role": "assistant", "content": content, **more}, reason)


def refusal(status: int, message: str, **more: Any) -> Reply:
    """An error as OpenAI's server words it."""
    return Reply(status=status, body={"error": {"message": message, **more}})


@dataclass
class Playing:
    """The server. `answer`: what it answers to a request's body. `requests`: path, body and authorization of each."""

    answer: Callable[[Asked], Reply]
    requests: list[tuple[str, Asked, str]] = field(default_factory=list)
    address: str = ""
    leave: threading.Event = field(default_factory=threading.Event)

    def plays(self, *replies: Reply) -> None:
        """Answer with these, one after the other; the last one stays."""
        left = list(replies)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]


def _records(reply: Reply, *, chat: bool) -> Iterator[dict[str, Any]]:
    """A reply in the pieces of a stream."""
    content = reply.message.get("content")
    pieces = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)] if isinstance(content, str) else [content]
    rest = {name: value for name, value in reply.message.items() if name not in ("content", "role")}
    for piece in pieces:
        yield {"model": "played-1", "choices": [{"index": 0, **({"delta": {"content": piece}} if chat else {"text": piece})}]}
    last = {"delta": rest} if chat else {"text": ""}
    yield {"model": "played-1", "choices": [{"index": 0, **last, "finish_reason": reply.reason}]}
    yield {"model": "played-1", "choices": [], "usage": reply.usage}


@contextmanager
def playing(answer: Callable[[Asked], Reply]) -> Iterator[Playing]:
    """Such a server, until the block ends."""
    server = Playing(answer)

    class Played(Handler):
        def respond(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append((self.path, asked, self.headers.get("Authorization", "")))
            chat = self.path.endswith("/chat/completions")
            reply = server.answer(asked)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.body is None and asked["stream"] and reply.streams:
                self._stream(reply, chat=chat)
            else:
                choice = {"message": reply.message} if chat else {"text": reply.message.get("content")}
                whole = {"model": "played-1", "choices": [{**choice, "finish_reason": reply.reason}], "usage": reply.usage}
                body = whole if reply.body is None else reply.body
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def _stream(self, reply: Reply, *, chat: bool) -> None:
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
            self.end_headers()
            self.wfile.write(b": to keep the connection\n\n")
            *pieces, finish, usage = _records(reply, chat=chat)
            for piece in pieces:
                self.wfile.write(b"data: " + json.dumps(piece).encode() + b"\n\n")
            if reply.stalls:
                server.leave.wait()
            if not reply.breaks:
                for piece in (finish, usage):
                    self.wfile.write(b"data: " + json.dumps(piece).encode() + b"\n\n")
                self.wfile.write(b"data: [DONE]\n\n")

    with listening(Played) as address:
        server.address = f"{address}/v1"
        try:
            yield server
        finally:
            server.leave.set()
