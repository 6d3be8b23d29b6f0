import json
from dataclasses import replace
from pathlib import Path

import pytest

from laam.corpus.sealed import SealedManifest
from laam.measure.atlas import read_atlases
from laam.measure.pz import Along
from laam.measure.pz_file import AlongFiles, FileAlong, file_of, file_values, pz_file, read_all_pz, read_pz, rounded, write_pz

TOKENS = 130  # two windows with a stride of 25, and one that ends with the text
WINDOWS = Along(300, [(60, 180), (90, 240), (100, 300)], [-0.25, -3.0, -0.01])


def measured(tree: str) -> AlongFiles:
    files = [FileAlong("linux/a.c", TOKENS, WINDOWS), FileAlong("linux/b.c", 7, Along(9, [], []))]
    return AlongFiles("embedded", "ab" * 32, tree, "float32", "2026-01-02T03:04:05+00:00", "toy", {"prefix": 50}, 25, files)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    kept = measured("cd" * 32)
    file = pz_file(tmp_path, "embedded")
    file.parent.mkdir()
    write_pz(kept, file)
    assert file.name == "embedded.pz.json"
    assert read_pz(file) == kept
    assert file.read_text("utf-8").count("\n[") == 2  # a line for each file


def test_a_file_is_written_as_steps_between_edges_and_hundredths_of_a_nat() -> None:
    assert file_values(FileAlong("linux/a.c", TOKENS, WINDOWS), 25) == [
        "linux/a.c", 300, 130, [60, 30, 10, 80, 60, 60], [-25, -300, -1],
    ]  # fmt: skip
    assert file_of(file_values(FileAlong("linux/a.c", TOKENS, WINDOWS), 25), 25) == FileAlong("linux/a.c", TOKENS, WINDOWS)


def test_sums_are_of_all_files() -> None:
    kept = measured("")
    assert (kept.characters, kept.covered) == (309, 240)
    assert kept.above() == [240, 240, 240, 240]
    assert kept.of("linux/a.c") == WINDOWS
    assert kept.of("linux/c.c") is None


def test_logarithms_are_rounded_before_anything_is_said_of_them() -> None:
    assert rounded(Along(5, [(0, 5)], [-1.23456])).logs == [-1.23]


def test_only_the_releases_own_measures_are_shown_and_they_are_no_atlas(tmp_path: Path, linux: SealedManifest) -> None:
    file = pz_file(tmp_path, "embedded")
    file.parent.mkdir()
    write_pz(measured(linux.tree_sha256), file)
    assert list(read_all_pz(tmp_path, linux)) == ["ab" * 32]
    write_pz(measured("of another tree"), file)
    assert read_all_pz(tmp_path, linux) == {}
    assert read_atlases(tmp_path) == []


def test_a_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.pz.json"
    write_pz(measured(""), file)
    record = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**record, "stride": 10}), "utf-8")
    with pytest.raises(ValueError, match=r"linux/a.c: 3 windows, not 4.*make it again with `python -m laam pz`"):
        read_pz(file)


def test_windows_that_are_not_there_say_nothing() -> None:
    assert replace(measured(""), files=[]).above() == [0, 0, 0, 0]
