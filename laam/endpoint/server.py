"""A server that speaks OpenAI's protocol: where it is, and the key to it."""

from dataclasses import dataclass, field
from ipaddress import ip_address

import httpx2

from laam.faults import shortened

KEY = "LAAM_API_KEY"
MASK = "[key]"
PIECE = 8  # characters of a key that are masked wherever they stand together


@dataclass(frozen=True)
class Server:
    """`endpoint`: such as https://example.org/v1. `model`: as the server calls it. `key`: sent as a bearer token, to this host only; it
    appears in no message. `chat`: ask at /chat/completions; else at /completions, which takes a text as it is.

    Raises ValueError for an endpoint or a key that can't be used.
    """

    endpoint: str
    model: str
    key: str = field(default="", repr=False)
    chat: bool = True

    def __post_init__(self) -> None:
        try:
            url = httpx2.URL(self.endpoint)
        except httpx2.InvalidURL:
            url = httpx2.URL("")
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("--endpoint is no web address; give one such as https://example.org/v1")
        if url.userinfo:
            raise ValueError(f"--endpoint must hold no name and no password; put the key into {KEY}")
        if not self.key.isascii() or any(sign.isspace() or not sign.isprintable() for sign in self.key):
            raise ValueError(f"{KEY} holds something that no key has, such as a line break or a blank; set it again")
        if self.key and url.scheme == "http" and not _is_local(url.host):
            raise ValueError(f"--endpoint {url.host}: {KEY} is sent over https only, or to this machine; unset it, or use https")

    @property
    def host(self) -> str:
        """The server's name, for messages."""
        return httpx2.URL(self.endpoint).host

    @property
    def address(self) -> str:
        """Where requests go."""
        return f"{self.endpoint.rstrip('/')}/{'chat/completions' if self.chat else 'completions'}"

    def quoted(self, text: str) -> str:
        """Something that the server said, for people: one line, cut, without control characters and without the key or a piece of it."""
        length = min(PIECE, len(self.key))
        hidden = set[int]()
        for piece in {self.key[start : start + length] for start in range(len(self.key) - length + 1)} - {""}:
            at = text.find(piece)
            while at >= 0:
                hidden.update(range(at, at + length))
                at = text.find(piece, at + 1)
        shown = (("" if at - 1 in hidden else MASK) if at in hidden else sign for at, sign in enumerate(text))
        return shortened("".join(sign if sign.isprintable() else " " for sign in "".join(shown)))


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
