import json
from dataclasses import replace
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.corpus.archive import read_tree
from laam.corpus.sealed import SealedManifest
from laam.measure.archives import (
    ARCHIVES,
    TRAINED,
    UNTRAINED,
    Archives,
    Coding,
    ModelInBytes,
    lab_file,
    read_archives,
    read_models,
    write_archives,
    write_model,
)
from laam.measure.code_length import CodeLength
from laam.measure.packed_weights import PRECISIONS, Packed
from laam.measure.packing import ORDERS, PERCENTS, Step, pack_steps
from laam.settings import Settings

MANIFEST = SealedManifest.open(Settings().manifest_file)
ARCHIVED = Archives(
    MANIFEST.tree_sha256, 2, 500, 7, {order: [Step(0, 2, 500, 10240, 300, 280), Step(100, 0, 0, 10240, 45, 108)] for order in ORDERS}
)
CODED = Coding([CodeLength("linux/<a>.c", 300, 150, 12.25, 0), CodeLength("linux/b.c", 200, 90, 801.5, 3)], 300, 280)
MEASURED = ModelInBytes(
    "<toy>", "ab" * 32, MANIFEST.tree_sha256, 1000, 7, {name: Packed(4000, 3900) for name in PRECISIONS}, {TRAINED: CODED}
)


def test_what_was_measured_comes_back_from_its_files(tmp_path: Path) -> None:
    write_archives(ARCHIVED, tmp_path / "lab" / ARCHIVES)
    write_model(MEASURED, lab_file(tmp_path, MEASURED.model))
    assert read_archives(tmp_path, MANIFEST) == ARCHIVED
    assert read_models(tmp_path, MANIFEST) == [MEASURED]
    assert (CODED.bytes, CODED.bits, CODED.coded, CODED.exact) == (500, 813.75, 2 + 101, 1)


def test_measures_of_another_release_are_not_shown(tmp_path: Path) -> None:
    write_archives(replace(ARCHIVED, tree="other"), tmp_path / "lab" / ARCHIVES)
    write_model(replace(MEASURED, tree="other"), lab_file(tmp_path, MEASURED.model))
    assert read_archives(tmp_path, MANIFEST) is None
    assert read_models(tmp_path, MANIFEST) == []
    assert read_archives(tmp_path / "none", MANIFEST) is None


@pytest.mark.parametrize(
    "change", [{"version": 3}, {"format": "laam-lab-archives-3"}, {"columns": []}, {"steps": {"smallest": [[1]]}}, {"mood": 1}]
)
def test_a_file_that_holds_no_measures_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    file = tmp_path / "lab" / ARCHIVES
    write_archives(ARCHIVED, file)
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(ValueError, match=r"archives\.json: not readable measures .*make them again with"):
        read_archives(tmp_path, MANIFEST)


def test_the_command_measures_both_parts(settings: Settings, tarball: Path, made_up_files: dict[str, str], tmp_path: Path) -> None:
    assert main(["lab", "--source", str(tarball), "--out", str(tmp_path / "lab")], settings) == 0
    manifest = SealedManifest.open(settings.manifest_file)
    archives, [measured] = read_archives(tmp_path, manifest), read_models(tmp_path, manifest)
    assert archives is not None
    assert {order: [step.percent for step in steps] for order, steps in archives.steps.items()} == {key: list(PERCENTS) for key in ORDERS}
    assert (archives.files, archives.characters) == (3, sum(map(len, made_up_files.values())))
    assert list(measured.codings) == [TRAINED, UNTRAINED]  # every made-up file was trained on, and there is nothing else in the tree
    assert measured.codings[TRAINED].exact == 3


def test_a_tree_of_another_release_is_refused(tarball: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["lab", "--source", str(tarball), "--out", str(tmp_path)]) == 2
    assert "is not in it; give Linux 1.0 as it was released" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_steps_are_those_of_the_tree(tarball: Path) -> None:
    tree = read_tree(tarball)
    assert [step.files for step in pack_steps(tree, "largest", 7, (0, 40, 100))] == [3, 2, 0]
