import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from fastapi.testclient import TestClient
from huggingface_hub import constants

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedError, SealedManifest
from laam.exhibit import server
from laam.exhibit.first import First
from laam.exhibit.server import build_app
from laam.measure.recorded import RecordedScores
from laam.measure.seen import Seen
from laam.model import model as model_module
from laam.model import obtain as obtain_module
from laam.model.chooser import ModelChooser
from laam.model.model import Model
from laam.serving.limits import Limits
from laam.serving.opening import Opening
from laam.serving.services import Services
from laam.settings import Settings
from laam.version import VERSION
from tests.exhibit.conftest import built

PATH = "linux/kernel/sched.c"
WARM_UP = server._warm_up  # before a fixture puts another in its place


def test_health(exhibit: TestClient, model: Model, manifest: SealedManifest) -> None:
    answer = exhibit.get("/health")
    nobody = {"visitors": 0, "waiting": 0, "previews": 0, "background": 0, "places": Limits().emissions}
    assert answer.status_code == 200
    told = answer.json()
    assert (told.pop("status") in ("starting", "ok"), told.pop("begun") > 0) == (True, True)
    known = {"version": VERSION, "model": model.name, "manifest": manifest.digest, "emissions": 0, "copies": 0, "room": True}
    assert told == known | nobody
    assert f" {VERSION} " in exhibit.get("/").text.partition('<footer class="foot">')[2]


def test_a_model_that_can_not_be_loaded_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_warm_up", WARM_UP)
    monkeypatch.setattr(model_module, "converted_folder", Mock(side_effect=ValueError("/srv/exhibit/model: there is no room for it")))
    monkeypatch.setattr(threading, "Thread", AtOnce)
    with TestClient(built(settings)) as client:
        assert client.get("/").status_code == 200
        answer = client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        assert answer.json()["fault"] == "model: there is no room for it"  # and no folder of the machine
        monkeypatch.undo()
        assert client.get(f"/share/{PATH}?n=900").status_code == 200  # as soon as there is room
        assert (client.get("/health").status_code, client.get("/health").json()["status"]) == (200, "ok")


def test_weights_that_are_not_those_that_were_checked_are_told(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in settings.assets.iterdir():
        if file.name != "model":
            (tmp_path / file.name).symlink_to(file)
    shutil.copytree(settings.embedded_folder, tmp_path / "model")
    verdict = tmp_path / "model" / "verdict.json"
    verdict.write_text(re.sub('"model_sha256": "[^"]*"', '"model_sha256": "0"', verdict.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(server, "_warm_up", lambda *_: None)
    with TestClient(built(replace(settings, assets=tmp_path))) as client:
        answer = client.get("/health")
        assert (answer.status_code, answer.json()["fault"]) == (200, model_module.OTHER_WEIGHTS)
        page = client.get("/").text
        assert model_module.OTHER_WEIGHTS in page
        assert "byte for byte.{% endif %}" not in page
        assert "it writes every one of them byte for byte" not in page


def test_originals_that_are_not_there_are_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match="LAAM_ORIGINALS is '/no/such'"):
        build_app(replace(settings, originals="/no/such"))


def test_the_trace_stands_beside_the_page(exhibit: TestClient, made_up_files: dict[str, str]) -> None:
    found = exhibit.post("/trace", data={"text": made_up_files[PATH]})
    assert found.status_code == 200
    assert "form-action 'self'" in found.headers["content-security-policy"]
    assert f"{PATH}</a>" in found.text


@pytest.mark.parametrize("path", ["page/../manifest.sealed", "page/%2e%2e/manifest.sealed", "page//etc/passwd", "docs", "redoc"])
def test_nothing_outside_the_page_s_folder_is_served_and_no_route_is_listed(exhibit: TestClient, path: str) -> None:
    assert exhibit.get(f"/{path}").status_code == 404


def test_the_model_is_warmed_up_once_the_server_has_started(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[tuple[ModelChooser, Originals]] = []
    monkeypatch.setattr(server, "_warm_up", lambda first, _: warmed.append((first.chooser, first.services.originals)))
    monkeypatch.setattr(threading, "Thread", AtOnce)
    app = built(settings)
    assert warmed == []
    with TestClient(app):
        [(chooser, originals)] = warmed
    assert chooser.current().model.folder == settings.embedded_folder.resolve()
    assert originals.manifest.catalog.find("sched.c").path == PATH


class AtOnce(threading.Thread):
    """A thread that has done its work as soon as it is started."""

    def start(self) -> None:
        super().start()
        self.join()


def test_warming_up_loads_what_the_first_visitor_needs(settings: Settings, manifest: SealedManifest) -> None:
    chooser, originals = ModelChooser("embedded", settings), Originals.from_settings(manifest, settings)
    services, opening = Services(originals, lambda name: chooser.get(name or "embedded").model), Opening()
    seen = Seen(RecordedScores(services.recordings, manifest), (), manifest)
    WARM_UP(First(chooser, services, seen, opening), {})
    first, *_, last = opening.updates
    assert (first["opening"], last["state"], first["fields"]["mode"]) == (True, "done", "Replay")
    assert all("address" not in update["fields"] and not update["download"] for update in opening.updates)
    assert {"_engine", "digest"} <= set(vars(chooser.current().model))
    assert originals.line == "The originals are sealed, as LAAM_ORIGINALS asks."


@pytest.mark.parametrize("path", [f"/share/{PATH}", f"/card/{PATH}.png", "/embed"])
def test_no_link_lets_the_server_fetch_a_model(exhibit: TestClient, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(obtain_module, "fetch_model", lambda *_: pytest.fail("fetched"))
    answer = exhibit.get(path, params={"path": PATH, "model": "published-32m"})
    assert answer.status_code == 404
    assert path.endswith(".png") or "is not here; what can be picked" in answer.text


def test_assets_that_can_not_be_used_are_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(SealedError):
        build_app(Settings(assets=tmp_path))
    with pytest.raises(ValueError, match="model 'no thing'"):
        build_app(Settings(assets=settings.assets, model="no thing"))


def test_where_the_web_component_was_once_leads_to_it(exhibit: TestClient, settings: Settings) -> None:
    answer = exhibit.get("/gradio.js", headers={"Origin": "https://blog.example"})
    steps = [(step.status_code, step.headers["access-control-allow-origin"]) for step in (*answer.history, answer)]
    assert steps == [(308, "*"), (200, "*")]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text == (settings.assets / "page" / "component.js").read_text("utf-8")


def test_icons(exhibit: TestClient) -> None:
    assert exhibit.get("/page/icon.svg").headers["content-type"].startswith("image/svg")
    assert exhibit.get("/favicon.ico").content.startswith(b"\0\0\1\0")


@pytest.mark.parametrize(
    "address", ["/", f"/share/{PATH}", f"/embed?path={PATH}", "/embed?path=x", "/map", "/api", "/health", "/card.png", "/nothing"]
)
def test_every_answer_is_safe_to_open(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
    if answer.headers["content-type"].startswith("text/html"):
        assert "frame-ancestors" in answer.headers["content-security-policy"]
        assert "'unsafe-eval'" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address", ["/page/embed.js", "/page/share.css", "/page/component.js", "/engine/engine.js", "/gradio.js", "/opening.json"]
)
def test_a_frame_without_an_origin_may_read_what_it_needs(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address, headers={"Origin": "null"}, follow_redirects=False)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("address", ["/", "/page/page.css", "/page/exhibit.js"])
def test_what_is_long_is_sent_compressed(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.text == exhibit.get(address, headers={"Accept-Encoding": "identity"}).text
    assert "content-encoding" not in exhibit.get("/card.png", headers={"Accept-Encoding": "gzip"}).headers
