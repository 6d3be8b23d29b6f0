"""Another model, behind any server that speaks OpenAI's protocol, is given the head of a file and goes on step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2

from laam.http_faults import status_fault, transport_fault

TIMEOUT_S = 120.0  # of one step
INSTRUCTION = (
    "Continue the source file that the user gives, exactly from where it ends. "
    "Answer with the text that follows and nothing else: no explanation, no code fence, nothing of what was given."
)
"""What a chat model is told, before the text so far."""


@dataclass(frozen=True)
class Server:
    """Where to ask. `endpoint`: such as https://example.org/v1. `key`: sent as a bearer token, to this host only; it appears in no message.

    `chat`: ask at /chat/completions, with INSTRUCTION; else at /completions, which takes the text as it is.
    """

    endpoint: str
    model: str
    key: str = ""
    chat: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("--endpoint is no web address; give one such as https://example.org/v1")
        if parts.username is not None or parts.password is not None:
            raise ValueError("--endpoint must hold no name and no password; put the key into LAAM_API_KEY")
        if self.key and parts.scheme == "http" and not _is_local(parts.hostname):
            raise ValueError(
                f"--endpoint {parts.hostname}: LAAM_API_KEY is sent over https only, or to this machine; unset it, or use https"
            )

    def __repr__(self) -> str:
        return f"Server({self.endpoint!r}, {self.model!r}, chat={self.chat})"

    @property
    def host(self) -> str:
        """The server's name, for messages."""
        return urlsplit(self.endpoint).hostname or ""


@dataclass(frozen=True)
class Step:
    """What one request brought. `ended`: the model stopped by itself, and was not cut off after `tokens`."""

    text: str
    ended: bool


def continue_text(server: Server, given: str, *, temperature: float, tokens: int, steps: int, characters: int) -> Iterator[Step]:
    """Let the model go on after `given`, `tokens` at a time: each step gets what was given and all that it has written, never more.

    It ends when the model ends, writes nothing, or has written `characters`, and after `steps` at the latest. Raises ValueError if the
    server can't be asked or answers something else.
    """
    written = ""
    with httpx2.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
        for _ in range(steps):
            step = _step(client, server, given + written, temperature, tokens)
            written += step.text
            yield step
            if step.ended or not step.text or len(written) >= characters:
                return


def _step(client: httpx2.Client, server: Server, text: str, temperature: float, tokens: int) -> Step:
    settings: dict[str, Any] = {"model": server.model, "temperature": temperature, "max_tokens": tokens, "stream": False}
    if server.chat:
        settings["messages"] = [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}]
    else:
        settings["prompt"] = text
    address = f"{server.endpoint.rstrip('/')}/{'chat/completions' if server.chat else 'completions'}"
    try:
        response = client.post(address, json=settings, headers={"Authorization": f"Bearer {server.key}"} if server.key else {})
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        raise ValueError(f"{server.host} {transport_fault(error)}") from None  # the request, which the error holds, has the key
    if response.status_code != 200:
        raise ValueError(f"{server.host} {status_fault(response)}")  # an answer may quote the key, so none of it is shown
    try:
        choice = response.json()["choices"][0]
        content = choice["message"]["content"] if server.chat else choice["text"]
        ended = choice.get("finish_reason") != "length"
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f"{server.host} answered something that is not OpenAI's protocol") from None
    if not isinstance(content, str | None):
        raise ValueError(f"{server.host} answered something that is not text")
    return Step(_unfenced(content or "") if server.chat else content or "", ended)


def _unfenced(text: str) -> str:
    """A chat model's answer without the code fence around it, which many put there whatever they are told."""
    if not text.startswith("```"):
        return text
    _, _, inner = text.partition("\n")
    return inner.rstrip().removesuffix("```") if inner.rstrip().endswith("```") else inner


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
