import random
from dataclasses import replace
from pathlib import Path

import pytest

from laam.model.hub import FILES, Hub, fetch_model
from laam.model.spec import EMBEDDED, PUBLISHED, ModelSpec, model_spec
from laam.model.zoo import open_model
from laam.settings import Settings
from tests.model.fake_hub import COMMIT, REPO, FakeHub


@pytest.fixture
def shipped(tmp_path: Path) -> Settings:
    """An embedded model of random bytes: opening a model reads none of them."""
    folder = tmp_path / "assets" / "model"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(random.Random(2).randbytes(100))
    return Settings(assets=tmp_path / "assets", cache=tmp_path / "cache")


def test_names() -> None:
    assert model_spec("embedded") == EMBEDDED
    assert [model_spec(spec.name) for spec in PUBLISHED] == list(PUBLISHED)
    assert model_spec("somebody/tiny") == ModelSpec("somebody/tiny", repo="somebody/tiny", revision="main")
    assert model_spec("somebody/tiny@v1.0") == ModelSpec("somebody/tiny@v1.0", repo="somebody/tiny", revision="v1.0")
    assert model_spec("somebody/tiny@refs/pr/1").revision == "refs/pr/1"


def test_the_published_models_are_pinned() -> None:
    for spec in PUBLISHED:
        assert len(spec.revision) == 40 and len(spec.weights_sha256) == 64 and spec.repo.startswith("mjbommar/linux-as-a-model-")


def test_a_folder_comes_before_a_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert model_spec("somebody/tiny").repo
    (tmp_path / "somebody" / "tiny").mkdir(parents=True)
    assert model_spec("somebody/tiny") == ModelSpec("somebody/tiny", folder=Path("somebody/tiny"))


@pytest.mark.parametrize(
    "name", ["", "auto", "published", "/no/such/folder", "../x", "a/../b", "a/b@../../c", "a/b/c", "a/b@", "a/b c", "a/--b", "é/b"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is unknown; give 'embedded', 'published-5m'"):
        model_spec(name)


def test_local_models(shipped: Settings) -> None:
    model = open_model("embedded", shipped)
    assert (model.name, model.folder) == ("embedded", shipped.embedded_folder)
    name = str(shipped.embedded_folder)
    assert open_model(name, shipped).name == name


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no model\.safetensors"):
        open_model(str(tmp_path), Settings())


def test_models_of_the_hub_are_opened_from_the_cache(shipped: Settings, tmp_path: Path) -> None:
    with FakeHub({name: name.encode() for name in FILES}) as fake:
        hub = Hub(fake.address, tmp_path / "hub", "none", offline=False)
        with pytest.raises(ValueError, match="not in the cache yet"):
            open_model(REPO, shipped, hub)
        folder = fetch_model(model_spec(REPO), hub)
    model = open_model(REPO, shipped, replace(hub, offline=True))
    assert (model.name, model.folder) == (f"{REPO}@{COMMIT}", folder)
    assert open_model(model.name, shipped, hub).folder == folder
