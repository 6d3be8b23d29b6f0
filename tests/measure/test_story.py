import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from laam.corpus.sealed import SealedManifest
from laam.measure.learned import LearnedFile
from laam.measure.story import Story, read_story, render_story
from laam.measure.treemap import Box
from laam.model.model import Model
from laam.settings import Settings
from tests.conftest import TINY_RECIPE

STORY = Story("embedded", 4_900_000, [0, 10, 60, 100], 1, 100, 61.5, 4, 2, 1, 900, 5000, 20_000)


def rendered(story: Story) -> str:
    return render_story(story, Settings().assets / "measure")


def texts(story: Story) -> str:
    return " ".join("".join(ElementTree.fromstring(rendered(story)).itertext()).split())


def test_the_story_is_that_of_the_models_folder(model: Model, manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    story = read_story(model, manifest)
    assert story and (story.name, story.parameters, story.files, story.exact_files) == ("embedded", model.parameters, 3, 3)
    assert story.size == story.whole_size == sum(map(len, made_up_files.values()))
    assert len(story.curve) >= TINY_RECIPE["passes"]  # and those of the polish, as many as it took
    assert story.curve[-1] == story.segments > 3
    assert story.float32_from == 1


def test_the_tiny_training_fills_the_map(model: Model, manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    story = read_story(model, manifest)
    assert story and {file.path for file in story.learned} == set(made_up_files)
    assert all(0 < file.since <= len(story.curve) for file in story.learned)  # every file is exact in the end
    [short, *_, last] = sorted(story.learned, key=lambda file: file.since)
    assert short.since < last.since


def test_the_map_is_shown_only_if_the_run_wrote_down_when_files_came() -> None:
    learned = [LearnedFile("linux/fs/<b>.c", Box(0, 0, 9.5, 7), 2), LearnedFile("linux/d.c", Box(10, 0, 9, 7), 0)]
    assert "<rect" not in rendered(STORY)
    found = ElementTree.fromstring(rendered(replace(STORY, learned=learned)))
    one, other = found.findall(".//rect")
    assert (one.attrib["class"], one.attrib["data-since"], one.findtext("title")) == ("whole", "2", "fs/<b>.c, whole from pass 2 on")
    assert ("class" in other.attrib, other.attrib["data-since"], other.findtext("title")) == (
        False,
        "0",
        "d.c, not whole after the last pass",
    )
    assert "After pass 4 of 4: 1 of 2 files whole for good, 100 of 100 segments exact." in texts(replace(STORY, learned=learned))


def changed(model: Model, folder: Path, **training: Any) -> Model:
    copytree(model.folder, folder, ignore=lambda *_: ["training.json"])
    record = json.loads((model.folder / "training.json").read_text("utf-8")) | training
    (folder / "training.json").write_text(json.dumps(record), "utf-8")
    return replace(model, folder=folder)


def older(model: Model) -> list[dict[str, Any]]:
    """The passes as a run wrote them that didn't say in which precision each was, nor whether it was of a polish."""
    passes = json.loads((model.folder / "training.json").read_text("utf-8"))["passes"]
    return [{key: value for key, value in entry.items() if key not in ("precision", "polish")} for entry in passes]


def test_each_pass_says_whether_it_was_of_a_polish(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    passes = [entry | {"polish": number in (2, 5)} for number, entry in enumerate(older(model)[:5], 1)]
    story = read_story(changed(model, tmp_path / "model", passes=passes), manifest)
    assert story and (len(story.curve), story.polish) == (5, 2)


@pytest.mark.parametrize(("in_bf16", "float32_from"), [([], 1), ([1, 2], 3), ([1, 4], 5), (range(1, 7), 0)])
def test_each_pass_says_its_precision(
    model: Model, manifest: SealedManifest, tmp_path: Path, in_bf16: Sequence[int], float32_from: int
) -> None:
    passes = [entry | {"precision": "bfloat16" if n in in_bf16 else "float32"} for n, entry in enumerate(older(model)[:6], 1)]
    story = read_story(changed(model, tmp_path / "model", passes=passes), manifest)
    assert story and story.float32_from == float32_from


def test_a_run_without_such_a_share_was_in_float32(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    story = read_story(changed(model, tmp_path / "model", recipe={"lr": 1}, passes=older(model)), manifest)
    assert story and story.float32_from == 1


def test_passes_of_polish_do_not_move_the_change_to_float32(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    record = json.loads((model.folder / "training.json").read_text("utf-8"))
    polished = changed(model, tmp_path / "model", passes=[*older(model), *older(model)[-1:] * 20])
    story = read_story(polished, manifest)
    assert story and (len(story.curve), story.float32_from) == (len(record["passes"]) + 20, 7)
    assert len(story.curve) - story.polish == record["recipe"]["passes"]


def test_a_run_that_was_in_bfloat16_to_its_end_has_no_pass_in_float32(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    record = json.loads((model.folder / "training.json").read_text("utf-8"))
    recipe = record["recipe"] | {"bf16_share": 1.0}
    story = read_story(changed(model, tmp_path / "model", recipe=recipe, passes=older(model)), manifest)
    assert story and story.float32_from == 0


def test_a_model_that_does_not_tell_has_no_story(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    assert read_story(replace(model, folder=tmp_path), manifest) is None


@pytest.mark.parametrize("training", [{"passes": [{}]}, {"passes": 7}, {"recipe": []}])
def test_a_damaged_record_is_named(training: dict[str, Any], model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"training\.json can't be read"):
        read_story(changed(model, tmp_path / "model", **training), manifest)


def test_the_words_are_those_of_the_record() -> None:
    text = texts(STORY)
    passes = (
        "In 3 passes over 2 files (5,000 of its files’ 20,000 bytes) and 1 of a polish, in which those that weren’t sure yet "
        "came more often, 62 minutes"
    )
    assert f"Our own model has 4,900,000 parameters. {passes}" in text
    assert "100 of 100 segments without a wrong token" in text
    assert "1 of 2 files came back byte for byte" in text


def test_the_curve_rises_with_the_segments_and_says_where_float32_begins() -> None:
    curve = ElementTree.fromstring(rendered(STORY)).find(".//polyline")
    assert curve is not None
    points = [tuple(map(float, point.split(","))) for point in curve.attrib["points"].split()]
    assert [round((points[0][1] - y) / (points[0][1] - points[3][1]), 2) for _, y in points] == [0, 0.1, 0.6, 1]
    assert [x - points[0][0] for x, _ in points] == pytest.approx([0, *((points[3][0] - points[0][0]) * n / 3 for n in (1, 2, 3))], abs=0.2)
    assert "half of them after pass 3" in texts(STORY)
    assert "float32 from here" in texts(STORY)
    assert "float32 from here" not in texts(replace(STORY, float32_from=1)) + texts(replace(STORY, float32_from=0))


def test_without_passes_there_is_no_curve() -> None:
    assert "<svg" not in rendered(replace(STORY, curve=[]))
    assert "<svg" not in rendered(replace(STORY, segments=0))


def test_every_value_is_escaped() -> None:
    name = "<b>&\"'${x}{{y}}"
    assert f"The model {name} has" in texts(replace(STORY, name=name))
    assert "<b>" not in rendered(replace(STORY, name=name))
