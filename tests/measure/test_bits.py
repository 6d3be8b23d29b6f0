import json
from dataclasses import replace
from pathlib import Path

import pytest

from laam.corpus.sealed import SealedManifest
from laam.measure.atlas import read_atlases
from laam.measure.bits import FewerBits, File, Left, bits_file, files_of, read_all_bits, read_bits, step_of, write_bits
from laam.measure.packed_weights import Packed
from laam.settings import Settings
from tests.measure.test_atlas import row

ROWS = [
    [row("linux/b.c", identical=True, exact_characters=100, exact_lines=10), row("linux/a.c", identical=True, exact_characters=100)],
    [row("linux/b.c", exact_characters=25, exact_lines=3), row("linux/a.c", exact_characters=0, exact_lines=0)],
]
MEASURED = FewerBits(
    "embedded",
    "ab" * 32,
    SealedManifest.open(Settings().manifest_file).tree_sha256,
    "float32",
    "2026-01-02T03:04:05+00:00",
    "toy",
    {"limit": "a limit"},
    [step_of(8, Packed(800, 700), ROWS[0]), step_of(3, Packed(300, 90), ROWS[1])],
    files_of(ROWS),
)


def test_what_is_left_stands_by_file_and_step() -> None:
    first, second = MEASURED.files
    assert [first.path, second.path] == ["linux/a.c", "linux/b.c"]
    assert [first.reproduced(left) for left in first.left] == [1.0, 0.0]
    assert second == File("linux/b.c", 100, ROWS[0][0].original_lines, [Left(True, 100, 10), Left(False, 25, 3)])
    assert (MEASURED.characters, MEASURED.lines) == (200, 2 * ROWS[0][0].original_lines)


def test_each_step_has_its_sums() -> None:
    most, least = MEASURED.steps
    assert (most.bits, most.bytes, most.xz, most.identical, most.exact_characters) == (8, 800, 700, 2, 200)
    assert (least.identical, least.exact_characters, least.exact_lines, least.tokens) == (0, 25, 3, sum(row.tokens for row in ROWS[1]))
    assert [MEASURED.reproduced(step) for step in MEASURED.steps] == [1.0, 0.125]


def test_an_empty_original_is_reproduced_by_nothing_only() -> None:
    empty = File("linux/empty.h", 0, 0, [Left(True, 0, 0), Left(False, 0, 0)])
    assert [empty.reproduced(left) for left in empty.left] == [1.0, 0.0]


def test_what_was_measured_comes_back_from_its_file(tmp_path: Path) -> None:
    write_bits(MEASURED, tmp_path / "toy.json")
    assert read_bits(tmp_path / "toy.json") == MEASURED
    assert '["linux/b.c",100,' in (tmp_path / "toy.json").read_text("utf-8")  # a line for each file


def test_it_lies_beside_the_atlas_and_is_none(tmp_path: Path) -> None:
    manifest = SealedManifest.open(Settings().manifest_file)
    write_bits(MEASURED, bits_file(tmp_path, "embedded"))
    write_bits(replace(MEASURED, tree="other", weights_sha256="cd" * 32), bits_file(tmp_path, "/models/other.v2"))
    assert sorted(file.name for file in (tmp_path / "atlas").iterdir()) == ["embedded.bits.json", "other.v2.bits.json"]
    assert read_all_bits(tmp_path, manifest) == {MEASURED.weights_sha256: MEASURED}
    assert read_atlases(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [{"format": "laam-bits-2"}, {"mood": 1}, {"steps": [{"bits": 8}]}, {"files": [["linux/a.c", 1, 1]]}, {"files": [["linux/a.c"]]}],
)
def test_a_file_that_holds_something_else_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    file = tmp_path / "toy.bits.json"
    write_bits(MEASURED, file)
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(ValueError, match=r"toy\.bits\.json: not readable .*make it again with `python -m laam atlas --bits`"):
        read_bits(file)
