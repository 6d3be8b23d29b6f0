import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from laam.__main__ import main
from laam.measure import commands
from laam.measure.atlas import read_atlas
from laam.measure.extraction import AtPlace
from laam.model.model import Model
from laam.settings import Settings
from tests.schemas import check, check_rows


def test_atlas_of_some_files(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "some.json"
    rows = tmp_path / "rows.jsonl"
    assert main(["atlas", "--select", "kernel/", "--out", str(out)], settings) == 0
    atlas = read_atlas(out)
    assert [(row.path, row.identical) for row in atlas.rows] == [("linux/kernel/sched.c", True)]
    said, err = capsys.readouterr()
    assert "trained on: 1 of 1 file identical, 100 % of " in said
    assert "untrained copy: 0 of 1 file identical" in said
    assert err.endswith(f"{out}\n")
    assert main(["atlas", "--select", "kernel/", "--out", str(out), "--json", "--rows", str(rows)], settings) == 0
    record = json.loads(capsys.readouterr().out)
    check(record, "laam-atlas-3")
    assert record == json.loads(out.read_text("utf-8"))
    assert [(row["path"], row["control"]) for row in check_rows(rows, "laam-atlas-row-1")] == [
        ("linux/kernel/sched.c", ""),
        ("linux/kernel/sched.c", "untrained copy"),
        (atlas.controls["made-up path"][0].path, "made-up path"),
    ]


@pytest.mark.parametrize(
    ("given", "variable", "asked"),
    [([], "auto", "embedded"), ([], "published-32m", "published-32m"), (["--model", "published-5m"], "auto", "published-5m")],
)
def test_without_a_name_the_embedded_model_is_measured_whatever_is_cached(
    given: list[str], variable: str, asked: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    obtain = Mock(side_effect=ValueError("that is enough"))
    monkeypatch.setattr("laam.measure.arguments.obtain_model", obtain)
    settings = replace(settings, model=variable)
    assert main(["atlas", *given], settings) == main(["evaluate", "--source", "S", *given], settings) == 2
    assert [call.args[0] for call in obtain.call_args_list] == [asked, asked]


def test_atlas_in_float32(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "some.json"
    assert main(["atlas", "--select", "lib/", "--out", str(out), "--precision", "float32"], settings) == 0
    atlas = read_atlas(out)
    assert (atlas.precision, atlas.rows[0].identical) == ("float32", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["atlas", "--select", "nothing/"], "'nothing/' names no file of the exhibit"),
        (["atlas", "--model", "nothing"], "model 'nothing'"),
        (["evaluate", "--source", "nothing.tar"], "nothing.tar"),
        (["evaluate", "--source", "S", "--places", "0"], "--places 0"),
        (["evaluate", "--source", "S", "--select", "nothing/"], "'nothing/' names no file of the exhibit"),
    ],
)
def test_bad_input_is_named(settings: Settings, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments, settings) == 2
    assert words in capsys.readouterr().err


def test_evaluate_says_and_writes_what_was_measured(
    settings: Settings,
    model: Model,
    tarball: Path,
    made_up_files: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[Any] = []

    def measure_places(of: Model, streams: list[list[int]], places: list[tuple[int, int]], at_once: int) -> Iterator[AtPlace]:
        asked.append((of.name, [of.codec.decode(stream) for stream in streams], places))
        knows = of.name == "embedded"
        for text, at in places:
            yield AtPlace(text, at, 32 * knows, {50: knows}, knows, -0.5 if knows else -90.0, -0.25 if knows else None)

    monkeypatch.setattr(commands, "measure_places", measure_places)
    monkeypatch.setattr(commands, "draw_places", lambda lengths, count, seed: [(text, count) for text in range(len(lengths))])
    out, rows = tmp_path / "new" / "x.json", tmp_path / "rows.jsonl"
    command = ["evaluate", "--source", str(tarball), "--places", "8", "--seed", "5", "--out", str(out)]
    written = Mock()
    monkeypatch.setattr(commands, "write_examples", written)
    assert main([*command, "--rows", str(rows), "--benchmark-out", str(tmp_path / "examples")], settings) == 0
    assert written.call_args.args[0] == tmp_path / "examples"
    assert written.call_args.args[3] == asked[0][2]
    [of_model, of_untrained] = asked
    assert of_model[1] == of_untrained[1] == list(made_up_files.values())
    assert of_model[2] == of_untrained[2]
    head, _, rest = capsys.readouterr().out.partition("\n")
    size = sum(map(len, made_up_files.values()))
    record = json.loads(out.read_text("utf-8"))
    check(record, "laam-measures-3")
    assert record["bytes"] == size > record["xz_bytes"] > size / 20
    assert record["bits_per_parameter"] == pytest.approx(8 * record["xz_bytes"] / model.parameters, abs=1e-4)
    assert head == (
        f"{size:,} bytes, {record['xz_bytes']:,} as xz: {record['bits_per_parameter']:.2f} bits for each of {model.parameters:,} parameters"
    )
    assert rest.startswith("embedded, at 3 places:\n  memorisation score: 100 % on average; all 32 right at 100 % (3 of 3 places, 95 %: ")
    assert "embedded, untrained, at 3 places:\n  memorisation score: 0.0 % on average" in rest
    assert (record["model"], record["files"], record["seed"]) == ("embedded", 3, 5)
    assert (record["tally"]["extracted"], record["untrained"]["extracted"]) == ({"50": 3}, {"50": 0})
    paths = [(row["path"], row["at"], row["right"]) for row in check_rows(rows, "laam-measures-row-1")]
    assert paths == [(path, 8, 32) for path in made_up_files]
    assert main([*command, "--json"], settings) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {**printed, "date": ""} == {**record, "date": ""}
