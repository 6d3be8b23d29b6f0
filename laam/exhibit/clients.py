"""Who a client is: the address of the connection, or, if that is a proxy of the host's, the address that the proxy names."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST = 64  # characters of a client's name, if a proxy names something that is no address


class Proxies:
    """The addresses and networks whose `X-Forwarded-…` headers are believed. Raises ValueError for a name that is neither."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._networks = [ip_network(name, strict=False) for name in names]

    def trusts(self, address: str) -> bool:
        """Whether a connection from there is a proxy's; an empty address is a socket on this machine."""
        found = _address(address)
        return not address or (found is not None and any(found in network for network in self._networks))

    def client(self, peer: str, forwarded: str) -> str:
        """The client at the other end of a chain: the last address that is no proxy's. `forwarded`: what `X-Forwarded-For` says."""
        if not self.trusts(peer):
            return client_name(peer)
        chain = [part for seen in forwarded.split(",") if (part := seen.strip())]
        return client_name(next((seen for seen in reversed(chain) if not self.trusts(seen)), chain[0] if chain else peer))


class KnownClient:
    """Puts the client into the request's scope, and takes out the `X-Forwarded-…` headers of whoever is no proxy."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self.app, self.proxies = app, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            peer, port = scope.get("client") or ("", 0)
            forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
            headers = scope["headers"]
            if not self.proxies.trusts(peer):
                headers = [(name, value) for name, value in headers if not name.lower().startswith(b"x-forwarded-")]
            scope = {**scope, "client": (self.proxies.client(peer, forwarded), port), "headers": headers}
        await self.app(scope, receive, send)


def client_name(address: str) -> str:
    """What counts as one client: an IPv4 address; a /64 network of IPv6, since everybody has a whole one; else the text as it is."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found) if found else address[:LONGEST]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address, perhaps with a port behind it; None if it is none."""
    for part in (text, text.rpartition(":")[0].strip("[]")):
        try:
            found = ip_address(part)
        except ValueError:
            continue
        return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
    return None
