"""What is let in, and how much of it."""

import asyncio
from typing import Any

import pytest
from fastapi.testclient import TestClient
from laam.exhibit.arguments import BODY_BYTES, LARGE_BODY_BYTES
from starlette.routing import Match
from starlette.types import Scope

from laam.exhibit.gate import Gate
from laam.exhibit.refused import Refused
from laam.exhibit.server import SESSIONS
from laam.exhibit.streams import PER_CLIENT, OpenStreams

FILE = "linux/kernel/sched.c"
AN_ADDRESS = {"path": "http://127.0.0.1:1/x", "url": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture
def events(exhibit: TestClient) -> dict[str, int]:
    """The number of each event of the page, by its name."""
    return {event["api_name"]: event["id"] for event in exhibit.get("/config").json()["dependencies"]}


@pytest.mark.parametrize(
    "address",
    [
        "/gradio_api/file=http://127.0.0.1:1/x",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1:1/x",
        "/gradio_api/stream/a/b/1/playlist.m3u8",
        "/gradio_api/upload_progress?upload_id=1",
        "/gradio_api/custom_component/a/client/component/x.js",
        "/gradio_api/deep_link",
        "/gradio_api/queue/data?session_hash=nobody",
        "/gradio_api/mcp/",
        "/monitoring",
        "/monitoring/summary",
        "/login_check",
        "/openapi.json",
        "/manifest.json",
        "/static/%2e%2e/config.py",
        "/assets/..%2f..%2fx",
        "/svelte/x",
        "/no/such/thing",
    ],
)
def test_what_the_page_does_not_need_is_not_there(exhibit: TestClient, address: str) -> None:
    assert exhibit.get(address).status_code == 404


@pytest.mark.parametrize("path", ["upload", "login", "component_server", "process_recording", "stream/x", "vibe-edit", "run/predict"])
def test_nothing_is_taken(exhibit: TestClient, path: str) -> None:
    answer = exhibit.post(f"/gradio_api/{path}", files={"files": b"x"})
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    "address", ["/", "/config", f"/share/{FILE}", f"/card/{FILE}.png", "/health", "/page/page.css", "/atlas", "/embed"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_told_the_right_one(exhibit: TestClient, address: str, method: str) -> None:
    answer = exhibit.request(method, address)
    assert answer.status_code == 405
    assert answer.headers.get("allow", "GET, HEAD").startswith("GET, HEAD")
    assert exhibit.get("/gradio_api/queue/join").headers["allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_route_of_two_methods_names_both(exhibit: TestClient, method: str) -> None:
    answer = exhibit.request(method, "/trace")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ([AN_ADDRESS, None, 0, 0, 0, 40, False, 0], 400),
        ([[AN_ADDRESS], None, 0, 0, 0, 40, False, 0], 400),
        (["x.c", None, "0", 0, 0, 40, False, 0], 400),
        (["x.c", None, True, 0, 0, 40, False, 0], 400),
        (["x.c", "a state", 0, 0, 0, 40, False, 0], 400),
        (["x.c"], 400),
        (AN_ADDRESS, 400),
        (None, 400),
    ],
)
def test_an_event_of_the_page_takes_plain_values_only(exhibit: TestClient, events: dict[str, int], data: Any, status: int) -> None:
    body = {"data": data, "fn_index": events["run_path"], "session_hash": "tests"}
    assert exhibit.post("/gradio_api/queue/join", json=body).status_code == status


@pytest.mark.parametrize("path", ["queue/join", "queue/data", "heartbeat/x", "info", "run/predict"])
def test_a_page_of_another_site_may_ask_what_it_may(exhibit: TestClient, path: str) -> None:
    asked = {"Origin": "https://blog.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-y"}
    answer = exhibit.options(f"/gradio_api/{path}", headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://blog.example")


def test_no_event_goes_past_the_queue(exhibit: TestClient, events: dict[str, int]) -> None:
    for name in ("run_path", "emit", "score"):
        body = {"data": [FILE, None, 0, 0, 0, 40, False, 0], "fn_index": events[name]}
        assert exhibit.post(f"/gradio_api/run/{name}", json=body).status_code == 404
    assert exhibit.post("/gradio_api/call/run_path", json={"data": []}).status_code == 404
    every = exhibit.get("/config").json()["dependencies"]
    at_once = next(event["id"] for event in every if event["queue"] is False and not event["inputs"])
    assert exhibit.post("/gradio_api/run/predict", json={"data": [], "fn_index": at_once}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'"x"', b"[" * 50_000, b'{"fn_index": true, "data": []}', b'{"data": []}', b"\xff"])
def test_a_body_that_is_no_request(exhibit: TestClient, body: bytes) -> None:
    answer = exhibit.post("/gradio_api/queue/join", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 404)
    assert answer.json()["detail"]


def test_bodies_are_bounded(exhibit: TestClient) -> None:
    def sent(name: str, data: object, more: int) -> int:
        return exhibit.post(f"/gradio_api/call/{name}", json={"data": data, "more": "x" * more}).status_code

    assert sent("emit", None, BODY_BYTES) == 413
    assert sent("score", None, 2 * BODY_BYTES) == 400  # for its data, and not its length
    assert sent("score", None, LARGE_BODY_BYTES) == 413


def test_the_streams_of_a_client_are_bounded() -> None:
    def scope(client: str) -> Scope:
        return {"type": "http", "client": (client, 1), "headers": []}

    streams, opened = OpenStreams(), []
    for _ in range(PER_CLIENT):
        opened.append(streams.one_more(scope("10.0.0.1")))
        opened[-1].__enter__()
    assert not streams.has_room("10.0.0.1")
    with pytest.raises(Refused) as refused, streams.one_more(scope("10.0.0.1")):
        pass
    assert (refused.value.status, refused.value.retry_s) == (429, 10)
    with streams.one_more(scope("10.0.0.2")):
        pass
    opened.pop().__exit__(None, None, None)
    with streams.one_more(scope("10.0.0.1")):
        pass
    assert streams.has_room("10.0.0.2")


@pytest.mark.parametrize("path", ["/embed/stream", "/forget/stream"])
def test_a_stream_that_breaks_takes_a_line_of_the_log(caplog: pytest.LogCaptureFixture, path: str) -> None:
    async def breaks(*_: object) -> None:
        raise ConnectionResetError("gone")

    async def ask() -> None:
        own = type("Own", (), {"matches": lambda *_: (Match.FULL, {})})()
        await Gate(breaks, [own], None)({"type": "http", "method": "GET", "path": path, "headers": []}, None, None)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert caplog.messages == [f"{path} ended: gone"]
    assert caplog.records[0].exc_info is None


@pytest.mark.parametrize(
    "address", ["/", f"/share/{FILE}", f"/embed?path={FILE}", "/embed?path=x", "/atlas", "/health", "/card.png", "/nothing"]
)
def test_every_answer_is_safe_to_open(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
    if answer.headers["content-type"].startswith("text/html"):
        assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/page/embed.js", "/page/share.css", "/embed/exhibit.js", "/emission/x/rows", "/gradio.js"])
def test_a_frame_without_an_origin_may_read_what_it_needs(exhibit: TestClient, address: str) -> None:
    assert exhibit.get(address, headers={"Origin": "null"}).headers["access-control-allow-origin"] == "*"


def test_only_so_many_sessions_are_remembered(exhibit: TestClient) -> None:
    [holder] = [route.app.state_holder for route in exhibit.app.routes if hasattr(getattr(route, "app", None), "state_holder")]  # type: ignore[attr-defined]
    for number in range(SESSIONS + 5):
        assert holder[f"visitor {number}"]
    assert len(holder.session_data) == SESSIONS
