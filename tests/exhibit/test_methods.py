"""The answers to other methods than GET."""

import pytest
from fastapi.testclient import TestClient

FILE = "linux/kernel/sched.c"
ADDRESSES = [
    "/",
    f"/?path={FILE}",
    f"/share/{FILE}",
    "/share/no/such.c",
    f"/card/{FILE}.png",
    "/card.png",
    "/oembed?url=http://testserver/",
    f"/embed?path={FILE}",
    "/embed/exhibit.js",
    "/emission/unknown/rows",
    "/health",
    "/gradio.js",
    "/atlas",
    "/page/page.css",
    "/favicon.ico",
    "/config",
    "/theme.css",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_get_without_the_body(exhibit: TestClient, address: str) -> None:
    get, head = exhibit.get(address), exhibit.head(address)
    assert head.status_code == get.status_code
    assert head.content == b""
    varying = {"content-security-policy", "etag", "content-length"} if address.startswith("/?") or address in ("/", "/config") else set()
    assert {name: value for name, value in head.headers.items() if name not in varying} == {
        name: value for name, value in get.headers.items() if name not in varying
    }


def test_head_of_a_stream_ends_after_its_headers(exhibit: TestClient) -> None:
    answer = exhibit.head("/embed/stream", params={"path": FILE})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
