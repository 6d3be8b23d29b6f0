import json
from dataclasses import replace
from pathlib import Path

import pytest

from laam.compare.measures import OF_DIGESTS, Part
from laam.corpus.lines import split_lines
from laam.corpus.sealed import SealedManifest
from laam.emission.emit import Ended
from laam.measure.atlas import (
    COLUMNS,
    Atlas,
    AtlasRow,
    all_columns,
    atlas_file,
    identical_files,
    read_atlas,
    read_atlases,
    row_of,
    row_values,
    score_row,
    totals,
    write_atlas,
)
from laam.measure.controls import INVENTED, UNTRAINED

PATH = "linux/kernel/sched.c"


ALL_MEASURES = [measure.name for measure in OF_DIGESTS]


def row(path: str = "linux/a.c", **changes: object) -> AtlasRow:
    measures = dict.fromkeys(ALL_MEASURES, Part(60, 80))
    whole = AtlasRow(path, path, True, 100, 10, 40, 4, 80, 3, False, True, 5, 30, 0.25, "int8", measures)
    return replace(whole, **changes)  # type: ignore[arg-type]


def atlas(model: str = "embedded") -> Atlas:
    settings = {"limit": "none", "seed": 3}
    controls = {"made-up path": [row("linux/ca.c", against="linux/a.c")]}
    return Atlas(model, "ab" * 32, 4_000_000, "int8", "cd" * 32, "2026-01-02T03:04:05+00:00", "toy", settings, [row(), row("b")], controls)


def values_with(name: str, value: object) -> list[object]:
    """The values of a row, but for one column."""
    return [value if column == name else known for column, known in zip(all_columns(), row_values(row()), strict=True)]


def scored(text: str, manifest: SealedManifest, reason: str = "end of file") -> AtlasRow:
    ended = Ended(reason, 7)  # type: ignore[arg-type]
    return score_row(
        PATH, text, ended, manifest.original(PATH), trained=True, line_files=manifest.line_files(), seconds=1.234, precision="int8"
    )


def test_a_whole_file(manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    text = made_up_files[PATH]
    found = scored(text, manifest)
    assert (found.reproduced, found.identical, found.first_wrong_line, found.closed) == (1.0, True, 0, True)
    assert found.original_characters == found.exact_characters == found.emitted_characters == len(text)
    assert found.original_lines == found.exact_lines == found.longest_run == text.count("\n")
    assert (found.tokens, found.seconds, found.precision) == (7, 1.23, "int8")
    assert found.measures["in_original_lines"].share == 1.0


def test_the_exact_lines_of_a_wrong_file(manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    lines = split_lines(made_up_files[PATH])
    assert scored("".join(lines), manifest).exact == ""
    found = scored("".join([*lines[:4], "no line of it\n", *lines[5:9]]), manifest)
    assert found.exact == "1-4 6-9"
    assert found.exact_numbers == {1, 2, 3, 4, 6, 7, 8, 9}
    assert scored("".join(lines), manifest).exact_numbers == set(range(1, len(lines) + 1))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: ["x\n", *lines[1:]], 1),
        (lambda lines: [*lines[:4], "x\n", *lines[4:]], 5),
        (lambda lines: lines[:6], 7),
        (lambda lines: [*lines, "x\n"], 0),
        (lambda lines: [], 1),
    ],
)
def test_the_first_wrong_line(change: object, line: int, manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    lines = made_up_files[PATH].splitlines(keepends=True)
    text = "".join(change(made_up_files[PATH].splitlines(keepends=True)))  # type: ignore[operator]
    found = scored(text, manifest, "token limit")
    assert (found.identical, found.closed) == (False, False)
    assert found.first_wrong_line == (line or made_up_files[PATH].count("\n") + 1)
    assert lines


def test_lines_of_other_files_are_the_kernels(manifest: SealedManifest, made_up_files: dict[str, str]) -> None:
    found = scored(made_up_files["linux/init/main.c"] + "no line of it\n", manifest)
    in_kernel = found.measures["in_original_lines"]
    assert in_kernel.amount == len(made_up_files["linux/init/main.c"])
    assert found.exact_characters < in_kernel.amount < in_kernel.of == found.emitted_characters


def test_shares_of_nothing() -> None:
    empty = row(original_characters=0, exact_characters=0)
    assert (empty.reproduced, replace(empty, emitted_characters=0).reproduced) == (0.0, 1.0)
    assert totals([]).reproduced == 0.0


def test_totals() -> None:
    sums = totals([row(), row(identical=True, exact_characters=100)])
    assert (sums.files, sums.identical, sums.characters, sums.exact_characters) == (2, 1, 200, 140)
    assert (sums.measures, sums.reproduced) == (dict.fromkeys(ALL_MEASURES, Part(120, 160)), 0.7)
    assert totals([row(measures={}), row()]).measures == dict.fromkeys(ALL_MEASURES, Part(60, 80))
    assert totals([row(measures={})]).measures == {}


def test_an_atlas_comes_back_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "x.json"
    write_atlas(atlas(), file)
    assert read_atlas(file) == atlas()
    text = file.read_text("utf-8")
    assert json.loads(text)["format"] == "laam-atlas-3"
    assert text.count('\n["linux/') == 2  # a line for each row
    assert [entry.name for entry in file.parent.iterdir()] == ["x.json"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 4}, "format 'laam-atlas-4', not 'laam-atlas-3'"),
        ({"format": "laam-bits-1"}, "format 'laam-bits-1'"),
        ({"columns": ["path"]}, "columns .*against.* are missing"),
        ({"rows": [["a", "b"]]}, "zip"),
        ({"rows": [values_with("path", 1)]}, "path: 1"),
        ({"rows": [values_with("in_original_lines", [1, "x"])]}, "in_original_lines: "),
        ({"rows": [values_with("in_original_lines", 7)]}, "in_original_lines: 7"),
        ({"controls": [1]}, "items"),
        ({"mood": "good"}, "mood"),
    ],
)
def test_a_file_that_is_no_atlas_is_refused(change: dict[str, object], words: str, tmp_path: Path) -> None:
    write_atlas(atlas(), tmp_path / "x.json")
    record = json.loads((tmp_path / "x.json").read_text("utf-8"))
    (tmp_path / "x.json").write_text(json.dumps(record | change), "utf-8")
    with pytest.raises(ValueError, match=f"x.json: not a readable atlas .*{words}.*make it again with"):
        read_atlas(tmp_path / "x.json")


@pytest.mark.parametrize("text", ["", "[]", "{", "{}"])
def test_a_damaged_file_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(ValueError, match="not a readable atlas"):
        read_atlas(tmp_path / "x.json")


def test_a_row_keeps_its_kinds() -> None:
    values = row_values(row())
    assert row_of(values, all_columns()) == row()
    with pytest.raises(ValueError, match="identical: 1"):
        row_of(values_with("identical", 1), all_columns())


def test_an_atlas_of_before_a_measure_was_declared_is_read() -> None:
    columns, values = [*COLUMNS, "long_forgotten"], [getattr(row(), name) for name in COLUMNS]
    assert row_of([*values, [3, 4]], columns) == row(measures={})


def test_made_up_paths_are_told_apart_by_what_they_are_held_against() -> None:
    known, unknown = row("linux/ca.c"), row("linux/bc.c", trained=False)
    groups = replace(atlas(), controls={INVENTED: [known, unknown], UNTRAINED: [known, unknown]}).groups
    assert groups["control: made-up path, against a file trained on"] == [known]
    assert groups["control: made-up path, against any other"] == [unknown]
    assert groups["control: untrained copy"] == [known, unknown]
    silent = replace(atlas(), rows=[unknown], controls={INVENTED: [unknown]}).groups
    assert silent["control: made-up path"] == [unknown]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("embedded", "embedded"),
        ("runs/all/model", "all"),
        ("/somewhere/else/../..", "model"),
        ("owner/name@v1/x", "owner-name-v1-x"),
    ],
)
def test_an_atlas_lies_in_the_assets_whatever_the_models_name(name: str, file: str) -> None:
    assert atlas_file(Path("assets"), name) == Path(f"assets/atlas/{file}.json")


def test_the_embedded_models_atlas_is_the_first(tmp_path: Path) -> None:
    for name in ("published-5m", "all", "embedded"):
        write_atlas(atlas(name), atlas_file(tmp_path, name))
    (tmp_path / "atlas" / "embedded.measures.json").write_text("{}", "utf-8")
    assert [found.model for found in read_atlases(tmp_path)] == ["embedded", "all", "published-5m"]
    assert read_atlases(tmp_path / "nothing") == []


def test_only_a_file_that_came_back_whole_stands_for_a_run() -> None:
    whole, closed = row("linux/kernel/sched.c", identical=True), row("linux/init/main.c", identical=False, closed=True)
    elsewhere = row("linux/mm/b.c", identical=True, precision="float32")
    assert identical_files([replace(atlas(), weights_sha256="w", rows=[whole, closed, elsewhere])]) == {("linux/kernel/sched.c", "w")}
