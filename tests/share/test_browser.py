from collections.abc import Iterator
from hashlib import sha256

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.model.model import Model
from laam.model.pack import pack_model
from laam.model.pack_rounding import pack_rounding
from laam.settings import Settings
from laam.share import browser
from laam.share.browser import Packer, add_browser_routes


@pytest.fixture
def asked() -> list[str]:
    """How often the model was asked for."""
    return []


@pytest.fixture
def client(model: Model, manifest: SealedManifest, settings: Settings, asked: list[str]) -> Iterator[TestClient]:
    def shipped() -> Model:
        asked.append("model")
        return model

    app = FastAPI()
    add_browser_routes(app, Packer(shipped, manifest, settings.cache), settings.assets)
    with TestClient(app) as client:
        yield client


def test_the_files_are_those_whose_digests_are_told(
    client: TestClient, model: Model, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked == []
    facts = client.get("/browser.json").json()
    found, sealed = client.get(f"/{facts['model']}"), client.get(f"/{facts['sealed']}")
    assert found.content == pack_model(model.folder)
    assert (sha256(found.content).hexdigest(), len(found.content)) == (facts["sha256"], facts["bytes"])
    assert sha256(sealed.content).hexdigest() == facts["sealedSha256"]
    rounding = client.get(f"/{facts['rounding']}").content
    assert (rounding, sha256(rounding).hexdigest()) == (pack_rounding(model.folder), facts["roundingSha256"])
    assert asked == ["model"]
    with monkeypatch.context() as patch:  # the digests of 7 MB are computed once, and not at every request
        patch.setattr(browser, "sha256", lambda _: pytest.fail("computed again"))
        assert client.get("/browser.json").json() == facts
        assert client.get(f"/{facts['model']}").content == found.content
    missing = client.get(f"/browser/{'0' * 64}.safetensors")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/plain; charset=utf-8")


@pytest.mark.parametrize("name", ["engine/engine.js", "engine/worker.js", "engine/engine.wasm", "live/machine.js"])
def test_the_scripts_are_the_site_s(client: TestClient, settings: Settings, name: str) -> None:
    assert client.get(f"/{name}").content == (settings.assets / name).read_bytes()
