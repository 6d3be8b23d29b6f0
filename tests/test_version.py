"""One version, wherever it is shown; the page and `/health` are in tests/exhibit/test_server.py, the wheel in test_package.py."""

import re
from pathlib import Path

import pytest
import yaml

from laam.__main__ import main
from laam.version import VERSION

ROOT = Path(__file__).resolve().parents[1]


def test_the_command_line_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert (caught.value.code, capsys.readouterr().out) == (0, f"laam {VERSION}\n")


def test_the_changes_begin_with_it() -> None:
    assert re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0] == VERSION


def test_a_citation_names_it_and_who_holds_the_licence() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert (citation["version"], citation["license"], citation["title"]) == (VERSION, "MIT", "Linux as a Model")
    assert citation["message"]
    [holder] = citation["authors"]
    assert f"Copyright (c) 2026 {holder['name']}\n" in (ROOT / "LICENSE").read_text("utf-8")
    [post] = citation["references"]
    assert post["authors"] == [{"family-names": "Bommarito", "given-names": "Michael"}]
    assert post["url"] in (ROOT / "assets/share/question.json").read_text("utf-8")
