"""What the exhibit relies on in Gradio, asked of the one that is installed.

requirements.txt has a range: 6.31.0 is its lowest version, and the highest that there is today, so that one run of the tests covers it. As
soon as there is a second one, run this file and test_api.py with each.
"""

import asyncio
import re
import threading
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.exhibit.fonts import card_fonts
from laam.share.card import MONO, SANS
from tests.reading import events

ROOT = Path(__file__).resolve().parents[2]
CALLS = 50  # more than the 40 that Gradio serves at once by itself


def mounted(*endpoints: Any) -> FastAPI:
    """An application with these endpoints, as `laam.exhibit.server` has its own; `/own` stands before Gradio."""

    async def build() -> FastAPI:
        blocks: gr.Blocks
        with gr.Blocks(mode="server", analytics_enabled=False) as blocks:
            for endpoint in endpoints:
                gr.api(endpoint, api_name=endpoint.__name__, concurrency_limit=None)  # type: ignore[attr-defined]  # it is documented as public
        blocks.max_threads = CALLS
        blocks.queue(status_update_rate=5.0)
        app = FastAPI()
        app.get("/own")(lambda: "own")
        gr.mount_gradio_app(app, blocks, path="/", blocked_paths=["/"], run_history=False, ssr_mode=False, show_error=True)
        return app

    return asyncio.run(build())


def called(client: TestClient, name: str, data: list[Any]) -> list[tuple[str, Any]]:
    """The events of a call."""
    event = client.post(f"/gradio_api/call/{name}", json={"data": data}).json()["event_id"]
    return events(client.get(f"/gradio_api/call/{name}/{event}").text)


def test_the_installed_version_is_in_the_range_and_a_space_gets_its_lowest() -> None:
    [(lowest, limit)] = re.findall(r"^gradio>=([\d.]+),<([\d.]+)\s", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    parts = [tuple(map(int, version.split("."))) for version in (lowest, gr.__version__, limit)]
    assert parts == sorted(parts) and parts[1] < parts[2]
    assert f"\nsdk_version: {lowest}\n" in (ROOT / "README.md").read_text("utf-8")


def test_an_endpoint_streams_and_a_fault_has_its_sentence() -> None:
    def count(to: int) -> Any:
        """
        Count.

        Args:
            to: how far
        """
        if to > 9:
            raise gr.Error("to is at most 9", print_exception=False)
        yield from range(1, to + 1)

    with TestClient(mounted(count)) as client:
        assert client.get("/own").json() == "own"
        assert [data for _, data in called(client, "count", [3])] == [[1], [2], [3], [3]]
        [(event, fault)] = called(client, "count", [10])
        assert (event, fault["error"]) == ("error", "to is at most 9")
        info = client.get("/gradio_api/info").json()
        assert (set(info["named_endpoints"]), info["unnamed_endpoints"]) == ({"/count"}, {})
        assert info["named_endpoints"]["/count"]["parameters"][0]["parameter_name"] == "to"


def test_as_many_calls_are_served_at_once_as_it_is_told() -> None:
    together = threading.Barrier(CALLS)

    def meet() -> str:
        together.wait(120)
        return "all are here"

    with TestClient(mounted(meet)) as client:
        joined = [client.post("/gradio_api/call/meet", json={"data": []}).json()["event_id"] for _ in range(CALLS)]
        for event in joined:
            assert events(client.get(f"/gradio_api/call/meet/{event}").text) == [("complete", ["all are here"])]


@pytest.mark.parametrize("address", ["file=/etc/hostname", f"file={ROOT}/README.md", "file=README.md", "file=http://127.0.0.1:1/x"])
def test_it_gives_no_file_of_this_machine(address: str) -> None:
    with TestClient(mounted()) as client:
        assert client.get(f"/gradio_api/{address}").status_code in (403, 404)


@pytest.mark.parametrize("face", [SANS, MONO])
def test_the_fonts_of_the_cards_come_with_it(face: str) -> None:
    assert (card_fonts() / f"{face}.woff2").is_file()
