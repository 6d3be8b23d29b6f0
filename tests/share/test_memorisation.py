from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.wording import percent
from laam.model.model import Model
from laam.serving.recordings import Recordings
from laam.serving.services import Services
from laam.share.memorisation import memorisation_routes
from tests.serving.made_up import client_of
from tests.share.test_pz import known_of

PATH = "linux/kernel/info.c"


@pytest.fixture(scope="module")
def services(embedded: Model, linux: SealedManifest) -> Services:
    """The shipped model beside sealed originals: the tiny one's window is too small."""
    return Services(Originals(linux, "sealed", embedded.cache), lambda _: embedded, recordings=Recordings())


def test_each_measure_has_a_value_a_definition_and_a_source(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    client: TestClient = client_of(memorisation_routes(services))
    rows = client.get(f"/memorisation?path={PATH}").json()
    assert [row["label"] for row in rows] == [
        "memorisation score",
        "extractable",
        "(n, p)-discoverable, top-40",
        "(n, p)-discoverable, all tokens",
        "approximately memorised",
        "p_z along the file",
        "longest common substring",
        "adversarial compression ratio",
    ]
    assert all(row["url"].startswith("https://arxiv.org/abs/") and row["definition"] and row["seen"] for row in rows)
    assert rows[1]["value"].startswith("k = 50: ")
    assert float(rows[-1]["value"].removeprefix("at least ")) > 1
    monkeypatch.setattr("laam.share.memorisation.file_measures", lambda *_: pytest.fail("computed twice"))
    assert client.get(f"/memorisation?path={PATH}&t=1.5&seed=3").json() == rows


def test_measures_are_of_the_model_as_shipped(services: Services) -> None:
    answer = client_of(memorisation_routes(services)).get(f"/memorisation?path={PATH}&bits=5")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "These measures are of the model as shipped; leave out bits, noise and pruned."


def test_a_sealed_file_that_did_not_come_out_identical_has_no_true_tokens(services: Services, manifest: SealedManifest) -> None:
    answer = client_of(memorisation_routes(replace(services, originals=Originals(manifest, "sealed", services.model("").cache)))).get(
        "/memorisation?path=linux/lib/ctype.c"  # of which the made-up tree has another
    )
    assert answer.status_code == 404
    assert "sealed" in answer.json()["detail"]


def test_p_z_is_as_it_was_measured_before(services: Services, embedded: Model, linux: SealedManifest) -> None:
    """A made-up measure of one window, of all characters but the first hundred."""
    rows = client_of(memorisation_routes(services, known_of(embedded, linux))).get(f"/memorisation?path={PATH}").json()
    [value] = [row["value"] for row in rows if row["label"] == "p_z along the file"]
    characters = sum(linux.original(PATH).lengths)
    assert value.startswith(f"{percent((characters - 100) / characters)} of the characters with 50 % or more, ")
