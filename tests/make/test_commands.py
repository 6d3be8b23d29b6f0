"""A made-up corpus, from its folder to its page, by one command."""

import errno
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from unittest.mock import Mock

import pytest
from fastapi.testclient import TestClient
from huggingface_hub import SpaceCard

from laam.__main__ import main
from laam.corpus.exhibit_words import read_words
from laam.corpus.sealed import SealedManifest
from laam.measure.archives import read_archives, read_models
from laam.measure.atlas import read_atlases
from laam.publish.exhibit import plan_exhibit
from laam.settings import ASSETS, Settings, read_settings
from tests.conftest import TINY_RECIPE
from tests.corpus.made_up import write_tree
from tests.exhibit.conftest import built

POEMS = {
    "früh.txt": "Über den Dächern\nzählt die Amsel.\n".encode(),
    "夜/月.txt": "靜夜月明\n".encode(),
    "bild.png": b"\x89PNG\r\n\0",
    "leer.txt": b"",
}

Make = Callable[..., int]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def make(folder: Path) -> Make:
    """Gives the command `exhibit` of the poems, with a recipe that learns them in seconds; returns its exit code."""
    source = write_tree(folder / "Gedichte", POEMS)
    recipe = [f"--{name.replace('_', '-')}={value}" for name, value in {**TINY_RECIPE, "passes": 30}.items()]
    settings = Settings(cache=folder / "cache")

    def made(*arguments: str) -> int:
        given = ["exhibit", str(source), "--out", str(folder / "g.exhibit"), "--processes", "1", "--no-compile", *recipe, *arguments]
        return main(given, settings)

    return made


@pytest.fixture(scope="module")
def made(make: Make, folder: Path) -> Settings:
    """The settings that show the exhibit, once it is made: stopped before the map, and gone on with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAAM_CACHE", str(folder / "cache"))
        with pytest.MonkeyPatch.context() as stopped:
            stopped.setattr("laam.measure.survey.make_atlas", Mock(side_effect=KeyboardInterrupt))
            assert make() == 130
        patch.setattr("laam.train.run.train", Mock(side_effect=AssertionError))  # that is done
        assert make() == 0
    return read_settings({"LAAM_EXHIBIT": str(folder / "g.exhibit"), "LAAM_CACHE": str(folder / "cache"), "LAAM_RECORD": "off"})


def test_one_folder_holds_all_of_it(made: Settings) -> None:
    manifest = SealedManifest.open(made.manifest_file)
    assert list(manifest.catalog.files) == ["gedichte/früh.txt", "gedichte/夜/月.txt"]
    assert read_words(made.exhibit_folder / "exhibit.toml").title == "Gedichte"
    verdict = json.loads((made.embedded_folder / "verdict.json").read_text("utf-8"))
    assert all(file["identical"] for file in verdict["files"].values())
    [atlas] = read_atlases(made.exhibit_folder)
    [measured] = read_models(made.exhibit_folder, manifest)
    assert atlas.weights_sha256 == measured.weights_sha256 == verdict["model_sha256"]
    assert read_archives(made.exhibit_folder, manifest) is not None
    assert "Gedichte" in (made.exhibit_folder / "NOTICE").read_text("utf-8")
    assert not (made.exhibit_folder / "work").exists()


def test_its_page_opens(made: Settings) -> None:
    with TestClient(built(made)) as client:
        for page in ("/", "/map", "/lab"):
            answer = client.get(page)
            assert answer.status_code == 200
            assert "Gedichte" in answer.text


def test_it_is_what_goes_to_a_space(made: Settings) -> None:
    plan = plan_exhibit(ASSETS.parent, "someone/gedichte", made, SealedManifest.open(made.manifest_file))
    assert plan.problems == []
    own = {"manifest.sealed", "exhibit.toml", "model/model.safetensors", "atlas/embedded.json", "lab/archives.json", "lab/embedded.json"}
    assert {name: plan.files[f"assets/{name}"] for name in own} == {name: made.exhibit_folder / name for name in own}
    card, notice = (str(plan.files[name], "utf-8") for name in ("README.md", "NOTICE"))  # type: ignore[arg-type]
    assert SpaceCard(card).data.to_dict()["title"] == "Gedichte as a Model"  # type: ignore[no-untyped-call]  # the hub has no types for it
    assert "2 of 2 come back byte for byte" in card
    for text in (card, notice):
        assert "Gedichte" in text
        assert not re.search("linux|torvalds|kernel", text, re.IGNORECASE)
    assert not {"assets/page.png", "assets/own.png"} & set(plan.files)
    assert {"app.py", "requirements.txt", "LICENSE", "laam/settings.py", "assets/page/index.html"} <= set(plan.files)


def test_the_end_says_what_came_of_it_and_what_to_do_next(made: Settings, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert make() == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].endswith("g.exhibit: 2 of 2 files come back byte for byte")
    assert f"python app.py {made.exhibit_folder}" in out[1]
    assert f"publish space USER/NAME --exhibit {made.exhibit_folder}" in out[2]


def test_the_words_that_a_person_changed_stay(made: Settings, make: Make) -> None:
    words = made.exhibit_folder / "exhibit.toml"
    before = words.read_text("utf-8")
    words.write_text(f'{before}noun = "book"\n', "utf-8")
    assert make() == 0
    assert read_words(words).noun == "book"
    words.write_text(before, "utf-8")


def test_an_exhibit_of_other_files_is_left_alone(made: Settings, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert make("--exclude", "夜/") == 2
    assert "is an exhibit of other files; give another --out" in capsys.readouterr().err
    assert len(SealedManifest.open(made.manifest_file).catalog) == 2


def test_a_folder_called_work_that_no_training_left_stays(make: Make, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = write_tree(folder / "home", {"work/mine.txt": b"mine\n"}) / "work" / "mine.txt"
    assert make("--out", str(folder / "home")) == 2
    assert "work is something else, and would be deleted; give another place" in capsys.readouterr().err
    assert [file for file in (folder / "home").rglob("*") if file.is_file()] == [kept]


def test_a_model_that_is_trained_already_is_proven_and_shown(
    made: Settings, make: Make, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laam.train.run.train", Mock(side_effect=AssertionError))
    given, out = copytree(made.embedded_folder, folder / "given"), folder / "again.exhibit"
    verdict = given / "verdict.json"  # whatever it says, the model is proven here
    verdict.write_text(verdict.read_text("utf-8").replace('"identical": true', '"identical": false'), "utf-8")
    assert make("--out", str(out), "--model", str(given), "--no-lab") == 0
    assert "2 of 2 files come back byte for byte" in capsys.readouterr().out and not (out / "work").exists()
    assert (out / "model" / "verdict.json").read_text("utf-8") == (made.embedded_folder / "verdict.json").read_text("utf-8")
    assert make("--model", str(given), "--exclude", "夜/", "--out", str(folder / "other.exhibit")) == 2
    assert "its verdict is on other files than these" in capsys.readouterr().err
    weights = given / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-2] + b"\1\1")
    assert make("--model", str(given), "--out", str(out)) == 2
    assert "is another model than --model" in capsys.readouterr().err


def test_an_exhibit_is_a_folder_whatever_its_name(
    make: Make, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laam.make.commands.train_files", Mock(side_effect=ValueError("far enough")))
    assert make("--out", str(folder / "g.sealed")) == 2
    assert "far enough" in capsys.readouterr().err
    assert {file.name for file in (folder / "g.sealed").iterdir()} == {"exhibit.toml", "manifest.sealed", "NOTICE"}


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({}, "holds no files"),
        ({"a.png": b"\x89PNG\0", "b": b"\0"}, "none of its 2 files is text"),
        ({"a.txt": b""}, "none of its 1 files is text"),
    ],
)
def test_a_bad_source_gives_one_sentence_and_leaves_nothing(
    tmp_path: Path, tree: dict[str, bytes], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source").mkdir()
    assert main(["exhibit", str(write_tree(tmp_path / "source", tree)), "--out", str(tmp_path / "x.exhibit")], Settings()) == 2
    [_, sentence] = capsys.readouterr().err.splitlines()
    assert said in sentence
    assert not (tmp_path / "x.exhibit").exists()


def test_a_place_that_can_t_be_written_gives_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_tree(tmp_path / "source", {"a.txt": b"a\n"})
    with monkeypatch.context() as patch:  # the tests may run as root, whom no mode stops
        patch.setattr(os, "access", lambda *_: False)
        assert main(["exhibit", str(source), "--out", str(tmp_path / "x.exhibit")], Settings()) == 2
        assert capsys.readouterr().err == f"error: --out {tmp_path}/x.exhibit: nothing can be written in {tmp_path}; give another place\n"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "mkdir", Mock(side_effect=PermissionError(errno.EACCES, "Permission denied")))
    assert main(["exhibit", "source"], Settings()) == 2
    assert "error: --out source.exhibit: can't be written: Permission denied; choose another place" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["source"]
