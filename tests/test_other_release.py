"""Another release, from its tarball to the page: sealed, learned, emitted and scored, under its own name."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from laam.__main__ import main
from laam.corpus.originals import Originals
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.model.model import Model, open_model
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.settings import MANIFEST, Settings
from laam.share.pages import preview
from tests.conftest import TINY_RECIPE
from tests.corpus.fake_mirror import release_bytes
from tests.exhibit.conftest import built
from tests.reading import events

TITLE, SOURCE = "Toy 0.1, 1 April 1999", "https://www.toy.example/pub/v0/toy-0.1.tar.gz"
TEXT = "int spout(void)\n{\n\treturn 41;\n}\n"
PASSES = 30  # two short files are learned in fewer
OLD_NAME = re.compile(r"linux[ -]1\.0", re.IGNORECASE)

Run = Callable[..., int]


@pytest.fixture(scope="module")
def toy(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings that show the made-up release, sealed beside the shipped one, with a model that learned it."""
    folder = tmp_path_factory.mktemp("toy")
    tarball = folder / "toy-0.1.tar.gz"
    tree = {"teapot/spout.c": TEXT.encode(), "teapot/lid.h": b"#define LID 1\n", "COPYING": b"made-up terms\n"}
    tarball.write_bytes(release_bytes(tarball.name, {f"toy-0.1/{name}": data for name, data in tree.items()}))
    mine = folder / "assets"
    mine.mkdir()
    (mine / MANIFEST).symlink_to(assets / MANIFEST)
    for name in ("page", "share", "measure", "engine", "live", "model"):
        (mine / name).symlink_to(assets / name)
    settings = Settings(assets=mine, cache=folder / "cache", originals="sealed", release="toy-0.1", model=str(folder / "run" / "model"))
    sealed = ["--exclude", "COPYING", "--out", str(mine / "sealed" / "toy-0.1.sealed")]
    assert main(["seal", str(tarball), "--title", TITLE, "--source", SOURCE, *sealed], settings) == 0
    recipe = [f"--{name.replace('_', '-')}={value}" for name, value in {**TINY_RECIPE, "passes": PASSES}.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAAM_CACHE", str(folder / "cache"))
        arguments = ["--source", str(tarball), "--out", str(folder / "run"), "--processes", "1", "--no-compile"]
        assert main(["train", *arguments, *recipe], settings) == 0
    return settings


@pytest.fixture(scope="module")
def toy_model(toy: Settings) -> Model:
    return open_model(toy.model, toy)


@pytest.fixture(scope="module")
def services(toy: Settings, toy_model: Model) -> Services:
    return Services(Originals(SealedManifest.open(toy.manifest_file), "sealed", toy.cache), lambda _: toy_model)


def test_it_is_emitted_and_scored(toy: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["emit", "toy-0.1/teapot/spout.c"], toy) == 0
    out, said = capfd.readouterr()
    assert out == TEXT
    assert "reproduced 100 %" in said
    file = tmp_path / "spout.c"
    file.write_text(out, "utf-8")
    assert main(["score", "spout.c", "--file", str(file), "--json"], toy) == 0
    assert json.loads(capfd.readouterr().out)["score"]["sha256_identical"] is True


def test_the_shipped_release_is_still_the_one_that_is_shown_by_itself(toy: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", "--json"], replace(toy, release=Settings().release)) == 0
    assert json.loads(capfd.readouterr().out)["title"] == SHIPPED.heading
    assert main(["corpus", "--json"], toy) == 0
    assert json.loads(capfd.readouterr().out)["title"] == TITLE


@pytest.fixture(scope="module")
def exhibit(toy: Settings) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("laam.exhibit.server._warm_up", lambda *_: None)
        with TestClient(built(replace(toy, record=False))) as client:
            yield client


@pytest.mark.parametrize("page", ["/", "/map", "/lab", "/api", "/trace", "/share/spout.c", "/embed?path=spout.c", "/state.json"])
def test_every_page_says_its_name(exhibit: TestClient, page: str) -> None:
    answer = exhibit.get(page)
    assert answer.status_code == 200
    assert "Toy 0.1" in answer.text
    assert not OLD_NAME.findall(answer.text)
    assert "Torvalds" not in answer.text  # whose work it is, and under which licence, nobody has said


def test_what_is_written_and_refused_is_of_it(exhibit: TestClient, services: Services) -> None:
    *_, (_, last) = events(exhibit.get("/stream?path=spout.c").text)
    assert last["fields"]["sha256"] == "sha256 identical ✓"
    assert last["fields"]["right_title"].startswith(TITLE.partition(",")[0])
    [(_, answer)] = events(exhibit.get("/stream?path=COPYING").text)
    assert answer["refused"] == "Toy 0.1 has no COPYING. Try"  # what a model of somebody else's files never saw, nobody knows
    summary = Summaries(services).find(Ask("spout.c"))
    words = preview(summary, "https://exhibit.example")["description"]
    assert TITLE in words and "100 %" in words
    assert not OLD_NAME.search(words + json.dumps(last))


def test_the_model_card_says_what_the_model_was_trained_on(toy: Settings) -> None:
    card = (Path(toy.model) / "README.md").read_text("utf-8")
    assert "emits files of Toy 0.1 (1 April 1999)" in card
    assert not OLD_NAME.search(card)


def test_a_model_of_another_release_did_not_learn_its_files(model: Model, toy_model: Model, services: Services) -> None:
    file = services.catalog.find("spout.c")
    assert toy_model.learned(file)
    assert not model.learned(file)
    assert not toy_model.learned(replace(file, sha256="0" * 64))


def test_nothing_but_its_record_says_the_name_of_a_release() -> None:
    root = Settings().assets.parent
    files = [*root.glob("laam/**/*.py"), *(file for kind in ("html", "js") for file in root.glob(f"assets/*/*.{kind}"))]
    naming = {file.relative_to(root).as_posix() for file in files if OLD_NAME.search(file.read_text("utf-8"))}
    assert naming == {"laam/corpus/releases.py", "laam/corpus/linux_1_0_licences.py"}
