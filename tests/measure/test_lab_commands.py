import json
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.measure.archives import ARCHIVES
from laam.settings import Settings
from tests.schemas import check, check_rows


def test_the_lab_says_writes_and_prints_the_same(
    settings: Settings, tarball: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["lab", "--source", str(tarball), "--out", str(tmp_path / "lab")]
    assert main([*command, "--part", "archives"], settings) == 0
    assert "smallest first, 0 %: 3 files, gz " in capsys.readouterr().out
    assert main([*command, "--part", "archives", "--json"], settings) == 0
    archives = json.loads(capsys.readouterr().out)
    check(archives, "laam-lab-1")
    assert archives["model"] is None
    assert archives["archives"] == json.loads((tmp_path / "lab" / ARCHIVES).read_text("utf-8"))
    assert main([*command, "--part", "model", "--json", "--rows", str(tmp_path / "rows.jsonl")], settings) == 0
    record = json.loads(capsys.readouterr().out)
    check(record, "laam-lab-1")
    check(record["model"], "laam-lab-model-2")
    assert record["model"] == json.loads((tmp_path / "lab" / "embedded.json").read_text("utf-8"))
    rows = check_rows(tmp_path / "rows.jsonl", "laam-lab-row-1")
    assert [row["group"] for row in rows] == ["trained on"] * 3 + ["untrained copy"] * 3
