import asyncio
import gc
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.model.model import Model
from laam.serving.limits import BusyError, Limits, Running
from laam.serving.recordings import Recordings
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.serving.updates import Update
from laam.settings import Settings
from laam.share import embed
from laam.share.embed import embed_routes
from laam.share.panes import exhibit_module
from tests.serving.made_up import client_of, services_of
from tests.share.hostile import HOSTILE

PATH = "linux/kernel/sched.c"
ASSETS = Settings().assets
AHEAD = 5  # updates that FastAPI takes while nobody reads the first one


@pytest.fixture(scope="module")
def services(model: Model, manifest: SealedManifest) -> Services:
    return services_of(model, manifest)


def routes(services: Services) -> APIRouter:
    return embed_routes(services, Summaries(services), ASSETS)


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return client_of(routes(services))


def events(text: str) -> list[tuple[str, object]]:
    """Server-sent events: name and data."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines.get("event", "message"), json.loads(lines["data"])))
    return found


def test_the_page_can_be_framed_and_sets_no_cookie(client: TestClient) -> None:
    answer = client.get("/embed?path=sched.c")
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert f'data-query="path={PATH}"' in answer.text
    assert f'href="http://testserver/?path={PATH}"' in answer.text
    assert 'data-field="reproduced"' in answer.text


def test_the_page_knows_the_file_before_anybody_clicks(client: TestClient, manifest: SealedManifest) -> None:
    text = client.get("/embed?path=sched.c").text
    data = json.loads(text.partition('id="ready">')[2].partition("</script>")[0])
    update = Update(**data)
    assert (update.state, update.rows) == ("ready", "")
    assert update.lengths == list(manifest.original(PATH).lengths)
    assert (update.fields["file"], update.fields["licence"], update.fields["model_licence"]) == (PATH, "GPL-2", "licence not settled")


def test_the_stream_holds_the_page_s_updates(client: TestClient) -> None:
    answer = client.get(f"/embed/stream?path={PATH}")
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    assert {name for name, _ in found} == {"message"}
    first, *_, last = [Update(**data) for _, data in found]  # type: ignore[arg-type]
    assert (first.state, first.sequence, last.state) == ("running", 1, "done")
    assert last.fields["reproduced"] == "100 %"
    assert last.fields["sha256"] == "sha256 identical ✓"


@pytest.mark.parametrize("query", ["path=nothing.c", "", "path=sched.c&t=9", "path=sched.c&model=other", f"path={quote(HOSTILE)}"])
def test_what_is_not_there_is_said(client: TestClient, query: str) -> None:
    page = client.get(f"/embed?{query}")
    assert page.status_code == 404
    assert "<script" not in page.text
    [(name, message)] = events(client.get(f"/embed/stream?{query}").text)
    assert name == "refused"
    assert message


def test_settings_stay_in_the_query_and_are_escaped(services: Services) -> None:
    client = client_of(routes(replace(services, model=lambda _: services.model(""))))
    text = client.get("/embed", params={"path": PATH, "t": "0.5", "model": HOSTILE}).text
    assert f'data-query="path={PATH}&amp;model={quote(HOSTILE, safe="")}&amp;t=0.5&amp;seed=0"' in text
    assert "<script>alert" not in text


def test_there_is_a_limit(services: Services) -> None:
    client = client_of(routes(replace(services, running=Running(Limits(embeds=1)))))
    assert events(client.get(f"/embed/stream?path={PATH}").text)[-1][0] == "message"
    assert events(client.get(f"/embed/stream?path={PATH}").text)[-1][0] == "message"  # the place was given back
    full = client_of(routes(replace(services, running=Running(Limits(embeds=0)), recordings=Recordings())))
    [(name, message)] = events(full.get(f"/embed/stream?path={PATH}").text)
    assert (name, message) == ("refused", str(BusyError()))
    recorded = client_of(routes(replace(services, running=Running(Limits(embeds=0)))))
    assert events(recorded.get(f"/embed/stream?path={PATH}").text)[-1][0] == "message"  # a replay needs no place


def test_one_client_leaves_places_to_others(services: Services) -> None:
    services = replace(services, running=Running(Limits(embeds=4)), recordings=Recordings())
    app = client_of(routes(services)).app

    def ask(client: str) -> str:
        return events(TestClient(app, client=(client, 1)).get(f"/embed/stream?path={PATH}").text)[-1][0]

    with services.running.embeds.take("1.1.1.1"):
        assert (ask("1.1.1.1"), ask("2.2.2.2")) == ("refused", "message")


def test_no_folder_of_the_machine_is_shown(services: Services) -> None:
    def broken(name: str) -> Model:
        raise ValueError("/srv/exhibit/model/tokenizer.json: not a readable tokenizer")

    client = client_of(routes(replace(services, model=broken)))
    for address in (f"/embed?path={PATH}", f"/embed/stream?path={PATH}"):
        text = client.get(address).text
        assert "tokenizer.json: not a readable tokenizer" in text
        assert "/srv" not in text


@pytest.mark.parametrize("reads_on", [True, False])
def test_a_frame_that_goes_away_ends_the_emission(services: Services, monkeypatch: pytest.MonkeyPatch, reads_on: bool) -> None:
    """The server is spoken to as uvicorn does, to be able to hang up. Whoever stopped reading before gives the place back as well, and
    at once: not when the garbage is collected."""
    flags: list[threading.Event] = []
    ahead = threading.Event()

    def endless(*arguments: object) -> Iterator[Update]:
        stop = arguments[-1]
        assert isinstance(stop, threading.Event)
        flags.append(stop)
        sequence = 0
        while not stop.is_set():
            sequence += 1
            if sequence == AHEAD:
                ahead.set()
            yield Update("x", sequence, "running", 1)

    app = FastAPI()
    monkeypatch.setattr(embed, "stream_updates", endless)
    app.include_router(routes(services))

    async def visit() -> None:
        async def receive() -> dict[str, object]:
            await asyncio.to_thread(ahead.wait)
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            if message.get("body") and not reads_on:
                await asyncio.Event().wait()

        scope = {"type": "http", "method": "GET", "path": "/embed/stream", "query_string": f"path={PATH}".encode(), "headers": []}
        with suppress(ExceptionGroup):  # of FastAPI's own, if nobody reads
            await asyncio.wait_for(app(scope, receive, send), 60)  # type: ignore[arg-type]
        assert [flag.is_set() for flag in flags] == [True]
        assert services.running.count == 0

    gc.disable()
    try:
        asyncio.run(visit())
    finally:
        gc.enable()


def test_the_module_holds_the_exhibit_s_script(client: TestClient) -> None:
    answer = client.get("/embed/exhibit.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text == exhibit_module(ASSETS)
    assert (ASSETS / "page" / "exhibit.js").read_text("utf-8") in answer.text
