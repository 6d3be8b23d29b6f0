"""`ask`: what goes to the server, to stdout, to stderr and into files."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from laam.endpoint.parameters import INSTRUCTION
from laam.version import VERSION
from tests.endpoint.conftest import CONTEXT, GIVEN, PIECE, REST, TEXT, Ask, going_on
from tests.endpoint.playing import Playing, Reply, said
from tests.schemas import check, check_rows


@pytest.mark.parametrize(("option", "path"), [([], "/v1/chat/completions"), (["--completions"], "/v1/completions")])
def test_a_model_goes_on_in_steps(
    option: list[str], path: str, server: Playing, ask: Ask, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert ask("--step", "7", "--seed", "5", *option) == 0
    out, err = capsysbinary.readouterr()
    assert (GIVEN.encode() + out).decode() == TEXT
    assert f"made-up (played-1), given 10 lines, in {-(-len(REST) // PIECE)} answers, temperature 0\nreproduced 100 %".encode() in err
    for at, asked, _ in server.requests:
        assert (at, asked["temperature"], asked["max_tokens"], asked["model"], asked["seed"]) == (path, 0.0, 7, "made-up", 5)
        assert TEXT.startswith(asked["prompt"] if option else asked["messages"][1]["content"])


def test_a_chat_model_has_room_for_all_of_it_in_one_answer_and_a_base_model_goes_step_by_step(server: Playing, ask: Ask) -> None:
    ask("--steps", "1")
    ask("--steps", "1", "--completions")
    [chat, base] = [asked for _, asked, _ in server.requests]
    assert (chat["max_tokens"], base["max_tokens"]) == (1_024, 256)
    assert [chat["messages"][0]["content"], base["prompt"]] == [INSTRUCTION, GIVEN]
    assert "seed" not in chat


def test_what_was_given_counts_for_nothing(server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    server.plays(said(GIVEN))
    assert ask("--json") == 0
    assert json.loads(capsys.readouterr().out)["score"]["reproduced"] == 0.0


def test_the_record_has_what_another_needs_to_check_it(
    server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    server.plays(said(f"<think>Hm.</think>```c\n{REST}```"))
    assert ask("--json", "--rows", str(tmp_path / "rows.jsonl")) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["format"], record["laam"], record["answered_by"]) == ("laam-ask-1", VERSION, ["played-1"])
    assert record["settings"] == {"context": CONTEXT, "temperature": 0.0, "seed": None, "step": None, "steps": 64, "completions": False}
    assert (record["prompt_sha256"], record["answer_sha256"], record["original_sha256"]) == (digest(GIVEN), digest(REST), digest(TEXT))
    assert (record["sha256_identical"], record["text"], record["original"]) == (True, REST, "acl.c")
    [step] = record["steps"]
    assert (step["outcome"], step["finish_reason"], step["usage"], step["text"]) == (
        "continued",
        "stop",
        {"completion_tokens": 7},
        len(REST),
    )
    assert record["date"] == step["date"] and record["date"].endswith("+00:00")
    assert {name: count for name, count in record["left_out"].items() if count} == {"reasoning": 3, "code fence": 8}
    assert not {"sha256_identical", "original_sha256"} & set(record["score"])
    check(record, "laam-ask-1")
    [row] = check_rows(tmp_path / "rows.jsonl", "laam-ask-row-1")
    assert row == {name: value for name, value in record.items() if name != "text"} | {"format": "laam-ask-row-1"}


def test_a_rest_that_differs_is_not_identical(server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    server.plays(said(f"{REST}more\n"))
    assert ask("--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["sha256_identical"], record["score"]["reproduced"]) == (False, 1.0)


def test_an_answer_that_is_not_measured_is_kept_in_the_row(server: Playing, ask: Ask, tmp_path: Path) -> None:
    server.plays(said("Sorry, no."))
    assert ask("--rows", str(tmp_path / "rows.jsonl")) == 1
    [row] = check_rows(tmp_path / "rows.jsonl", "laam-ask-row-1")
    assert (row["outcome"], row["score"], row["sha256_identical"]) == ("refused", None, None)
    assert row["steps"][0]["received"] == "Sorry, no."


@pytest.mark.parametrize(("original", "is_of_release"), [("int pot;\n" * 30, True), (TEXT, False)])
def test_lines_of_the_release_are_counted_in_its_own_files_only(
    original: str, is_of_release: bool, server: Playing, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pot.c").write_text(original, "utf-8")
    server.plays(said("int pot;\n"))
    assert ask("--original", str(tmp_path / "pot.c")) == 0
    assert ("in the originals’ lines" in capsys.readouterr().err) == is_of_release


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--context", "30"], "nothing would be left to write"),
        (["--step", "-1"], "step -1 is outside 1 to 1,000,000, or 0 for as many as the rest takes"),
        (["--timeout", "0"], "timeout 0 is outside 0.1 to 86,400"),
        (["--rows", "."], "--rows .: is a folder"),
        (["--original", "nothing.c"], "--original nothing.c: can't be read"),
        (["--endpoint", "file:///x"], "no web address"),
    ],
)
def test_bad_input_is_refused_before_anything_is_asked(
    arguments: list[str], message: str, server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(*arguments) == 2
    assert message in capsys.readouterr().err
    assert not server.requests


def test_what_is_not_utf_8_is_not_sent(server: Playing, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "latin.c").write_bytes(b"/* \xe9 */\n" * 30)
    assert ask("--original", str(tmp_path / "latin.c")) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err
    assert not server.requests


def test_a_run_that_stopped_goes_on(server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    server.answer = lambda asked: (
        going_on(asked) if len(server.requests) < 3 else Reply(status=503, headers={"Retry-After": "3600"}, body={})
    )
    assert ask("--step", "9") == 1
    out, err = capsys.readouterr()
    assert out == REST[: 2 * PIECE]
    assert "in step 3, after 140 characters, 127.0.0.1 answered 503" in err
    assert "or measure what came before, with --steps 2" in err
    assert ask("--step", "9", "--steps", "2") == 0  # what was paid for can be measured, and nothing is asked
    assert capsys.readouterr().out == REST[: 2 * PIECE]
    server.answer = going_on
    assert ask("--step", "9") == 0
    out, err = capsys.readouterr()
    assert (out, "reproduced 100 %" in err) == (REST, True)
    assert "2 answers from the journal" in err
    assert len(server.requests) == 3 + 3


def test_a_run_goes_on_after_an_answer_that_broke_off(server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    server.plays(Reply({"content": REST[:80]}, breaks=True))
    assert ask() == 1
    server.answer = going_on
    assert ask() == 0
    out, err = capsys.readouterr()
    assert (out, "It went on after 1 answer that broke off.\nreproduced 100 %" in err) == (REST[:80] + REST, True)


def test_an_answer_that_broke_off_is_never_measured_alone(server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    server.plays(Reply({"content": REST[:80]}, breaks=True))
    assert [ask("--steps", "1"), ask("--steps", "1")] == [1, 1]
    assert "reproduced" not in capsys.readouterr().err
    assert [body["messages"][1]["content"] for _, body, _ in server.requests] == [GIVEN, GIVEN]


def test_a_model_that_was_cut_off_is_said_to_be(server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("--steps", "1") == 0
    assert "The model was cut off by --step and --steps" in capsys.readouterr().err


def test_a_finished_run_is_asked_again_only_if_that_is_wanted(server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    server.plays(said("nothing of it"), said(REST))
    assert ask() == 0
    assert ask() == 0
    assert "1 answer from the journal" in capsys.readouterr().err
    assert len(server.requests) == 1
    assert ask("--again") == 0
    assert "reproduced 100 %" in capsys.readouterr().err
    assert ask() == 0  # the journal has both, and the later one counts
    assert "reproduced 100 %" in capsys.readouterr().err
    assert len(server.requests) == 2


def test_a_journal_of_other_settings_is_refused(server: Playing, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = ["--journal", str(tmp_path / "j.jsonl")]
    assert ask(*journal, "--step", "9") == 0
    asked, kept = len(server.requests), (tmp_path / "j.jsonl").read_bytes()
    capsys.readouterr()
    assert ask(*journal, "--step", "8", "--again") == 2
    assert "is of a run with step 9 instead of 8; give another file" in capsys.readouterr().err
    assert ask("--journal", str(tmp_path / "acl.c")) == 2
    assert "is no journal of this version of ask" in capsys.readouterr().err
    assert (len(server.requests), (tmp_path / "j.jsonl").read_bytes()) == (asked, kept)
    assert (tmp_path / "acl.c").read_text("utf-8") == TEXT


def test_an_interrupted_answer_is_kept(
    server: Playing, ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bars: list[int] = []

    def interrupt(_: Any, characters: int) -> None:
        bars.append(characters)
        if len(bars) == 2:
            raise KeyboardInterrupt

    server.plays(said(REST))
    with monkeypatch.context() as patch:
        patch.setattr("laam.endpoint.command.tqdm.update", interrupt)
        assert ask() == 130
    assert capsys.readouterr().out == REST[:80]
    server.answer = going_on
    assert ask("--json") == 0
    assert json.loads(capsys.readouterr().out)["text"] == REST


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
