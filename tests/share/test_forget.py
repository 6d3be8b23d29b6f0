from dataclasses import replace
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from laam.serving.forgetting import BITS, CHANCE, ROWS
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


@pytest.mark.parametrize(("query", "row"), [("", CHANCE), ("&row=bits", BITS)])
def test_the_stream_has_a_strip_for_each_step_and_an_end(client: TestClient, services: Services, query: str, row: str) -> None:
    *strips, (name, _) = events(client.get(f"/forget/stream?path={PATH}{query}").text)
    done = [strip for _, strip in strips if isinstance(strip, dict) and strip["state"] == "done"]
    assert [strip["value"] for strip in done] == list(ROWS[row])
    assert name == "end"
    assert services.running.count == 0
    assert [strip for strip in client.get(f"/forget?path={PATH}").json() if strip["row"] == row] == done


@pytest.mark.parametrize("query", ["path=nothing.c", "", "path=sched.c&t=9"])
def test_of_what_is_not_there_nothing_is_known(client: TestClient, query: str) -> None:
    assert client.get(f"/forget?{query}").json() is None


@pytest.mark.parametrize(
    "query", ["path=nothing.c", "", "path=sched.c&t=9", "path=sched.c&model=other", "path=sched.c&row=x", f"path={quote(HOSTILE)}"]
)
def test_what_is_not_there_is_said(client: TestClient, query: str) -> None:
    [(name, message)] = events(client.get(f"/forget/stream?{query}").text)
    assert name == "refused"
    assert message


def test_there_is_a_limit(services: Services) -> None:
    full = client_of(forget_routes(replace(services, running=Running(Limits(forgetting=0)))))
    assert events(full.get(f"/forget/stream?path={PATH}").text) == [("refused", str(BusyError()))]
