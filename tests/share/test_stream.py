"""Emissions as server-sent events, for page and embed alike."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.knobs import SOURCE
from laam.model.spec import EMBEDDED
from laam.serving import pace, recordings
from laam.serving.limits import FAILED, BusyError, Limits, Running
from laam.serving.recordings import Recordings
from laam.serving.services import Services
from laam.serving.updates import Update
from laam.share import stream
from laam.share.stream import stream_routes
from tests.reading import events
from tests.serving.made_up import client_of
from tests.share.hostile import HOSTILE

PATH = "linux/kernel/sched.c"
AHEAD = 5  # updates that FastAPI takes while nobody reads the first one


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return client_of(stream_routes(services))


def full(services: Services, places: int = 0) -> Services:
    """The same, with so many places and nothing recorded."""
    return replace(services, running=Running(Limits(emissions=places)), recordings=Recordings())


def test_the_stream_holds_the_page_s_updates(client: TestClient) -> None:
    answer = client.get(f"/stream?path={PATH}&visit=me")
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    assert {name for name, _ in found} == {"message"}
    first, *_, last = [Update(**data) for _, data in found]
    assert (first.state, first.sequence, last.state) == ("running", 1, "done")
    assert last.fields["reproduced"] == "100 %"
    assert last.fields["sha256"] == "sha256 identical ✓"
    assert "visit" not in last.fields["address"]


def test_a_tree_s_folder_before_a_name_is_left_out(client: TestClient) -> None:
    assert events(client.get("/stream?path=/usr/src/linux/kernel/sched.c%20&n=9").text)[-1][1]["fields"]["file"] == PATH


@pytest.mark.parametrize("source", ["{whole}", "of no \N{PENGUIN} fi", "\udcff is no text"])
def test_source_is_sent_as_the_body_and_continued(client: TestClient, source: str, made_up_files: dict[str, str]) -> None:
    source = source.format(whole=made_up_files[PATH][:200])
    sent = source.encode(errors="surrogateescape")
    *_, (name, last) = events(client.post("/stream?n=9&visit=me", content=sent).text)
    assert (name, last["state"]) == ("message", "done")
    assert last["fields"]["given"].startswith("source text")
    assert last["fields"]["prompt"].endswith(sent.decode(errors="replace")[-9:])
    assert last["fields"]["address"] == ""


REFUSALS: list[tuple[str, dict[str, Any]]] = [
    ("path=kernel/shced.c", {"refused": "Linux 1.0 has no kernel/shced.c. Did you mean", "suggestions": ["kernel/sched.c"]}),
    ("path=COPYING", {"anyway": "COPYING", "suggestions": ["kernel/sched.c"]}),
    ("path=a%01b", {"anyway": ""}),
    (f"path={quote(HOSTILE)}", {"anyway": HOSTILE}),
    ("path=%20%20", {}),
    ("", {}),
    (f"path={PATH}&t=9", {"refused": "temperature 9 is outside 0 to 1.5."}),
    (f"path={PATH}&k=2.5", {"refused": "top_k '2.5' is not a whole number; give one from 0 to 200."}),
    (f"path={PATH}&bits=1", {"refused": "bits 1 is outside 2 to 8, or 0 as shipped."}),
    (f"path={PATH}&noise=1.1", {"refused": "noise 1.1 is outside 0 to 1."}),
    (f"path={PATH}&n=x", {}),
    (f"path={PATH}&slide=perhaps", {}),
    (f"path={PATH}&pieces=7", {}),
    (f"path={PATH}&model=other", {"refused": "model 'other' is not here."}),
]


@pytest.mark.parametrize(("query", "said"), REFUSALS)
def test_what_can_not_be_asked_is_refused_in_a_sentence(client: TestClient, query: str, said: dict[str, Any]) -> None:
    [(name, answer)] = events(client.get(f"/stream?{query}").text)
    assert name == "refused"
    assert answer["refused"]
    assert {key: answer.get(key) for key in said} == said


def test_a_name_that_no_file_has_can_be_asked_for_anyway(client: TestClient) -> None:
    *_, (_, last) = events(client.get("/stream?path=COPYING&n=40&anyway=1").text)
    assert last["fields"]["file"] == "linux/COPYING"
    assert last["fields"]["verdict"].startswith(
        "This model never saw COPYING. It was trained on files under the GPL, and never read the GPL’s text."
    )
    assert "anyway=1" in last["fields"]["address"]
    assert "--anyway" in last["fields"]["replay"]


def test_source_that_is_too_long_is_refused(client: TestClient) -> None:
    [(name, answer)] = events(client.post("/stream", content="x" * (SOURCE.limit + 1)).text)
    assert (name, answer) == ("refused", {"refused": f"source has {SOURCE.limit + 1:,} characters; give at most {SOURCE.limit:,}."})


def test_a_fault_of_ours_is_told_without_its_words(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Iterator[Update]:
        raise RuntimeError("/secret/place")
        yield

    monkeypatch.setattr(stream, "stream_updates", broken)
    [(name, answer)] = events(client_of(stream_routes(services)).get(f"/stream?path={PATH}").text)
    assert (name, answer) == ("refused", {"refused": FAILED})


@pytest.mark.parametrize(
    ("query", "here"),
    [
        (f"path={PATH}", PATH),
        (f"path={PATH}&t=0.7", ""),
        (f"path={PATH}&bits=5", ""),
        (f"path={PATH}&n=9", PATH),
        ("path=COPYING&anyway=1", ""),
    ],
)
def test_a_full_server_says_what_the_browser_can_write_instead(services: Services, query: str, here: str) -> None:
    assert services.model("").name == EMBEDDED.name
    [(name, answer)] = events(client_of(stream_routes(full(services))).get(f"/stream?{query}").text)
    assert (name, answer) == ("refused", {"refused": str(BusyError()), "here": here})


def test_a_place_is_given_back_and_a_replay_needs_none(services: Services) -> None:
    one = full(services, places=1)
    client = client_of(stream_routes(one))
    for query in ("n=20", "n=21", "t=0.5&n=20", "t=9", "n=22"):
        assert events(client.get(f"/stream?path={PATH}&{query}").text)
    recorded = replace(one, running=Running(Limits(emissions=0)))
    assert events(client_of(stream_routes(recorded)).get(f"/stream?path={PATH}&n=22").text)[-1][1]["state"] == "done"


class Gated:
    """A model that writes a line and goes on only when it is let."""

    def __init__(self) -> None:
        self.wrote, self.goes_on = threading.Semaphore(0), threading.Event()

    def emit(self, *_: object) -> Iterator[Event]:
        yield from (Prompted(0, "x"), Emitted("int a;\n"))
        self.wrote.release()
        while not self.goes_on.wait(0.01):
            yield Emitted("")
        yield Ended("end of file", 2)


@pytest.mark.parametrize("ends_it", ["stop", "successor", "other visit"])
def test_an_emission_is_ended_by_its_visit_and_keeps_its_score(services: Services, monkeypatch: pytest.MonkeyPatch, ends_it: str) -> None:
    gated = Gated()
    monkeypatch.setattr(recordings, "emit", gated.emit)
    monkeypatch.setattr(pace, "INTERVAL", 0)
    services = full(services, places=6)
    said: list[str] = []

    def ask() -> None:
        with client_of(stream_routes(services)) as client:
            said.append(client.get(f"/stream?path={PATH}&visit=one").text)

    visitor = threading.Thread(target=ask)
    visitor.start()
    assert gated.wrote.acquire(timeout=60)
    client = client_of(stream_routes(services))
    assert client.post("/stop?visit=another").status_code == client.post("/stop").status_code == 204
    if ends_it == "stop":
        assert client.post("/stop?visit=one").status_code == 204
    elif ends_it == "successor":
        monkeypatch.setattr(recordings, "emit", lambda *_: (event for event in (Prompted(0, "x"), Ended("end of file", 1))))
        assert events(client.get("/stream?path=main.c&visit=one").text)[-1][1]["state"] == "done"
    else:
        gated.goes_on.set()
    visitor.join(60)
    assert not visitor.is_alive()
    last = Update(**events(said[0])[-1][1])
    assert (last.state, last.fields["characters"]) == ("done" if ends_it == "other visit" else "stopped", "1 character in → 7 out")
    assert last.fields["lines"].endswith(" lines") and last.ticks
    assert services.running.count == 0


@pytest.mark.parametrize("reads_on", [True, False])
def test_a_client_that_goes_ends_the_emission_and_frees_its_place(
    services: Services, monkeypatch: pytest.MonkeyPatch, reads_on: bool
) -> None:
    """The server is spoken to as uvicorn does, to be able to hang up. Whoever stopped reading before gives the place back as well, and
    at once: not when the garbage is collected."""
    flags: list[threading.Event] = []
    ahead = threading.Event()

    def endless(*arguments: object, **_: object) -> Iterator[Update]:
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
    monkeypatch.setattr(stream, "stream_updates", endless)
    one = full(services, places=1)
    app.include_router(stream_routes(one))

    async def visit() -> None:
        async def receive() -> dict[str, object]:
            await asyncio.to_thread(ahead.wait)
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            if message.get("body") and not reads_on:
                await asyncio.Event().wait()

        scope = {"type": "http", "method": "GET", "path": "/stream", "query_string": f"path={PATH}".encode(), "headers": []}
        with suppress(ExceptionGroup):  # of FastAPI's own, if nobody reads
            await asyncio.wait_for(app(scope, receive, send), 60)  # type: ignore[arg-type]
        assert [flag.is_set() for flag in flags] == [True]
        assert one.running.count == 0
        with one.running.emissions.take():
            pass

    gc.disable()
    try:
        asyncio.run(visit())
    finally:
        gc.enable()
