import io
import tarfile
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.emission.wording import NOT_THERE
from laam.model.model import Model
from laam.serving.limits import BusyError, Limits, Running
from laam.serving.services import Services
from laam.share.whole import whole_routes
from tests.reading import events
from tests.serving.made_up import client_of, services_of


@pytest.fixture
def services(model: Model, manifest: SealedManifest) -> Services:
    return services_of(model, manifest)


def test_the_stream_has_each_file_and_the_tar_has_their_bytes(services: Services, made_up_files: dict[str, str]) -> None:
    client = client_of(whole_routes(services))
    first, *came, last = events(client.get("/whole/stream").text)
    assert first == ("files", len(made_up_files))
    assert [file for _, file in came] == [{"path": path, "identical": True} for path in sorted(made_up_files)]
    assert last == ("end", NOT_THERE)
    assert services.running.count == 0
    answer = client.get("/whole.tar")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''linux-1.0.tar"
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        back = {member.name: archive.extractfile(member).read() for member in archive.getmembers()}  # type: ignore[union-attr]
    assert back == {path: text.encode() for path, text in made_up_files.items()}


def test_there_is_no_tar_before_the_model_wrote_it(services: Services) -> None:
    answer = client_of(whole_routes(services)).get("/whole.tar")
    assert (answer.status_code, "ask for it on the page" in answer.text) == (404, True)


def test_there_is_a_limit_and_a_model_that_is_not_there_is_told(services: Services) -> None:
    def stream(changed: Services) -> object:
        client: TestClient = client_of(whole_routes(changed))
        return events(client.get("/whole/stream").text)

    def missing(name: str) -> Model:
        raise ValueError(f"no model {name}")

    assert stream(replace(services, running=Running(Limits(whole=0)))) == [("refused", str(BusyError()))]
    assert stream(replace(services, model=missing)) == [("refused", "no model embedded")]
