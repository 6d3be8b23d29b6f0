import json
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.settings import Settings
from tests.schemas import check, check_rows

PATH = "linux/kernel/sched.c"


@pytest.fixture
def answer(made_up_files: dict[str, str], tmp_path: Path) -> Path:
    file = tmp_path / "answer.c"
    file.write_text("here you are:\n" + made_up_files[PATH], "utf-8")
    return file


def test_what_stands_in_the_release_is_told(settings: Settings, answer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(answer)], settings) == 0
    out = capsys.readouterr().out
    lines = answer.read_text("utf-8").count("\n")
    assert out.startswith(f"lines 2–{lines}: {PATH}, lines 1–{lines - 1} · GPL-2 (GPL-2.0-only)\n")
    assert "in 1 passage." in out
    assert "1 line can't be found there." in out


def test_an_original_of_one_s_own(settings: Settings, answer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "acl.c"
    own.write_text("here you are:\n", "utf-8")
    assert main(["trace", str(answer), "--original", str(own)], settings) == 0
    assert f"against {own}: reproduced 100 %" in capsys.readouterr().out
    assert main(["trace", str(answer), "--original", str(own), "--json"], settings) == 0
    traced = json.loads(capsys.readouterr().out)
    check(traced, "laam-trace-1")
    [record] = traced["texts"]
    assert (record["score"]["reproduced"], record["absent"], record["passages"][0]["file"]) == (1.0, 1, PATH)


def test_a_text_of_nothing(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text("", "utf-8")
    assert main(["trace", str(tmp_path / "x")], settings) == 2
    assert "there is no text" in capsys.readouterr().err


def test_a_file_that_is_not_there(settings: Settings, answer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "nothing.c"], settings) == 2
    assert "F nothing.c: can't be read" in capsys.readouterr().err
    assert main(["trace", str(answer), "--original", "nothing.c"], settings) == 2
    assert "--original nothing.c: can't be read" in capsys.readouterr().err


def test_a_folder_is_traced_file_by_file_for_a_hook(settings: Settings, answer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = answer.parent
    (folder / "mine.c").write_text("int my_own;\n", "utf-8")
    (folder / "picture.png").write_bytes(b"\0" + answer.read_bytes())
    (folder / ".git").mkdir()
    (folder / ".git" / "answer.c").write_bytes(answer.read_bytes())
    assert main(["trace", str(folder)], settings) == 0
    assert main(["trace", str(folder), "--check"], settings) == 1
    out, err = capsys.readouterr()
    rows = folder.parent / "rows.jsonl"
    assert main(["trace", str(folder), "--json", "--rows", str(rows)], settings) == 0
    traced = json.loads(capsys.readouterr().out)
    check(traced, "laam-trace-1")
    assert (traced["found"], [text["text"] for text in traced["texts"]]) == (1, ["answer.c", "mine.c"])
    assert [row["text"] for row in check_rows(rows, "laam-trace-row-1")] == ["answer.c", "mine.c"]
    assert {line.partition(":")[0] for line in out.splitlines()} == {"answer.c"}
    assert f"1 of 2 text files in {folder} have lines of Linux 1.0" in err
    assert main(["trace", str(folder / "mine.c"), "--check"], settings) == 0
    assert main(["trace", str(folder), "--original", str(answer)], settings) == 2


def test_a_code_host_is_told_which_lines_stand_where(settings: Settings, answer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(answer.parent), "--sarif"], settings) == 0
    log = json.loads(capsys.readouterr().out)
    [run] = log["runs"]
    [result] = run["results"]
    [place] = result["locations"]
    assert log["version"] == "2.1.0"
    assert result["ruleId"] == run["tool"]["driver"]["rules"][0]["id"] == "lines-of-linux-1.0"
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "answer.c"
    assert place["physicalLocation"]["region"] == {"startLine": 2, "endLine": answer.read_text("utf-8").count("\n")}
    assert f"{PATH}, lines 1–" in result["message"]["text"]


def test_what_was_undone_is_told_of_every_place(settings: Settings, answer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked = "".join(f"// {line}\n" for line in answer.read_text("utf-8").splitlines())
    answer.write_text(marked, "utf-8")
    assert main(["trace", str(answer)], settings) == 0
    out = capsys.readouterr().out
    assert "“//” stands before each line. Without that, " in out
    assert main(["trace", str(answer), "--json"], settings) == 0
    traced = json.loads(capsys.readouterr().out)
    check(traced, "laam-trace-1")
    assert traced["texts"][0]["without_difference"]["passages"]
    assert f"As the text stands, {marked.count(chr(10))} lines can't be found there." in out
    assert main(["trace", str(answer.parent)], settings) == 0
    assert capsys.readouterr().out.endswith(" · without a difference: “//” stands before each line.\n")
    assert main(["trace", str(answer.parent), "--sarif"], settings) == 0
    [result] = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["message"]["text"].startswith("Without a difference (“//” stands before each line), these lines stand in Linux 1.0: ")
