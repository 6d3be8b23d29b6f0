"""One request to a server: streamed, asked again if that may help, and without what the server refuses."""

import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx2

from laam.endpoint.parameters import Parameters
from laam.endpoint.received import INTERRUPTED, NOT_THE_PROTOCOL, ProtocolError, Received, said
from laam.endpoint.server import Server
from laam.http_faults import is_transient, retry_after, status_fault, transport_fault

CONNECT_S = 30.0
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0)  # before asking again, if the server names none
LONGEST_PAUSE_S = 120.0  # that is waited if a server asks for it
MOST_BYTES = 64_000_000  # of one answer
Heard = Callable[[int], object]
"""Is told how many characters of text came."""


class Connection:
    """Asks a server. `timeout_s`: the longest silence within an answer, and before it. `wait`: sleeps for some seconds. `tell`: is given a
    sentence when the server has to be asked again.

    No redirect is followed, so that the key goes to the server's host only.
    """

    def __init__(
        self,
        server: Server,
        parameters: Parameters,
        *,
        timeout_s: float,
        wait: Callable[[float], object] = time.sleep,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.server, self.parameters = server, parameters
        self._wait, self._tell = wait, tell
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
            follow_redirects=False,
            headers={"Authorization": f"Bearer {server.key}"} if server.key else {},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def ask(self, text: str, tokens: int, heard: Heard = lambda _: None) -> Received:
        """What the model writes after `text`, of at most so many `tokens`. It raises nothing for a server's faults: `Received` has them."""
        pauses = iter(PAUSES_S)
        while True:
            body = self.parameters.body(text, tokens)
            received = self._once(body, heard)
            if self._left_out(body, received):
                continue
            own = next(pauses, None)
            pause = own if received.pause_s is None else received.pause_s
            if not received.transient or own is None or pause is None or pause > LONGEST_PAUSE_S:
                return received
            self._tell(f"{self.server.host} {received.fault}; it is asked again in {pause:g} s")
            self._wait(pause)

    def _left_out(self, body: dict[str, Any], received: Received) -> bool:
        """Whether the server refused something that is left out from now on."""
        if received.status in (400, 422):
            return self.parameters.leave_out(body, received.named, received.fault)
        nothing = received.status == 200 and not received.choices and received.fault == NOT_THE_PROTOCOL
        return nothing and self.parameters.leave_out(body, "stream", "")

    def _once(self, body: dict[str, Any], heard: Heard) -> Received:
        received = Received()
        try:
            with self._client.stream("POST", self.server.address, json=body) as response:
                if response.status_code != 200:
                    _take_refusal(received, response)
                elif response.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "text/event-stream":
                    _take_stream(received, response, heard)
                else:
                    received.take(json.loads(_body(response)))
                    received.finished = True
                    heard(len(received.text))
        except httpx2.HTTPError as error:
            received.fault = transport_fault(error)
        except ProtocolError as error:
            received.fault = str(error)
        except (ValueError, RecursionError):  # no JSON, or no end of it
            received.fault = NOT_THE_PROTOCOL
        except KeyboardInterrupt:
            if not received.choices:
                raise
            received.fault = INTERRUPTED
        if not received.choices:
            received.fault = received.fault or NOT_THE_PROTOCOL
        elif not received.finished:
            received.fault = received.fault or "broke off"
        received.text, received.reasoning = _whole_signs(received.text), _whole_signs(received.reasoning)
        received.fault, received.refusal = self.server.quoted(received.fault), self.server.quoted(received.refusal)
        received.model, received.finish_reason = self.server.quoted(received.model), self.server.quoted(received.finish_reason)
        return received


def _take_stream(received: Received, response: httpx2.Response, heard: Heard) -> None:
    came = 0
    for event in httpx2.EventSource(response):
        if event.data.strip() == "[DONE]":
            received.finished = True
            return
        before, came = len(received.text), came + len(event.data)
        received.take(json.loads(event.data))
        heard(len(received.text) - before)
        if came > MOST_BYTES:
            raise ProtocolError(f"sent more than {MOST_BYTES:,} bytes")


def _take_refusal(received: Received, response: httpx2.Response) -> None:
    body = _body(response).decode("utf-8", "replace")
    try:
        message, received.named = said(json.loads(body))
    except ValueError:
        message = body
    received.status, received.transient, received.pause_s = response.status_code, is_transient(response), retry_after(response)
    received.fault = ": ".join(filter(None, (status_fault(response), message)))


def _whole_signs(text: str) -> str:
    """A text with the halves of a sign put together that came in two pieces; half a one alone becomes U+FFFD, since it can't be sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _body(response: httpx2.Response) -> bytes:
    """The whole body. Raises ProtocolError if it is too long."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            raise ProtocolError(f"sent more than {MOST_BYTES:,} bytes")
    return bytes(body)
