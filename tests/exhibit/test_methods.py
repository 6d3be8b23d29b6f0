"""The answers to other methods than GET."""

from unittest.mock import AsyncMock

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from laam.exhibit.methods import HeadAsGet

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
    "/map",
    "/lab",
    "/api",
    "/state.json",
    "/emission/unknown/rows",
    "/health",
    "/gradio.js",
    "/atlas",
    "/page/page.css",
    "/favicon.ico",
    "/config",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_get_without_the_body(exhibit: TestClient, address: str) -> None:
    get, head = exhibit.get(address), exhibit.head(address)
    assert (head.status_code, head.content) == (get.status_code, b"")
    varying = {"content-length", "etag"} if address in ("/config", f"/embed?path={FILE}") else set()
    told, without_body = ({name: value for name, value in each.headers.items() if name not in varying} for each in (get, head))
    assert told == without_body


def test_head_of_a_stream_ends_after_its_headers(exhibit: TestClient) -> None:
    answer = exhibit.head("/stream", params={"path": FILE})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_stream_that_complains_of_being_cut_is_not_heard() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise BrokenPipeError

    assert TestClient(HeadAsGet(stream)).head("/").status_code == 200


def test_a_fault_before_the_answer_is_raised() -> None:
    with pytest.raises(BrokenPipeError):
        TestClient(HeadAsGet(AsyncMock(side_effect=BrokenPipeError))).head("/")
