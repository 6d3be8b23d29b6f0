"""What is let in to Gradio, what it may answer, and how much of it."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from fastapi.testclient import TestClient
from starlette.routing import Match, Mount

from laam.exhibit.gate import BODY_BYTES, LARGE_BODY_BYTES, Gate
from laam.exhibit.streams import OpenStreams

FILE = "linux/kernel/sched.c"
AN_ADDRESS = {"path": "http://127.0.0.1:1/x", "url": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}}
FILES = [
    *("file=http://127.0.0.1:1/x", "file=/etc/passwd", "file=assets/page/icon.svg", "file/etc/passwd", "proxy=http://127.0.0.1:1/x"),
    *("stream/a/b/1/playlist.m3u8", "custom_component/a/client/component/x.js", "mcp/", "theme.css"),
]


def routes_of_gradio(exhibit: TestClient) -> list[Any]:
    def all_of(routes: list[Any]) -> Iterator[Any]:
        for route in routes:
            yield from all_of(route.original_router.routes) if hasattr(route, "original_router") else [route]

    [mounted] = [route for route in exhibit.app.routes if isinstance(route, Mount) and not route.path]  # type: ignore[attr-defined]
    return list(all_of(mounted.app.routes))  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", [*(f"/gradio_api/{path}" for path in FILES), "/svelte/x", "/manifest.json", "/no/such/thing"])
def test_no_file_goes_out(exhibit: TestClient, address: str) -> None:
    assert exhibit.get(address).status_code in (400, 403, 404)


@pytest.mark.parametrize("address", ["/no/such/thing", "/map/", "/" + "x" * 3000, "/config"])
def test_a_browser_is_shown_a_page_where_there_is_nothing_and_a_program_gets_a_sentence(exhibit: TestClient, address: str) -> None:
    page = exhibit.get(address, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in page.text
    assert 'href="http://testserver/"' in page.text
    assert "og:" not in page.text.partition("<head>")[2]
    assert not exhibit.get(address).headers["content-type"].startswith("text/html")


def test_no_route_of_gradio_gives_anything_but_json_or_events(exhibit: TestClient) -> None:
    """All that this version of Gradio has, so a new one that gives files fails here."""
    paths = {route.path for route in routes_of_gradio(exhibit) if "GET" in (getattr(route, "methods", None) or ())}
    assert len(paths) > 20
    for path in paths - {"/gradio_api/dev/reload", "/gradio_api/heartbeat/{session_hash}"}:  # which are streams without an end
        answer = exhibit.get(path.replace("{path:path}", "x").replace("{", "").replace("}", ""), follow_redirects=False)
        own = answer.headers.get("cross-origin-resource-policy") == "cross-origin"
        kind = answer.headers.get("content-type", "")
        assert own or answer.status_code >= 400 or kind.startswith(("application/json", "text/event-stream")), path


def test_no_route_of_gradio_takes_a_file(exhibit: TestClient) -> None:
    paths = {route.path for route in routes_of_gradio(exhibit) if "POST" in (getattr(route, "methods", None) or ())}
    assert any("upload" in path for path in paths)
    for path in paths:
        answer = exhibit.post(path.replace("{", "").replace("}", ""), files={"files": b"x"})
        assert answer.status_code in (413, 415), path


@pytest.mark.parametrize("address", ["/", f"/share/{FILE}", f"/card/{FILE}.png", "/health", "/page/page.css", "/map", "/embed"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_told_the_right_one(exhibit: TestClient, address: str, method: str) -> None:
    answer = exhibit.request(method, address)
    assert answer.status_code == 405
    assert answer.headers.get("allow", "GET, HEAD").startswith("GET, HEAD")


@pytest.mark.parametrize(("path", "allow"), [("/trace", "GET, HEAD, POST"), ("/stream", "GET, HEAD, POST"), ("/stop", "POST")])
def test_a_route_names_its_methods(exhibit: TestClient, path: str, allow: str) -> None:
    answer = exhibit.delete(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


@pytest.mark.parametrize("data", [[AN_ADDRESS, "", 0, 0, 0, 4], [[AN_ADDRESS], "", 0, 0, 0, 4], ["x.c", AN_ADDRESS, 0, 0, 0, 4]])
def test_no_value_names_a_file_or_an_address(exhibit: TestClient, data: list[object]) -> None:
    event = exhibit.post("/gradio_api/call/emit", json={"data": data}).json()["event_id"]
    answer = exhibit.get(f"/gradio_api/call/emit/{event}").text
    assert "event: error" in answer
    assert "127.0.0.1:1" not in answer


def test_arguments_that_are_left_out_have_their_defaults(exhibit: TestClient) -> None:
    event = exhibit.post("/gradio_api/call/emit", json={"data": [FILE]}).json()["event_id"]
    assert "event: complete" in exhibit.get(f"/gradio_api/call/emit/{event}").text
    answer = exhibit.post("/gradio_api/call/emit", json={"data": [FILE, "", 0, 0, 0, 4, "", 0, 5, 0, 0, 7]})
    said = "emit takes 11 arguments and got 12: path, model, temperature, top_k, seed, max_tokens, against, pieces, bits, noise, pruned."
    assert (answer.status_code, answer.json()["detail"]) == (400, said)
    assert exhibit.post("/gradio_api/call/score", json={"data": [FILE]}).json()["detail"] == "score needs text."


@pytest.mark.parametrize("path", ["queue/join", "queue/data", "heartbeat/x", "info", "call/emit"])
def test_a_page_of_another_site_may_ask_what_it_may(exhibit: TestClient, path: str) -> None:
    asked = {"Origin": "https://blog.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-y"}
    answer = exhibit.options(f"/gradio_api/{path}", headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://blog.example")


@pytest.mark.parametrize("body", [b"x", b"[]", b'"x"', b"[" * 50_000, b'{"data": 1}', b"\xff"])
def test_a_body_that_is_no_request(exhibit: TestClient, body: bytes) -> None:
    answer = exhibit.post("/gradio_api/queue/join", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, bool(answer.json()["detail"])) == (400, True)


def test_bodies_are_bounded(exhibit: TestClient) -> None:
    def sent(name: str, data: object, more: int) -> int:
        return exhibit.post(f"/gradio_api/call/{name}", json={"data": data, "more": "x" * more}).status_code

    assert sent("emit", 1, BODY_BYTES) == 413
    assert sent("score", 1, 2 * BODY_BYTES) == 400  # for its data, and not its length
    assert sent("score", 1, LARGE_BODY_BYTES) == 413
    assert exhibit.post("/stream", content=b"x" * (BODY_BYTES + 1)).status_code == 413


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/stream", "/forget/stream"])
async def test_a_stream_that_breaks_takes_a_line_of_the_log(caplog: pytest.LogCaptureFixture, path: str) -> None:
    breaks = AsyncMock(side_effect=ConnectionResetError("gone"))
    own = Mock(matches=lambda _: (Match.FULL, {}))
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    await Gate(breaks, [own], OpenStreams(), {})(scope, AsyncMock(), AsyncMock())
    assert caplog.messages == [f"{path} ended: gone"]
    assert caplog.records[0].exc_info is None


@pytest.mark.parametrize("folder", ["static", "assets", "page", "engine", "live"])
@pytest.mark.parametrize("name", ["x" * 300, "x/" * 3000, "x%00y", "%ff%fe", "x" * 300 + ".js"])
def test_a_name_of_no_file_is_not_there(exhibit: TestClient, folder: str, name: str) -> None:
    assert exhibit.get(f"/{folder}/{name}").status_code == 404
