from dataclasses import replace
from typing import Any

import pytest

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.measure.pz import Along
from laam.measure.pz_file import AlongFiles, FileAlong
from laam.model.model import Model
from laam.serving.recordings import Recordings
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.settings import Settings
from laam.share.pages import share_routes
from laam.share.pz import known_strip, pz_routes
from tests.serving.made_up import client_of
from tests.share.test_pages import CARDS

PATH = "linux/kernel/info.c"


@pytest.fixture(scope="module")
def services(embedded: Model, linux: SealedManifest) -> Services:
    """The shipped model beside sealed originals: the tiny one's window is too small."""
    return Services(Originals(linux, "sealed", embedded.cache), lambda _: embedded, recordings=Recordings())


def known_of(model: Model, linux: SealedManifest) -> dict[str, AlongFiles]:
    characters = sum(linux.original(PATH).lengths)
    files = [FileAlong(PATH, 300, Along(characters, [(100, characters)], [-0.01]))]
    return {model.digest: AlongFiles("embedded", model.digest, linux.tree_sha256, "float32", "", "", {}, 50, files)}


def test_what_was_measured_before_is_shown_at_once(services: Services, embedded: Model, linux: SealedManifest, monkeypatch: Any) -> None:
    monkeypatch.setattr("laam.share.pz.file_along", lambda *_: pytest.fail("computed"))
    told = client_of(pz_routes(services, known_of(embedded, linux))).get(f"/pz?path={PATH}&t=1").json()
    assert told["ticks"] == "4"  # of one window
    assert told["how"].startswith("1 window, in float32.")
    assert told["measure"]["url"] == "https://arxiv.org/abs/2505.12546"
    assert told["legend"][0] == ["4", "50 % or more"]


def test_any_other_is_computed_once(services: Services, embedded: Model, monkeypatch: Any) -> None:
    client = client_of(pz_routes(services, {}))
    told = client.get(f"/pz?path={PATH}").json()
    assert set(told["ticks"]) <= set("-01234")
    assert f"windows, in {embedded.precision}." in told["how"]
    monkeypatch.setattr("laam.share.pz.file_along", lambda *_: pytest.fail("computed twice"))
    assert client.get(f"/pz?path={PATH}&seed=3").json() == told


def test_it_is_of_the_model_as_shipped(services: Services) -> None:
    answer = client_of(pz_routes(services, {})).get(f"/pz?path={PATH}&bits=5")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "This is measured of the model as shipped; leave out bits, noise and pruned.",
    )


def test_a_strip_of_other_weights_or_of_another_text_is_none(embedded: Model, linux: SealedManifest) -> None:
    known, lengths = known_of(embedded, linux), linux.original(PATH).lengths
    assert known_strip(known, embedded.digest, PATH, lengths)
    assert known_strip(known, "0" * 64, PATH, lengths) is None
    assert known_strip(known, embedded.digest, PATH, [*lengths, 1]) is None
    assert known_strip(known, embedded.digest, "linux/kernel/sched.c", lengths) is None


def test_the_share_page_has_the_strip_if_it_is_known(services: Services, embedded: Model, linux: SealedManifest) -> None:
    known, path = known_of(embedded, linux), PATH.removeprefix("linux/")
    summaries = Summaries(replace(services), lambda *_: True)
    client = client_of(share_routes(summaries, Settings().assets / "share", CARDS, "", known))
    page = client.get(f"/share/{path}").text
    assert 'class="heat" role="img" aria-label="p_z along the file: ' in page
    assert 'href="https://arxiv.org/abs/2505.12546"' in page
    without = client_of(share_routes(summaries, Settings().assets / "share", CARDS))
    assert 'class="heat"' not in without.get(f"/share/{path}").text
    assert 'class="heat"' not in client.get(f"/share/{path}?bits=5").text
