"""Who counts as a client."""

import asyncio
from typing import Any

import pytest

from laam.exhibit.clients import KnownClient, Proxies, client_name
from laam.share.client import client_of

PROXIES = Proxies(["127.0.0.1", "::1", "10.0.0.0/8"])


def seen(peer: str | None, *headers: tuple[str, str]) -> dict[str, Any]:
    """The scope that an application gets of a request."""
    found: dict[str, Any] = {}

    async def app(scope: Any, *_: object) -> None:
        found.update(scope)

    scope = {
        "type": "http",
        "client": (peer, 1) if peer is not None else None,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    asyncio.run(KnownClient(app, PROXIES)(scope, None, None))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("8.8.4.4", "", "8.8.4.4"),
        ("8.8.4.4", "9.9.9.9", "8.8.4.4"),  # whoever is no proxy is who they are
        ("127.0.0.1", "made up, 8.8.4.4", "8.8.4.4"),
        ("127.0.0.1", "9.9.9.9, 8.8.4.4, 10.1.2.3", "8.8.4.4"),  # through two proxies of the host
        ("10.1.2.3", "8.8.4.4:5678", "8.8.4.4"),
        ("::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("127.0.0.1", "[2001:db8:1:2:3::4]:80", "2001:db8:1:2::/64"),
        ("::ffff:8.8.4.4", "", "8.8.4.4"),
        ("127.0.0.1", "10.1.2.3, 10.4.5.6", "10.1.2.3"),  # nobody but proxies: the first of them
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "x" * 9000, "x" * 64),
        (None, "8.8.4.4", "8.8.4.4"),  # nginx, through a socket of this machine
    ],
)
def test_a_client_is_the_last_address_that_is_no_proxy(peer: str | None, forwarded: str, client: str) -> None:
    headers = [("x-forwarded-for", forwarded)] if forwarded else []
    assert client_of(seen(peer, *headers)) == client


def test_several_headers_are_one_chain() -> None:
    assert client_of(seen("127.0.0.1", ("x-forwarded-for", "9.9.9.9"), ("x-forwarded-for", "8.8.4.4"))) == "8.8.4.4"


@pytest.mark.parametrize(("peer", "kept"), [("8.8.4.4", []), ("127.0.0.1", ["x-forwarded-host", "x-forwarded-proto"])])
def test_only_a_proxy_says_where_the_exhibit_is(peer: str, kept: list[str]) -> None:
    headers = seen(peer, ("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"), ("host", "x"))["headers"]
    assert [name.decode() for name, _ in headers] == [*kept, "host"]


def test_a_network_of_ipv6_is_one_client() -> None:
    assert client_name("2001:db8::1") == client_name("2001:db8::ffff:1")
    assert client_name("2001:db8:0:1::1") != client_name("2001:db8::1")


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match=r"proxy\.example"):
        Proxies(["proxy.example"])
