from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from laam.corpus.sealed import SealedManifest
from laam.emission.emit import Ended, emit_side_by_side
from laam.measure import groups, survey
from laam.measure.atlas import read_atlas
from laam.measure.controls import INVENTED, UNTRAINED
from laam.measure.groups import Group
from laam.measure.survey import make_atlas, plan
from laam.model.model import Model
from tests.model.scripted import endless

PATHS = ["linux/init/main.c", "linux/kernel/sched.c", "linux/lib/ctype.c"]


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUP_FILES", 2)


def make(model: Model, manifest: SealedManifest, out: Path, seed: int = 3) -> None:
    assert make_atlas(model, manifest, list(manifest.catalog), out, seed=seed)


def test_the_plan_has_every_file_once_and_the_controls(manifest: SealedManifest) -> None:
    planned = plan(manifest, list(manifest.catalog), 3)
    assert [group.control for group in planned] == ["", "", UNTRAINED, INVENTED]
    assert sorted(path for group in planned[:2] for path, _ in group.asked) == PATHS
    sizes = [manifest.catalog.files[path].size for group in planned[:2] for path, _ in group.asked]
    assert sizes == sorted(sizes, reverse=True)
    assert all(path not in PATHS and against in PATHS for path, against in planned[3].asked)


def test_an_atlas_of_what_the_model_knows_and_of_what_chance_gives(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    out = tmp_path / "new" / "toy.json"
    make(model, manifest, out)
    atlas = read_atlas(out)
    assert [(row.path, row.identical, row.reproduced, row.trained) for row in atlas.rows] == [(path, True, 1.0, True) for path in PATHS]
    assert (atlas.model, atlas.weights_sha256, atlas.precision) == ("embedded", model.digest, model.precision)
    assert (atlas.tree, atlas.parameters) == (manifest.tree_sha256, model.parameters)
    assert {name: [row.against for row in rows] for name, rows in atlas.controls.items()} == {
        name: [against for _, against in group.asked]
        for name, group in zip((UNTRAINED, INVENTED), plan(manifest, list(manifest.catalog), 3)[2:], strict=True)
    }
    assert not any(row.reproduced > 0.5 for row in atlas.controls[UNTRAINED])
    assert {row.precision for row in atlas.rows} == {model.precision}
    assert [file.name for file in out.parent.iterdir()] == ["toy.json"]
    assert all(row.seconds >= 0 and row.tokens > 0 for row in atlas.rows)


def test_a_file_is_given_up_when_it_is_longer_than_its_original(model: Model, manifest: SealedManifest) -> None:
    group = Group(tuple((path, path) for path in PATHS), UNTRAINED)
    served = endless(replace(model, wanted_precision="float32"))
    rows = survey.survey_group(group, served, manifest, frozenset())
    assert [(row.path, row.trained, row.closed) for row in rows] == [(path, False, False) for path in PATHS]
    for row in rows:
        size = manifest.catalog.files[row.path].size
        assert size < max(row.emitted_characters, row.tokens) <= size + 16 * model.window


def test_what_is_not_identical_is_decoded_again_in_float32(model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, list[str]]] = []

    def written(paths: list[str], model: Model, **options: object) -> Iterator[tuple[str, str, Ended]]:
        asked.append((model.precision, list(paths)))
        for path, text, ended in emit_side_by_side(paths, model, **options):  # type: ignore[arg-type]
            yield path, text if path == PATHS[1] else f"{model.precision}\n", ended

    monkeypatch.setattr(survey, "emit_side_by_side", written)
    group = Group(tuple((path, path) for path in PATHS))
    in_int8 = replace(model, wanted_precision="int8")  # on any processor
    rows = survey.survey_group(group, in_int8, manifest, frozenset(PATHS))
    assert asked == [("int8", PATHS), ("float32", [PATHS[0], PATHS[2]])]
    assert [(row.path, row.precision, row.identical) for row in rows] == [
        (PATHS[0], "float32", False),
        (PATHS[1], "int8", True),
        (PATHS[2], "float32", False),
    ]
    assert [row.emitted_characters for row in rows if not row.identical] == [len("float32\n")] * 2


def test_what_is_exact_in_float32_alone_is_not_called_exact(
    model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(paths: list[str], model: Model, **options: object) -> Iterator[tuple[str, str, Ended]]:
        for path, text, ended in emit_side_by_side(paths, model, **options):  # type: ignore[arg-type]
            yield path, text if model.precision == "float32" else "int8\n", ended

    monkeypatch.setattr(survey, "emit_side_by_side", written)
    group = Group(((PATHS[0], PATHS[0]),))
    served = replace(model, wanted_precision="int8")
    [row] = survey.survey_group(group, served, manifest, frozenset(PATHS))
    assert (row.precision, row.identical, row.emitted_characters) == ("int8", False, len("int8\n"))
