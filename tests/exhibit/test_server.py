import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from huggingface_hub import constants
from laam.exhibit.gradio_internals import web_component

from laam.compare.live import Comparison, compare_text
from laam.compare.render import render_rows
from laam.corpus.lines import source_text
from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedError, SealedManifest
from laam.exhibit import server
from laam.exhibit.server import build_app
from laam.model import model as model_module
from laam.model import obtain as obtain_module
from laam.model.chooser import ModelChooser
from laam.model.model import Model
from laam.serving.limits import Limits
from laam.serving.opening import Opening
from laam.serving.results import Results
from laam.serving.services import Services
from laam.settings import Settings
from tests.exhibit.conftest import built
from tests.serving.made_up import result_of

PATH = "linux/kernel/sched.c"
WARM_UP = server._warm_up  # before a fixture puts another in its place


@pytest.fixture(scope="module")
def results() -> Results:
    return Results()


@pytest.fixture(scope="module")
def client(settings: Settings, results: Results) -> Iterator[TestClient]:
    """The whole application, without its thread that warms the model up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "Services", lambda originals, model, recordings: Services(originals, model, recordings, results))
        patch.setattr(server, "_warm_up", lambda *_: None)
        with TestClient(built(settings)) as client:
            yield client


@pytest.fixture(scope="module")
def comparison(manifest: SealedManifest, results: Results, made_up_files: dict[str, str]) -> Comparison:
    text = made_up_files[PATH].replace("return", "<b>&</b>", 1) + "\f🐧"
    comparison = compare_text(text, manifest.original(PATH))
    results.keep("made-up", result_of(comparison))
    return comparison


def test_health(client: TestClient, model: Model, manifest: SealedManifest) -> None:
    answer = client.get("/health")
    nobody = {"visitors": 0, "waiting": 0, "previews": 0, "background": 0, "places": Limits().page}
    assert answer.status_code == 200
    told = answer.json()
    assert (told.pop("status") in ("starting", "ok"), told.pop("begun") > 0) == (True, True)
    assert told == {"model": model.name, "manifest": manifest.digest, "emissions": 0, "room": True} | nobody


def test_a_model_that_can_not_be_loaded_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise ValueError("/srv/exhibit/model: there is no room for it")

    monkeypatch.setattr(server, "_warm_up", WARM_UP)
    monkeypatch.setattr(model_module, "converted_folder", no_room)
    monkeypatch.setattr(threading, "Thread", AtOnce)
    with TestClient(built(settings)) as client:
        assert client.get("/").status_code == 200
        answer = client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        assert answer.json()["fault"] == "model: there is no room for it"  # and no folder of the machine
        monkeypatch.undo()
        assert client.get(f"/share/{PATH}").status_code == 200  # as soon as there is room
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


def test_the_page(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>Linux as a Model</title>" in answer.text
    assert "page/page.css" in answer.text


def test_both_sides_and_the_trace_stand_beside_the_page(client: TestClient, made_up_files: dict[str, str]) -> None:
    assert "It asks, but doesn’t answer." in client.get("/question").text
    found = client.post("/trace", data={"text": made_up_files["linux/kernel/sched.c"]})
    assert found.status_code == 200
    assert "form-action 'self'" in found.headers["content-security-policy"]
    assert "linux/kernel/sched.c</a>" in found.text
    for name in ("question", "trace"):
        assert client.get(f"/page/{name}.css").status_code == 200
        assert f'href=\\"{name}\\"' in client.get("/").text


def test_the_style_sheet(client: TestClient, settings: Settings) -> None:
    answer = client.get("/page/page.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.content == (settings.assets / "page" / "page.css").read_bytes()


@pytest.mark.parametrize("path", ["/page/../sealed/linux-1.0.sealed", "/page/%2e%2e/sealed/linux-1.0.sealed", "/page//etc/passwd"])
def test_nothing_outside_the_page_s_folder_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_whole_diff_is_a_row_a_line(client: TestClient, comparison: Comparison) -> None:
    answer = client.get("/emission/made-up/rows")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    rows = answer.text.split("\n")
    assert len(rows) == len(comparison.rows)
    assert "\n".join(rows) == render_rows(comparison.rows)
    assert all(row.startswith("<div") and row.endswith("</div>") for row in rows)
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in answer.text


@pytest.mark.parametrize("name", ["sched.c", "any.name"])
def test_the_text_is_a_file_to_save(client: TestClient, comparison: Comparison, name: str) -> None:
    answer = client.get(f"/emission/made-up/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == comparison.text.encode()


def test_bytes_that_are_no_text_come_back_as_they_were(client: TestClient, manifest: SealedManifest, results: Results) -> None:
    data = b"caf\xe9 \xff \xf0\x9f\x90\xa7"
    compared = compare_text(source_text(data), manifest.original(PATH))
    results.keep("bytes", result_of(compared))
    assert client.get("/emission/bytes/sched.c").content == data


@pytest.mark.parametrize("path", ["/emission/other/rows", "/emission/other/sched.c", "/emission/%3Cscript%3E/rows"])
def test_an_unknown_emission_says_what_to_do(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "This emission is no longer kept. Run it again."}


def test_no_event_of_the_page_is_an_endpoint(client: TestClient) -> None:
    answer = client.get("/gradio_api/info")
    assert answer.status_code == 200
    assert (set(answer.json()["named_endpoints"]), answer.json()["unnamed_endpoints"]) == ({"/emit", "/score", "/files"}, {})


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_routes_are_not_listed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_model_is_warmed_up_once_the_server_has_started(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[tuple[ModelChooser, Originals]] = []
    monkeypatch.setattr(server, "_warm_up", lambda chooser, originals, *_: warmed.append((chooser, originals)))
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
    opening = Opening()
    WARM_UP(chooser, originals, Services(originals, lambda name: chooser.get(name or "embedded").model), opening, {})
    first, *_, last = opening.updates
    assert (first["opening"], last["state"], first["fields"]["mode"]) == (True, "done", "Replay")
    assert all("address" not in update["fields"] and not update["download"] for update in opening.updates)
    assert {"_engine", "digest"} <= set(vars(chooser.current().model))
    assert originals.line == "The originals are sealed, as LAAM_ORIGINALS asks."


@pytest.mark.parametrize("path", [f"/share/{PATH}", f"/card/{PATH}.png", "/embed"])
def test_no_link_lets_the_server_fetch_a_model(client: TestClient, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(obtain_module, "fetch_model", lambda *_: pytest.fail("fetched"))
    answer = client.get(path, params={"path": PATH, "model": "published-32m"})
    assert answer.status_code == 404
    assert path.endswith(".png") or "is not here; what can be picked" in answer.text


def test_assets_that_can_not_be_used_are_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(SealedError):
        build_app(Settings(assets=tmp_path))
    with pytest.raises(ValueError, match="model 'no thing'"):
        build_app(Settings(assets=settings.assets, model="no thing"))


def test_the_web_component_is_served_to_other_sites(client: TestClient) -> None:
    answer = client.get("/gradio.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.text == web_component()
    assert "index" in answer.text
