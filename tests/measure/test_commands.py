import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from laam.__main__ import main
from laam.measure.atlas import read_atlas
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
