"""The atlases that go up with a Space, made of a tiny published model that a hub on this machine gives."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.measure.atlas import read_atlas, write_atlas
from laam.model import model as model_module
from laam.model import obtain
from laam.model import spec as spec_module
from laam.model.hub import Hub
from laam.model.model import Model
from laam.model.spec import PUBLISHED, ModelSpec
from laam.publish import atlases
from laam.publish import commands as commands_module
from laam.publish.atlases import make_missing, published_atlases
from laam.publish.plan import Plan
from laam.settings import Settings
from tests.model.fake_hub import COMMIT, REPO, FakeHub

NAME = PUBLISHED[0].name


@pytest.fixture
def spec(published: Model) -> ModelSpec:
    return replace(PUBLISHED[0], repo=REPO, revision=COMMIT, weights_sha256=published.digest)


@pytest.fixture
def own(settings: Settings, tmp_path: Path, spec: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with assets that may be written to, of an exhibit whose one published model is the tiny one."""
    for module in (atlases, obtain, model_module):
        monkeypatch.setattr(module, "PUBLISHED", (spec,))
    monkeypatch.setitem(spec_module.NAMED, NAME, spec)
    (tmp_path / "assets").mkdir()
    for part in settings.assets.iterdir():
        if part.name != "atlas":
            (tmp_path / "assets" / part.name).symlink_to(part)
    return replace(settings, assets=tmp_path / "assets", cache=tmp_path / "cache")


@pytest.mark.usefixtures("library_pauses")
def test_a_missing_atlas_is_made_of_the_model_that_the_hub_gives(
    own: Settings, manifest: SealedManifest, published: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(sentence: str) -> bool:
        asked.append(sentence)
        return False

    with FakeHub({file.name: file.read_bytes() for file in published.folder.iterdir()}) as fake:
        monkeypatch.setattr(obtain, "Hub", lambda offline: Hub(fake.address, tmp_path / "hub", offline=offline))
        make_missing(own, manifest, refuse)
        assert (published_atlases(own, manifest), fake.requests) == ({}, [])  # nobody agreed
        make_missing(own, manifest, lambda sentence: True)
        made = published_atlases(own, manifest)
        assert list(made) == [f"assets/atlas/{NAME}.json"]
        make_missing(own, manifest, refuse)
    assert len(asked) == 1  # it is there now
    assert f"{NAME} has no atlas" in asked[0]
    atlas = read_atlas(*made.values())
    assert (atlas.model, atlas.weights_sha256) == (NAME, published.digest)
    assert {row.path for row in atlas.rows} == set(manifest.catalog.files)


def test_an_atlas_of_other_weights_or_of_half_the_files_is_not_published(
    own: Settings, manifest: SealedManifest, spec: ModelSpec, settings: Settings
) -> None:
    shipped = read_atlas(Settings().assets / "atlas" / "embedded.json")
    file = own.assets / "atlas" / f"{NAME}.json"
    rows = [replace(shipped.rows[0], path=path) for path in manifest.catalog.files]
    good = replace(shipped, weights_sha256=spec.weights_sha256, tree=manifest.tree_sha256, rows=rows)
    for atlas, holds in ((good, True), (replace(good, rows=rows[1:]), False), (replace(good, weights_sha256="0" * 64), False)):
        write_atlas(atlas, file)
        assert bool(published_atlases(own, manifest)) is holds


def test_a_script_says_yes_beforehand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(ValueError, match=r"some minutes\. Nobody is here to be asked; give --yes"):
        commands_module._agreed("It takes some minutes.")
    said: list[bool] = []
    monkeypatch.setattr("laam.publish.plan.plan_space", lambda *_: Plan("someone/exhibit", "space", {}, []))
    monkeypatch.setattr("laam.publish.upload.check_token", lambda: None)
    monkeypatch.setattr("laam.publish.upload.upload", lambda *_, **__: "done")
    monkeypatch.setattr("laam.publish.atlases.make_missing", lambda _, __, agreed: said.append(agreed("Shall it?")))
    assert main(["publish", "space", "someone/exhibit", "--yes"]) == 0
    assert said == [True]
    assert main(["publish", "space", "someone/exhibit"]) == 2
    assert "Shall it? Nobody is here" in capsys.readouterr().err
