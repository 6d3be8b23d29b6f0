from dataclasses import replace
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from laam.serving.forgetting import TEMPERATURES
from laam.serving.limits import BusyError, Limits, Running
from laam.serving.services import Services
from laam.share.forget import forget_routes
from tests.reading import events
from tests.serving.made_up import client_of
from tests.share.hostile import HOSTILE

PATH = "linux/kernel/sched.c"


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return client_of(forget_routes(services))


def test_the_stream_has_a_strip_for_each_temperature_and_an_end(client: TestClient, services: Services) -> None:
    *strips, (name, _) = events(client.get(f"/forget/stream?path={PATH}").text)
    done = [strip for _, strip in strips if isinstance(strip, dict) and strip["state"] == "done"]
    assert [strip["temperature"] for strip in done] == list(TEMPERATURES)
    assert name == "end"
    assert services.running.count == 0


@pytest.mark.parametrize("query", ["path=nothing.c", "", "path=sched.c&t=9", "path=sched.c&model=other", f"path={quote(HOSTILE)}"])
def test_what_is_not_there_is_said(client: TestClient, query: str) -> None:
    [(name, message)] = events(client.get(f"/forget/stream?{query}").text)
    assert name == "refused"
    assert message


def test_there_is_a_limit(services: Services) -> None:
    full = client_of(forget_routes(replace(services, running=Running(Limits(forgetting=0)))))
    assert events(full.get(f"/forget/stream?path={PATH}").text) == [("refused", str(BusyError()))]
