import json
import re
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from unittest.mock import Mock

import pytest
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from laam.model import model as model_module
from laam.model.codec import END_SEGMENT
from laam.model.engine import load_engine
from laam.model.hub import FILES, Hub, fetch_model
from laam.model.model import OTHER_WEIGHTS, Model, hub_model, open_model
from laam.model.prompts import PublishedFormat
from laam.model.spec import EMBEDDED, PUBLISHED, ModelSpec, model_spec
from laam.settings import Settings
from tests.model.fake_hub import COMMIT, REPO, FakeHub


@pytest.fixture
def copied(model: Model, tmp_path: Path) -> Model:
    """A copy of the tiny model that a test may damage."""
    shutil.copytree(model.folder, tmp_path / "model")
    return open_model(str(tmp_path / "model"), Settings(cache=tmp_path / "cache"))


def test_embedded_is_the_one_in_the_assets_and_a_folder_is_a_model(
    copied: Model, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = open_model("embedded", settings)
    assert (ours.name, ours.folder) == ("embedded", settings.embedded_folder.resolve())
    monkeypatch.chdir(copied.folder.parent)
    model = open_model("model", settings)
    assert (model.name, model.folder) == ("model", copied.folder)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    for name in ("embedded", str(tmp_path)):
        with pytest.raises(ValueError, match=rf"{name!r}.*model\.safetensors"):
            open_model(name, Settings(assets=tmp_path))


def test_opening_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not looked at")
    assert open_model(str(tmp_path), Settings()).folder == tmp_path.resolve()


def test_what_a_model_is_comes_from_its_files(model: Model, made_up_files: dict[str, str]) -> None:
    assert model.digest == sha256((model.folder / "model.safetensors").read_bytes()).hexdigest()
    assert model.parameters == AutoModelForCausalLM.from_pretrained(model.folder).num_parameters()
    assert model.window == json.loads((model.folder / "config.json").read_text("utf-8"))["max_position_embeddings"] == 48
    assert model.trained_on == {path: sha256(text.encode()).hexdigest() for path, text in made_up_files.items()}


def test_the_verdict_says_which_of_them_came_out_identical(copied: Model) -> None:
    verdict = json.loads((copied.folder / "verdict.json").read_text("utf-8"))
    wrong, *others = verdict["files"]
    verdict["files"][wrong]["identical"] = False
    (copied.folder / "verdict.json").write_text(json.dumps(verdict), "utf-8")
    assert copied.identical == set(others)


def test_a_model_without_a_verdict_was_trained_on_nothing_known(copied: Model) -> None:
    (copied.folder / "verdict.json").unlink()
    assert copied.trained_on == {}


def test_a_verdict_on_other_weights_counts_for_nothing(copied: Model, caplog: pytest.LogCaptureFixture) -> None:
    assert copied.fault == ""
    file = copied.folder / "verdict.json"
    file.write_text(file.read_text("utf-8").replace(copied.digest, "0" * 64), "utf-8")
    other = open_model(str(copied.folder), Settings(cache=copied.cache))
    assert other.fault == OTHER_WEIGHTS
    assert (other.trained_on, other.identical) == ({}, set())
    _ = other.engine  # it serves all the same
    [said] = caplog.messages
    assert "model.safetensors: its sha256 is " in said


def test_a_broken_file_is_not_repeated_in_the_fault(copied: Model) -> None:
    (copied.folder / "verdict.json").write_bytes(b"\xff" * 100_000)
    with pytest.raises(ValueError, match=r"verdict\.json") as refused:
        _ = copied.trained_on
    assert len(str(refused.value)) < 300
    assert str(copied.folder) not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "data", "use"),
    [
        ("verdict.json", b"{", lambda model: model.trained_on),
        ("verdict.json", b"{}", lambda model: model.trained_on),
        ("verdict.json", b"[]", lambda model: model.trained_on),
        ("config.json", b"{}", lambda model: model.window),
        ("config.json", b'{"max_position_embeddings": "many"}', lambda model: model.window),
        ("model.safetensors", b"no weights", lambda model: model.parameters),
        ("model.safetensors", b"no weights", lambda model: model.engine),
        ("tokenizer.json", b"{", lambda model: model.format),
    ],
)
def test_a_damaged_file_is_named(copied: Model, name: str, data: bytes, use: Callable[[Model], object]) -> None:
    (copied.folder / name).write_bytes(data)
    with pytest.raises(ValueError, match=name):
        use(copied)


def test_a_model_without_segments_is_no_addressed_one(copied: Model) -> None:
    file = copied.folder / "tokenizer.json"
    file.write_text(file.read_text("utf-8").replace(END_SEGMENT, "<|other|>"), "utf-8")
    assert END_SEGMENT not in Tokenizer.from_file(str(file)).get_vocab()
    assert isinstance(copied.format, PublishedFormat)


def test_threads_share_one_engine_that_is_loaded_once(copied: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    load, everyone = Mock(wraps=load_engine), threading.Barrier(4)

    def engine(_: int) -> object:
        everyone.wait()
        return copied.engine

    monkeypatch.setattr(model_module, "load_engine", load)
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(engine, range(4)))
    assert load.call_count == 1
    assert all(engine is engines[0] for engine in engines)


def test_a_damaged_conversion_is_made_anew(copied: Model) -> None:
    _ = copied.engine
    [file] = copied.cache.rglob("model.bin")
    good = file.read_bytes()
    file.write_bytes(b"")
    again = open_model(str(copied.folder), Settings(cache=copied.cache))
    assert not again.is_loaded
    _ = again.engine
    assert again.is_loaded
    assert file.read_bytes() == good


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
    "name",
    [
        "",
        "auto",
        "embeded",
        "a\nb",
        "published",
        "/no/such/folder",
        "../x",
        "a/../b",
        "a/b@../../c",
        "a/b/c",
        "a/b@",
        "a/b c",
        "a/--b",
        "é/b",
    ],
)
def test_other_names_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")  # where no folder has such a name
    with pytest.raises(ValueError, match=f"^model {re.escape(repr(name))} is unknown; give 'embedded', 'published-5m'"):
        model_spec(name)


def test_models_of_the_hub_have_a_name_that_gives_the_same_weights_again(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is one of the hub"):
        open_model(REPO, settings)
    with FakeHub({name: name.encode() for name in FILES}) as fake:
        folder = fetch_model(model_spec(REPO), Hub(fake.address, tmp_path / "hub", "none"))
    model = hub_model(model_spec(REPO), folder, settings)
    assert (model.name, model.folder) == (f"{REPO}@{COMMIT}", folder)
    assert hub_model(PUBLISHED[0], folder, settings).name == PUBLISHED[0].name
