from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.model.lossy import AS_SHIPPED, Lossy
from laam.model.model import Model
from laam.serving.recordings import Recordings
from laam.serving.services import Services
from laam.share.certainty import certainty_routes
from tests.serving.made_up import client_of, services_of

PATH = "linux/kernel/sched.c"


@pytest.fixture
def services(model: Model, manifest: SealedManifest) -> Services:
    return replace(services_of(model, manifest), recordings=Recordings())


def play(services: Services, lossy: Lossy = AS_SHIPPED) -> None:
    question, model = services.question(Ask(PATH, lossy=lossy))
    for _ in services.recordings.play(question, model).events:
        pass


def test_each_line_of_a_recording_has_a_probability(services: Services, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    client: TestClient = client_of(certainty_routes(services))
    play(services)
    lines = client.get(f"/certainty?path={PATH}").json()
    assert len(lines) == manifest.catalog.find(PATH).lines
    assert all(0.5 < line <= 1 for line in lines)
    monkeypatch.setattr("laam.share.certainty.line_certainty", lambda *_: pytest.fail("computed twice"))
    assert client.get(f"/certainty?path={PATH}&model={services.model('').name}").json() == lines


def test_a_lossy_copy_is_as_sure_as_it_is_itself(services: Services) -> None:
    client: TestClient = client_of(certainty_routes(services))
    play(services)
    play(services, Lossy(4))
    shipped, lossy = (client.get(f"/certainty?path={PATH}{bits}").json() for bits in ("", "&bits=4"))
    assert lossy[0] is not None
    assert lossy != shipped


@pytest.mark.parametrize("query", [f"path={PATH}", f"path={PATH}&t=0.5", f"path={PATH}&bits=5"])
def test_what_was_not_run_is_not_computed(services: Services, query: str) -> None:
    answer = client_of(certainty_routes(services)).get(f"/certainty?{query}")
    assert answer.status_code == 404
    assert answer.json()["detail"]
