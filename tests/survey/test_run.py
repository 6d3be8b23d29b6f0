"""A survey of three small models and a server over ten files: whole, killed, gone on with, and short of money."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from laam.__main__ import main
from laam.rows import Rows
from laam.survey.formats import FORMATS
from laam.survey.reading import plan_of
from laam.survey.texts import read_corpus
from tests.endpoint.conftest import SECRET
from tests.endpoint.playing import refusal
from tests.schemas import check, check_rows
from tests.survey.conftest import KNOWN, PLAN, REFUSED, SERVER, SILENT, Surveys

TABLES = [f"table.{ending}" for ending in FORMATS]
SCHED = "linux/kernel/sched.c"


def test_killed_twice_it_goes_on_asks_for_nothing_twice_and_gives_the_same_table(done: Surveys, surveys: Surveys) -> None:
    rows = done.rows("out")
    surveys.killed_after(40, "killed")
    surveys.killed_after(len(rows) - 50, "killed")  # now among the server's
    assert surveys.run("killed") == 0
    assert len(surveys.server.requests) == len(done.server.requests)
    assert len(surveys.rows("killed")) == len(rows) == len({row["key"] for row in surveys.rows("killed")})
    for table in TABLES:
        assert (surveys.folder / "killed" / table).read_bytes() == (done.folder / "out" / table).read_bytes()


def test_what_is_written_is_as_its_schemas_say(done: Surveys, capsys: pytest.CaptureFixture[str]) -> None:
    out = done.folder / "out"
    check_rows(out / "rows.jsonl", "laam-survey-row-1")
    check(json.loads((out / "survey.json").read_text("utf-8")), "laam-survey-1")
    check(json.loads((out / "table.json").read_text("utf-8")), "laam-survey-table-1")
    assert main(["survey", "show", str(out), "--json"]) == 0
    assert capsys.readouterr().out == (out / "table.json").read_text("utf-8")
    assert main(["survey", "show", str(out), "--table", "tex"]) == 0
    assert capsys.readouterr().out == (out / "table.tex").read_text("utf-8")


def test_a_survey_that_is_done_asks_for_nothing(done: Surveys) -> None:
    requests, rows = len(done.server.requests), len(done.rows("out"))
    assert done.run("out") == 0
    assert (len(done.server.requests), len(done.rows("out"))) == (requests, rows)


def test_a_row_has_what_another_needs_to_check_it(done: Surveys) -> None:
    by = {(row["model"]["label"], row["file"], row["context"], row["temperature"], row["draw"]): row for row in done.rows("out")}
    row, text = by["trained", SCHED, "path", 0.0, 1], done.files[SCHED]
    assert (row["whole"], row["exact_prefix"], row["outcome"]) == (True, len(text), "continued")
    assert row["answer_sha256"] == row["file_sha256"]
    assert (done.folder / "out" / "answers" / f"{row['answer_sha256']}.txt").read_bytes() == text.encode()
    assert row["model"]["engine"].startswith("ctranslate2 ")
    assert row["machine"]["cores"] and row["machine"]["processor"] and row["date"] and row["python"] and row["laam"]
    assert by["plain", SCHED, "8 tokens before a place, then 6", 0.0, 1]["tokens"] <= 6
    assert by["plain", SCHED, "first 100 characters", 0.0, 1]["outcome"] == "does not fit"  # into a window of 40 tokens


def test_of_a_server_it_is_told_what_came_and_what_did_not(done: Surveys) -> None:
    by = {(row["file"], row["temperature"], row["draw"]): row for row in done.rows("out") if row["model"]["label"] == "played"}
    known = by[KNOWN, 0.0, 1]
    assert (known["whole"], known["model"]["host"], known["server"]["answered_by"]) == (True, "127.0.0.1", ["played-1"])
    assert [by[KNOWN, 0.9, draw]["seed"] for draw in (1, 2)] == [5, 6]
    assert (by[SCHED, 0.0, 1]["score"]["reproduced"], by[SCHED, 0.0, 1]["whole"]) == (0.0, False)
    for path, outcome in ((REFUSED, "filtered"), (SILENT, "empty")):
        row = by[path, 0.0, 1]
        assert (row["outcome"], row["score"]) == (outcome, None)
        assert row["not_measured"].startswith("in step 1, after ")
    assert {authorization for _, _, authorization in done.server.requests} == {f"Bearer {SECRET}"}
    kept = [file.read_text("utf-8") for file in (done.folder / "out").rglob("*") if file.is_file()]
    assert not [text for text in kept if SECRET in text]


def test_the_server_gets_what_it_is_given_and_what_it_wrote_alone(done: Surveys) -> None:
    beginnings = {text[:100] for text in done.files.values()}
    written = done.files[KNOWN]
    assert {asked["prompt"] for _, asked, _ in done.server.requests if asked["prompt"] not in beginnings} == {
        written[:end] for end in range(250, len(written), 150)
    }


def test_what_makes_no_sense_is_not_asked_and_said_in_the_table(done: Surveys) -> None:
    table = (done.folder / "out" / "table.md").read_text("utf-8")
    assert "plain, path, greedy; plain, path, temperature 0.9, 2 draws: it wasn’t made to be asked by path." in table
    assert "played, path, greedy; played, path, temperature 0.9, 2 draws: a server is given the beginning of a text" in table
    assert "played, 8 tokens before a place, then 6, greedy; " in table and ": a server’s tokens aren’t known" in table


def test_the_budget_is_kept_the_rest_is_said_and_the_next_run_goes_on(surveys: Surveys, capsys: pytest.CaptureFixture[str]) -> None:
    surveys.write(SERVER)
    assert surveys.run("out", "--max-requests", "3") == 1
    assert len(surveys.server.requests) == 3
    printed = capsys.readouterr()
    assert "--max-requests is spent; " in printed.err
    assert "Not asked for yet: " in printed.out
    assert surveys.run("out") == 0
    asked = len(surveys.server.requests)
    assert surveys.run("whole") == 0
    assert len(surveys.server.requests) == 2 * asked
    for name in TABLES:
        assert (surveys.folder / "out" / name).read_bytes() == (surveys.folder / "whole" / name).read_bytes()


def test_interrupted_it_says_that_it_goes_on(surveys: Surveys, capsys: pytest.CaptureFixture[str]) -> None:
    surveys.write(SERVER)
    left, add = [1, 2], Rows.add

    def interrupted(self: Rows, row: Mapping[str, Any]) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        add(self, row)

    with surveys.monkeypatch.context() as patch:
        patch.setattr(Rows, "add", interrupted)
        assert surveys.run("out") == 130
    assert "out: the same command goes on from there\ninterrupted\n" in capsys.readouterr().err
    assert len(surveys.rows("out")) == 2
    asked = len(surveys.server.requests)
    assert surveys.run("out") == 0
    assert surveys.server.requests[asked - 1][1] not in [body for _, body, _ in surveys.server.requests[asked:]]


def test_a_changed_plan_keeps_what_it_has_in_common(surveys: Surveys) -> None:
    surveys.write(SERVER)
    assert surveys.run("out") == 0
    before = len(surveys.rows("out"))
    surveys.write(
        SERVER.replace('name = "played"', 'name = "played"\nlabel = "Played | again"')
        + "\n[[draws]]\ntemperature = 0\n[[draws]]\ntemperature = 0.5"
    )
    assert surveys.run("out") == 0
    assert {row["temperature"] for row in surveys.rows("out")[before:]} == {0.5}
    table = (surveys.folder / "out" / "table.md").read_text("utf-8")
    assert "\n| Played \\| again | 1 of 7 files (" in table


def test_a_server_that_fails_is_given_up_and_asked_again_the_next_time(surveys: Surveys, capsys: pytest.CaptureFixture[str]) -> None:
    surveys.write(SERVER)
    answer = surveys.server.answer
    surveys.server.plays(refusal(401, f"wrong key {SECRET}"))
    assert surveys.run("out") == 1
    assert len(surveys.server.requests) == 3
    assert "played failed again and again" in capsys.readouterr().err
    rows = surveys.rows("out")
    assert [row["outcome"] for row in rows] == ["error"] * 3
    assert "401" in rows[0]["not_measured"] and SECRET not in json.dumps(rows)
    surveys.server.answer = answer
    assert surveys.run("out") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["survey"], "give a plan and --out DIR"),
        (["survey", "PLAN"], "--out is missing"),
        (["survey", "PLAN", "--out", "o", "--max-requests", "-1"], "--max-requests '-1' is no number"),
        (["survey", "PLAN", "--out", "PLAN"], "is a file, and a folder is needed"),
        (["survey", "show"], "takes the survey's folder"),
        (["survey", "show", "nothing"], "there is no survey here"),
    ],
)
def test_bad_input_is_named(arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.toml").write_text(SERVER, "utf-8")
    assert main([str(tmp_path / "plan.toml") if each == "PLAN" else each for each in arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_exhibit_s_files_can_be_asked_for_by_path_without_their_text(surveys: Surveys, made_up_files: dict[str, str]) -> None:
    surveys.write('[files]\nmanifest = "exhibit"\nevery = 2\n[[models]]\nname = "embedded"\n[[contexts]]\ngiven = "path"\n')
    assert surveys.run("out") == 0
    rows = surveys.rows("out")
    assert sorted(row["file"] for row in rows) == ["linux/init/main.c", "linux/lib/ctype.c"]
    assert all(row["whole"] and row["exact_prefix"] == len(made_up_files[row["file"]]) for row in rows)
    assert rows[0]["score"]["similarity"] is None


def test_a_path_that_is_too_long_for_the_window_says_so_and_takes_no_other_with_it(surveys: Surveys) -> None:
    long = surveys.folder / "tree" / "others" / "/".join(["much_too_long"] * 9) / "a.c"
    long.parent.mkdir(parents=True)
    long.write_text("int a;\n", "utf-8")
    surveys.write('[files]\nsource = "tree"\ninclude = ["a.c", "sched.c"]\n[[models]]\nname = "embedded"\n[[contexts]]\ngiven = "path"\n')
    assert surveys.run("out") == 0
    assert {(row["outcome"], row["whole"]) for row in surveys.rows("out")} == {("does not fit", None), ("continued", True)}
    assert "too long for the model's window of 48 tokens" in next(filter(None, (row["not_measured"] for row in surveys.rows("out"))))


def test_a_key_that_a_plan_names_has_to_be_there(surveys: Surveys, capsys: pytest.CaptureFixture[str]) -> None:
    surveys.write(SERVER.replace("MADE_UP_KEY", "ANOTHER_KEY"))
    assert surveys.run("out") == 2
    assert "models, played: its key is to be in the variable ANOTHER_KEY, which isn't set" in capsys.readouterr().err
    assert surveys.server.requests == []


def test_the_atlas_leads_to_a_survey_for_a_model_that_isn_t_asked_by_path(surveys: Surveys, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlas", "--model", str(surveys.folder / "plain")], surveys.settings) == 2
    assert "was not made to be asked by path; `laam survey` makes a map of what it gives" in capsys.readouterr().err


def test_a_source_that_is_not_the_manifest_s_is_refused(surveys: Surveys, capsys: pytest.CaptureFixture[str]) -> None:
    surveys.write(SERVER.replace('source = "tree"', 'source = "tree/others"\nmanifest = "exhibit"'))
    assert surveys.run("out") == 2
    assert "linux/init/main.c, or another one" in capsys.readouterr().err


def test_files_are_chosen_by_pattern_and_by_rule(done: Surveys) -> None:
    def chosen(more: str) -> list[str]:
        plan = plan_of(PLAN.replace('source = "tree"', f'source = "tree"\n{more}'), done.folder)
        return [file.path for file in read_corpus(plan.files, done.settings).files]

    assert chosen('include = ["others/"]\nfirst = 2') == ["others/a0.c", "others/a1.c"]
    assert chosen('exclude = ["others/a*.c"]') == ["linux/init/main.c", SCHED, "linux/lib/ctype.c"]
    assert chosen("every = 4") == ["linux/init/main.c", "others/a1.c", "others/a5.c"]
    drawn = chosen("random = 3\nseed = 1")
    assert (len(drawn), drawn) == (3, chosen("random = 3\nseed = 1"))
    assert {tuple(chosen(f"random = 3\nseed = {seed}")) for seed in range(4)} != {tuple(drawn)}
