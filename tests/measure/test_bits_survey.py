import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.measure import bits_survey
from laam.measure.bits import STEPS, FewerBits, read_bits
from laam.measure.bits_survey import make_bits
from laam.measure.packed_weights import Packed, packed_rounded
from laam.model.lossy import Lossy
from laam.model.lossy_copy import lossy_copy
from laam.model.model import Model
from laam.settings import Settings
from tests.schemas import check, check_rows

PATHS = ["linux/init/main.c", "linux/kernel/sched.c", "linux/lib/ctype.c"]


def made(model: Model, manifest: SealedManifest, out: Path) -> FewerBits:
    assert make_bits(model, manifest, list(manifest.catalog), out)
    return read_bits(out)


def test_every_file_is_asked_for_at_every_number_of_bits(model: Model, manifest: SealedManifest, tmp_path: Path) -> None:
    measured = made(model, manifest, tmp_path / "toy.json")
    assert [step.bits for step in measured.steps] == list(STEPS)
    assert [Packed(step.bytes, step.xz) for step in measured.steps[:2]] == [packed_rounded(model, bits) for bits in STEPS[:2]]
    assert (measured.weights_sha256, measured.tree, measured.precision) == (model.digest, manifest.tree_sha256, "float32")
    assert [file.path for file in measured.files] == PATHS
    least = measured.steps[-1]
    assert measured.steps[0].exact_characters > least.exact_characters  # whatever a tiny model gives at 2 bits
    assert measured.reproduced(least) < 0.5
    for number, step in enumerate(measured.steps):
        assert step.identical == sum(file.left[number].identical for file in measured.files)
        assert step.exact_characters == sum(file.left[number].exact_characters for file in measured.files)


def test_a_rounded_copy_is_made_once_and_one_is_kept_at_a_time(
    model: Model, manifest: SealedManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    open_: list[int] = []

    @contextmanager
    def watched(of: Model, lossy: Lossy) -> Iterator[Model]:
        assert not open_
        begun.append(lossy.bits)
        open_.append(lossy.bits)
        with lossy_copy(of, lossy) as copy:
            yield copy
        open_.remove(lossy.bits)

    monkeypatch.setattr(bits_survey, "lossy_copy", watched)
    monkeypatch.setattr("laam.measure.groups.GROUP_FILES", 2)
    made(model, manifest, tmp_path / "toy.json")
    assert sorted(begun, reverse=True) == list(STEPS)
    assert not open_


def test_the_command_says_writes_and_prints_it(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, rows = tmp_path / "some.json", tmp_path / "rows.jsonl"
    command = ["atlas", "--bits", "--select", "lib/", "--out", str(out)]
    assert main(command, settings) == 0
    assert [file.path for file in read_bits(out).files] == ["linux/lib/ctype.c"]
    said = capsys.readouterr().out
    assert "8 bits: 1 of 1 file identical, 100 % of " in said
    assert "\n2 bits: 0 of 1 file identical, " in said
    assert main([*command, "--json", "--rows", str(rows)], settings) == 0
    record = json.loads(capsys.readouterr().out)
    check(record, "laam-bits-1")
    assert record == json.loads(out.read_text("utf-8"))
    assert [row["bits"] for row in check_rows(rows, "laam-bits-row-1")] == list(STEPS)


def test_the_command_computes_in_float32_alone(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["atlas", "--bits", "--precision", "int8"], settings)
    assert "not allowed with argument" in capsys.readouterr().err
