"""The upload, against a hub that speaks the commit protocol."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import HfApi, _commit_api

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.publish import upload as upload_module
from laam.publish.plan import Plan, plan_model
from laam.publish.upload import upload
from laam.settings import ASSETS, Settings
from tests.corpus.made_up import write_tree
from tests.publish.commit_hub import COMMIT, TOKEN, CommitHub

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # of httpx, at the hub's own library


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[CommitHub]:
    # The hub's newer storage needs servers of its own; without it, large files go by git-lfs.
    monkeypatch.setattr(_commit_api, "is_xet_available", lambda: False)
    with CommitHub({"old.txt": b"from an earlier commit", ".gitattributes": b"kept"}) as hub:
        yield hub


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    files = {"README.md": b"---\ntitle: T\n---\n", "laam/a.py": b"x = 1\n", "assets/model/model.safetensors": bytes(range(256)) * 999}
    write_tree(tmp_path, files)
    return Plan("someone/exhibit", "space", {name: tmp_path / name for name in files}, [])


def test_one_commit_makes_the_files_those_of_the_plan(hub: CommitHub, plan: Plan) -> None:
    address = upload(plan, api=HfApi(hub.address, token=TOKEN))
    assert address == f"{hub.address}/spaces/someone/exhibit/commit/{COMMIT}"
    assert hub.files == {".gitattributes": b"kept"} | {name: Path(str(file)).read_bytes() for name, file in plan.files.items()}
    assert len(hub.commits) == 1
    [created] = hub.created
    assert (created["type"], created["sdk"], created["name"], created["organization"]) == ("space", "gradio", "exhibit", "someone")
    assert any("/preupload/main" in asked for asked in hub.asked)
    assert any("/lfs/" in asked for asked in hub.asked)


def test_what_was_made_for_the_space_goes_up_as_well(hub: CommitHub) -> None:
    upload(Plan("someone/exhibit", "space", {"requirements.txt": b"gradio==6.31.0\n"}, []), api=HfApi(hub.address, token=TOKEN))
    assert hub.files["requirements.txt"] == b"gradio==6.31.0\n"


def test_a_site_becomes_a_static_space(hub: CommitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "index.html": b"<p>",
        "README.md": b"---\ntitle: x\nsdk: static\n---\n",
        "NOTICE": b"x",
        "LICENSE": b"x",
        "engine/engine.wasm": b"\0asm",
    }
    write_tree(tmp_path, files)
    monkeypatch.setattr(upload_module, "HfApi", lambda: HfApi(hub.address, token=TOKEN))
    assert main(["publish", "space", "someone/twin", "--static", str(tmp_path)]) == 0
    assert hub.created[0]["sdk"] == "static"
    assert hub.files == {".gitattributes": b"kept"} | files


def test_a_model_s_repository_may_be_private(hub: CommitHub, linux: SealedManifest) -> None:
    plan = plan_model(Settings().embedded_folder, ASSETS.parent, "someone/model", linux)
    upload(plan, private=True, api=HfApi(hub.address, token=TOKEN))
    assert hub.files["model.safetensors"] == (Settings().embedded_folder / "model.safetensors").read_bytes()
    assert "sdk" not in hub.created[0]
    assert hub.created[0].get("private", hub.created[0].get("visibility")) in (True, "private")


def test_what_the_hub_refuses_is_said(hub: CommitHub, plan: Plan) -> None:
    hub.refusal = (403, "you may not write here")
    with pytest.raises(ValueError, match=r"someone/exhibit: the hub refused: [^|]*you may not write here"):
        upload(plan, api=HfApi(hub.address, token=TOKEN))
    with pytest.raises(ValueError, match="the hub refused"):
        upload(plan, api=HfApi(hub.address, token="hf_another"))
    assert "old.txt" in hub.files


def test_a_plan_with_problems_is_not_uploaded(hub: CommitHub, plan: Plan) -> None:
    with pytest.raises(ValueError, match="x: missing"):
        upload(Plan(plan.repo, plan.repo_type, plan.files, ["x: missing"]), api=HfApi(hub.address, token=TOKEN))
    assert hub.asked == []


def test_without_a_token_nothing_is_asked(hub: CommitHub, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_module, "get_token", lambda: None)
    with pytest.raises(ValueError, match="hf auth login"):
        upload(plan, api=HfApi(hub.address))
    assert hub.asked == []


def test_the_command_shows_what_it_uploads(
    hub: CommitHub, plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("laam.publish.plan.plan_space", lambda *_: plan)
    monkeypatch.setattr("laam.publish.atlases.make_missing", lambda *_: None)
    monkeypatch.setattr(upload_module, "HfApi", lambda: HfApi(hub.address, token=TOKEN))
    assert main(["publish", "space", "someone/exhibit", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "255,744  assets/model/model.safetensors" in shown
    assert "in 3 files, for the space someone/exhibit" in shown
    assert hub.asked == []
    assert main(["publish", "space", "someone/exhibit"]) == 0
    assert capsys.readouterr().out.endswith(f"/commit/{COMMIT}\n")
    faulty = Plan(plan.repo, plan.repo_type, plan.files, ["x: missing"])
    monkeypatch.setattr("laam.publish.plan.plan_space", lambda *_: faulty)
    assert main(["publish", "space", "someone/exhibit"]) == 1
    assert "problem: x: missing" in capsys.readouterr().out
