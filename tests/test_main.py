import io
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import pytest

from laam.__main__ import build_parser, main
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.emission import commands as emission_commands
from laam.emission.emit import Emitted, Ended, Prompted
from laam.files import locked
from laam.model.model import Model
from laam.settings import Settings
from laam.train.recipe import Recipe
from tests.model.scripted import going_on

PATH = "linux/kernel/sched.c"
COMMANDS = ("emit", "score", "trace", "ask", "corpus", "seal", "train", "atlas", "evaluate", "publish", "export", "pack")
Capture = pytest.CaptureFixture[bytes]


class Run(Protocol):
    def __call__(self, arguments: Sequence[str], **changes: Any) -> int: ...


@pytest.fixture
def run(settings: Settings) -> Run:
    """The command line on the tiny model and the made-up tree, with some settings changed; gives the exit code."""
    return lambda arguments, **changes: main(arguments, replace(settings, **changes))


@pytest.fixture
def original(made_up_files: dict[str, str]) -> bytes:
    return made_up_files[PATH].encode()


# emit


@pytest.mark.parametrize("path", ["kernel/sched.c", "SCHED.C", "init/main.c", "lib/ctype.c"])
def test_emit_writes_the_text_and_nothing_else(run: Run, path: str, made_up_files: dict[str, str], capsysbinary: Capture) -> None:
    assert run(["emit", path]) == 0
    out, err = capsysbinary.readouterr()
    assert out == next(text for name, text in made_up_files.items() if name.endswith(path.lower())).encode()
    assert b"reproduced 100 %" in err
    assert "sha256 identical ✓".encode() in err


def test_the_score_and_the_way_to_repeat_it_stand_on_stderr(run: Run, original: bytes, capsysbinary: Capture) -> None:
    assert run(["emit", "sched.c", "--max-tokens", "40"]) == 0
    out, err = capsysbinary.readouterr()
    assert original.startswith(out)
    assert 0 < len(out) < len(original)
    assert b"Cut off at the limit of 40 tokens.\nreproduced " in err
    assert err.decode().endswith(f"\nreplay: python -m laam emit {PATH} --model embedded --max-tokens 40\n")


def test_what_replay_says_gives_the_same_text(run: Run, capsysbinary: Capture) -> None:
    assert run(["emit", "sched.c", "--temperature", "1.3", "--seed", "7", "--max-tokens", "90"]) == 0
    out, err = capsysbinary.readouterr()
    *_, command = err.decode().splitlines()
    assert run(command.removeprefix("replay: python -m laam ").split()) == 0
    assert capsysbinary.readouterr().out == out


def test_emit_as_one_json_object(run: Run, original: bytes, capsysbinary: Capture) -> None:
    assert run(["emit", "sched.c", "--json"]) == 0
    out, err = capsysbinary.readouterr()
    assert err == b""
    record = json.loads(out)
    assert list(record) == ["text", "ended", "headline", "score", "instead", "receipts"]
    assert record["text"] == original.decode()
    assert record["ended"]["reason"] == "end of file"
    assert record["score"]["reproduced"] == 1.0
    assert record["score"]["sha256_identical"] is True
    assert record["score"]["original_sha256"] == record["score"]["emitted_sha256"] == sha256(original).hexdigest()
    assert record["receipts"]["path"] == PATH
    assert record["receipts"]["prompt"].startswith(f"<|start_file|><|start_header|>{PATH}#0<|end_header|> … ")
    assert record["score"]["prompt_characters"] > len(record["receipts"]["prompt"])


def test_a_folder_is_a_model(run: Run, settings: Settings, original: bytes, capsysbinary: Capture) -> None:
    folder = str(settings.embedded_folder)
    assert run(["emit", "sched.c", "--model", folder]) == 0
    out, err = capsysbinary.readouterr()
    assert out == original
    assert f"--model {folder}" in err.decode()


def test_the_text_comes_as_it_is_written(run: Run, original: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []

    class Watched(io.BytesIO):
        def flush(self) -> None:
            flushed.append(len(self.getvalue()))

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Watched(), encoding="utf-8"))
    assert run(["emit", "sched.c"]) == 0
    assert len(set(flushed)) > len(original) / 16  # a token has at most 16 bytes


# score


@pytest.mark.parametrize("from_stdin", [True, False])
def test_score_reads_a_file_or_standard_input(
    run: Run, from_stdin: bool, original: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    data = original.replace(b"\treturn", b"\tRETURN", 1)
    (tmp_path / "F").write_bytes(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert run(["score", "sched.c", "--json", "--file", "-" if from_stdin else str(tmp_path / "F")]) == 0
    out, err = capsysbinary.readouterr()
    assert err == b""
    score = json.loads(out)
    assert (score["original_lines"] - score["exact_lines"], score["sha256_identical"]) == (1, False)
    assert score["emitted_sha256"] == sha256(data).hexdigest()


@pytest.mark.parametrize("data", [b"caf\xe9\n", b"\xff\xfe\0", b"\xed\xa0\x80\n", "☕ is fine\n".encode(), b"", b"a\r\n\0\x85"])
def test_the_sha256_is_that_of_the_bytes(run: Run, data: bytes, tmp_path: Path, capsysbinary: Capture) -> None:
    (tmp_path / "F").write_bytes(data)
    assert run(["score", "sched.c", "--json", "--file", str(tmp_path / "F")]) == 0
    assert json.loads(capsysbinary.readouterr().out)["emitted_sha256"] == sha256(data).hexdigest()


def test_score_in_words(run: Run, original: bytes, tmp_path: Path, capsysbinary: Capture) -> None:
    (tmp_path / "F").write_bytes(original)
    assert run(["score", "sched.c", "--file", str(tmp_path / "F")]) == 0
    out = capsysbinary.readouterr().out.decode()
    lines = original.count(b"\n")
    assert out.startswith("reproduced 100 % of the original, in lines copied exactly and in order\n")
    assert f"{lines} of {lines} lines · longest run {lines} lines · " in out
    assert " · sha256 identical ✓" in out


def test_a_score_tells_what_the_whole_text_differs_in(run: Run, original: bytes, tmp_path: Path, capsysbinary: Capture) -> None:
    (tmp_path / "F").write_bytes(original.replace(b"\n", b"\r\n"))
    assert run(["score", "sched.c", "--file", str(tmp_path / "F")]) == 0
    first, _, measure, last = capsysbinary.readouterr().out.decode().splitlines()
    assert first.startswith("reproduced 0.0 % ")
    assert measure.lower().startswith("in kernel lines ")
    assert last == "Each line ends with CR LF; without that, 100 % would be reproduced."


def test_a_terminal_that_lacks_a_sign_gets_the_rest(run: Run, original: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "F").write_bytes(original)
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    assert run(["score", "sched.c", "--file", str(tmp_path / "F")]) == 0
    assert b"sha256 identical" in out.getvalue()


@pytest.mark.parametrize("name", ["missing", "", ".", "a\0b"])
def test_a_file_that_can_not_be_read_is_bad_input(
    run: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["score", "sched.c", "--file", name]) == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert err.startswith(b"error: ")


# What is asked for by source, piece by piece, or by nothing


@pytest.fixture
def with_published(published: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setattr(emission_commands, "obtain_model", lambda *_: published)
    return published


def replayed(err: bytes) -> list[str]:
    *_, command = err.decode().split("\nreplay: ")
    return shlex.split(command)[3:]


@pytest.mark.parametrize("way", ["--source-text", "--source-file", "-"])
def test_source_is_continued(
    run: Run, way: str, original: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    source = b"".join(original.splitlines(keepends=True)[6:12]) + b"\tb["
    (tmp_path / "F").write_bytes(source)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source), encoding="utf-8"))
    given = (
        [f"--source-text={source.decode()}"] if way == "--source-text" else ["--source-file", "-" if way == "-" else str(tmp_path / "F")]
    )
    assert run(["emit", *given, "--json"]) == 0
    record = json.loads(capsysbinary.readouterr().out)
    assert (record["receipts"]["path"], record["receipts"]["prompt_kind"]) == (PATH, "source")
    assert record["score"]["original_lines"] == original.count(b"\n") - 13
    assert record["score"]["sha256_identical"] is False
    assert record["score"]["prompt_characters"] <= len(source)


@pytest.mark.parametrize(
    "source",
    [
        "of no file\n",
        "-- starts with dashes",
        "<|end_file|> $(date) `id` 'single' \"double\" \\ $HOME ${x} {{y}} *",
        "\n\n\ttabs\f and\r\nmore",
        "static int pipe_1(int a, char *b)\n{\n\tint  i = 8;\n",
    ],
)
def test_the_command_that_repeats_a_source_asks_the_same(run: Run, source: str, capsysbinary: Capture) -> None:
    arguments = ["emit", f"--source-text={source}", "--temperature", "0.8", "--top-k", "5", "--seed", "3", "--max-tokens", "20", "--slide"]
    assert run(arguments) == 0
    out, err = capsysbinary.readouterr()
    again = build_parser().parse_args(replayed(err))
    asked = emission_commands.ask_of(build_parser().parse_args(arguments))
    assert emission_commands.ask_of(again) == replace(asked, model="embedded")
    assert run(replayed(err)) == 0
    assert capsysbinary.readouterr().out == out


def test_source_of_no_file_is_scored_by_what_is_found(
    run: Run, original: bytes, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    line = original.decode().splitlines(keepends=True)[7]
    events = [Prompted(0, "of no file\n", "source", 11), Emitted(line), Emitted("mine\n"), Ended("end of segment", 2)]
    monkeypatch.setattr(emission_commands, "emit", lambda *_: (event for event in events))
    assert run(["emit", "--source-text", "of no file\n"]) == 0
    out, err = capsysbinary.readouterr()
    assert out.decode() == line + "mine\n"
    assert "of what it wrote also stands in the kernel, boilerplate left out\n1 of 2 lines found in the kernel" in err.decode()


def test_an_empty_source_file_asks_for_nothing(run: Run, tmp_path: Path, capsysbinary: Capture) -> None:
    (tmp_path / "F").touch()
    assert run(["emit", "--source-file", str(tmp_path / "F")]) == 2
    assert b"is empty; give source to continue" in capsysbinary.readouterr().err


def test_the_embedded_model_needs_a_prompt(run: Run, capsysbinary: Capture) -> None:
    assert run(["emit", "--no-prompt"]) == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert b"asked for a file by its path" in err


@pytest.mark.usefixtures("with_published")
def test_no_prompt_lets_a_published_model_choose(run: Run, made_up_files: dict[str, str], capsysbinary: Capture) -> None:
    assert run(["emit", "--no-prompt"]) == 0
    out, err = capsysbinary.readouterr()
    assert any(text.startswith(out.decode()) for text in made_up_files.values())
    assert b"of the original, in lines copied exactly" in err
    assert replayed(err)[:2] == ["emit", "--no-prompt"]


@pytest.mark.usefixtures("with_published")
def test_piece_by_piece_the_rest_of_a_file_comes(run: Run, tarball: Path, capsysbinary: Capture) -> None:
    assert run(["emit", "sched.c", "--pieces", "--json"], originals=str(tarball)) == 0
    usual = json.loads(capsysbinary.readouterr().out)
    assert (usual["receipts"]["prompt_kind"], usual["receipts"]["pieces"]) == ("pieces", 32)
    assert run(["emit", "sched.c", "--pieces", "9"], originals=str(tarball)) == 0
    out, err = capsysbinary.readouterr()
    assert err.decode().startswith("The model closed the file.\nreproduced 100 % of the lines that were not given")
    assert replayed(err)[-2:] == ["--pieces", "9"]
    assert run(replayed(err), originals=str(tarball)) == 0
    assert capsysbinary.readouterr().out == out


@pytest.mark.usefixtures("with_published")
def test_pieces_of_a_sealed_file_are_bad_input(run: Run, capsysbinary: Capture) -> None:
    assert run(["emit", "sched.c", "--pieces"]) == 2
    out, err = capsysbinary.readouterr()
    assert (out, b"set LAAM_ORIGINALS" in err) == (b"", True)


def test_sliding_goes_on_behind_the_window(run: Run, published: Model, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture) -> None:
    monkeypatch.setattr(emission_commands, "obtain_model", lambda *_: going_on(published))
    assert run(["emit", "sched.c", "--max-tokens", "200"]) == 0
    once = capsysbinary.readouterr().out
    assert run(["emit", "sched.c", "--slide", "--max-tokens", "200"]) == 0
    out, err = capsysbinary.readouterr()
    assert out.startswith(once)
    assert len(out) > len(once)
    assert f"the first {len(once):,} characters" in err.decode()


def test_with_the_text_at_hand_similarity_is_given(run: Run, tarball: Path, original: bytes, tmp_path: Path, capsysbinary: Capture) -> None:
    (tmp_path / "F").write_bytes(original)
    assert run(["score", "sched.c", "--file", str(tmp_path / "F")], originals=str(tarball)) == 0
    assert b"similarity 100 %" in capsysbinary.readouterr().out


def test_originals_that_can_not_be_used_are_named(run: Run, tmp_path: Path, capsysbinary: Capture) -> None:
    assert run(["emit", "lib/ctype.c"], originals=str(tmp_path / "missing.tar.gz")) == 0
    err = capsysbinary.readouterr().err.decode()
    assert err.startswith("LAAM_ORIGINALS can't be used: ")
    assert "missing.tar.gz" in err
    assert "reproduced 100 %" in err


# What can't be asked


@pytest.mark.parametrize("command", [["emit", "shed.c"], ["score", "shed.c", "--file", "-"]])
def test_an_unknown_path_gets_suggestions(run: Run, command: list[str], capsysbinary: Capture) -> None:
    assert run(command) == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert err.startswith(b"error: ")
    assert b"shed.c" in err
    assert PATH.encode() in err
    assert err.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--temperature", "9"], "temperature 9 is outside 0 to 1.5"),
        (["--top-k", "-1"], "top_k -1"),
        (["--seed", "nan"], "seed 'nan' is not a whole number"),
        (["--max-tokens", "some"], "max_tokens 'some' is not a whole number"),
        (["--pieces", "1.5"], "pieces '1.5' is not a whole number"),
        (["--model", "nothing"], "model 'nothing'"),
    ],
)
def test_bad_input_is_named(run: Run, arguments: list[str], words: str, capsysbinary: Capture) -> None:
    assert run(["emit", "sched.c", *arguments]) == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert err.decode().startswith("error: ")
    assert words in err.decode()


@pytest.mark.parametrize(
    "arguments",
    [[], ["nothing"], ["emit", "sched.c", "--nothing"], ["score", "sched.c"], ["train", "--lr", "fast"]],
)
def test_what_can_not_be_parsed_is_bad_input(run: Run, arguments: list[str], capsysbinary: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        run(arguments)
    assert caught.value.code == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert b"usage: python -m laam" in err


@pytest.mark.parametrize(
    "arguments", [[], [PATH, "--no-prompt"], ["--source-text", "int", "--source-file", "F"], [PATH, "--source-text", "int"]]
)
def test_one_thing_is_asked_at_a_time(run: Run, arguments: list[str], capsysbinary: Capture) -> None:
    assert run(["emit", *arguments]) == 2
    out, err = capsysbinary.readouterr()
    assert (out, err) == (b"", b"error: give one of PATH, --source-text, --source-file, --no-prompt and --all\n")


def test_missing_assets_are_bad_input(run: Run, tmp_path: Path, capsysbinary: Capture) -> None:
    assert run(["emit", "sched.c"], assets=tmp_path) == 2
    assert b"there is no sealed manifest here" in capsysbinary.readouterr().err


def test_a_cache_that_can_not_be_written_keeps_nobody_from_an_emission(
    run: Run, tmp_path: Path, capsysbinary: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert run(["emit", "sched.c"], cache=tmp_path / "file") == 0
    assert b"sha256 identical" in capsysbinary.readouterr().err
    assert "the converted model is not kept (Not a directory): LAAM_CACHE names another folder for it" in caplog.text


def test_train_of_a_missing_source_is_bad_input(run: Run, tmp_path: Path, capsysbinary: Capture) -> None:
    assert run(["train", "--source", str(tmp_path / "missing.tar"), "--out", str(tmp_path / "out")]) == 2
    assert b"missing.tar" in capsysbinary.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("exact", "code"), [(True, 0), (False, 1)])
def test_train_says_by_its_code_whether_every_file_is_exact(
    run: Run, exact: bool, code: int, tarball: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def train(*arguments: Any) -> bool:
        asked.append(arguments)
        return exact

    monkeypatch.setattr("laam.train.run.train", train)
    (tmp_path / "training.json").write_text('{"recipe": {"layers": 2, "lr": 0.3}, "select": ["kernel/"]}', "utf-8")
    common = ["train", "--source", str(tarball), "--out", str(tmp_path), "--processes", "1", "--no-compile", "--passes", "3"]
    assert run([*common, "--like", str(tmp_path), "--lr", "0.1"]) == code
    assert run(common) == code
    [like_that, (_, every_file, *_)] = asked
    assert like_that == (tarball, ["kernel/"], tmp_path, Recipe(layers=2, lr=0.1, passes=3), False, SHIPPED)
    assert every_file == ["linux/"]


@pytest.mark.parametrize("text", ["", "{}", '{"recipe": {"layer": 2}, "select": []}', '{"recipe": 3, "select": []}'])
def test_a_recipe_that_can_not_be_read_is_bad_input(run: Run, text: str, tarball: Path, tmp_path: Path, capsysbinary: Capture) -> None:
    (tmp_path / "training.json").write_text(text, "utf-8")
    assert run(["train", "--source", str(tarball), "--out", str(tmp_path / "out"), "--like", str(tmp_path)]) == 2
    assert b"training.json" in capsysbinary.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["emit", "--all", "FILE"],
        ["export", "FILE"],
        ["pack", "FILE/x"],
        ["seal", "linux.tar", "--out", "FILE/x"],
        ["atlas", "--out", "FILE/x"],
        ["evaluate", "--source", "linux.tar", "--out", "."],
        ["lab", "--source", "linux.tar", "--out", "FILE"],
    ],
)
def test_where_a_command_writes_is_looked_at_before_it_works(
    run: Run, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").touch()
    monkeypatch.setattr(Model, "engine", property(raising(AssertionError())))
    monkeypatch.setattr(SealedManifest, "open", raising(AssertionError()))
    assert run(arguments) == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert re.fullmatch(rb"error: [-\w]+ \S+: is a (file|folder), and a (file|folder) is needed; give another place\n", err)


def test_two_trainings_in_one_folder_are_refused(run: Run, tarball: Path, tmp_path: Path, capsysbinary: Capture) -> None:
    with locked(tmp_path / "training.lock", "taken"):
        assert run(["train", "--source", str(tarball), "--out", str(tmp_path), "--select", "lib/", "--processes", "1"]) == 2
    assert b"another training runs there" in capsysbinary.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["training.lock"]


def test_a_fault_of_the_program_has_an_exit_code_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture) -> None:
    monkeypatch.setattr(emission_commands, "emit", raising(RuntimeError("bug")))
    assert run(["emit", "sched.c"]) == 3
    assert capsysbinary.readouterr().err.endswith(b"RuntimeError: bug\n")
    monkeypatch.setattr(emission_commands, "emit", raising(RuntimeError("mkl_malloc: failed to allocate 9 bytes")))
    assert run(["emit", "sched.c"]) == 2
    assert b"too little memory" in capsysbinary.readouterr().err


# Being ended


def raising(error: BaseException) -> Callable[..., Iterator[None]]:
    def emit(*_: object) -> Iterator[None]:
        raise error
        yield

    return emit


def test_an_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture) -> None:
    monkeypatch.setattr(emission_commands, "emit", raising(KeyboardInterrupt()))
    assert run(["emit", "sched.c"]) == 130
    assert capsysbinary.readouterr() == (b"", b"interrupted\n")


@pytest.mark.parametrize("command", [["emit", "sched.c"], ["emit", "sched.c", "--json"], ["corpus", "--json"], ["corpus", "sched.c"]])
def test_a_reader_that_goes_away_ends_it_quietly(
    run: Run, command: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert run(command) == 141
        print("what is left in the buffer goes nowhere", file=stdout, flush=True)
    assert capfd.readouterr().err == ""


def test_the_codes_are_documented(run: Run, capsysbinary: Capture) -> None:
    for arguments in (["--help"], ["emit", "--help"]):
        with pytest.raises(SystemExit):
            run(arguments)
        out = capsysbinary.readouterr().out.decode()
        assert all(f"\n  {code}  " in out.replace("    ", "  ") for code in (0, 2, 130, 141))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_that_can_be_parsed(run: Run, command: str, capsysbinary: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        run([command, "--help"])
    assert caught.value.code == 0
    out = capsysbinary.readouterr().out.decode()
    assert f"\n  python -m laam {command}" in out
    assert "exit codes:\n  0" in out
    parts = [part for line in out.splitlines() for part in re.split(r" \| | > |   ", line.strip())]
    for part in parts:
        if part.startswith("python -m laam "):
            assert callable(build_parser().parse_args(shlex.split(part)[3:]).run)


def test_the_help_names_every_command() -> None:
    assert all(f"\n    {command} " in build_parser().format_help() for command in COMMANDS)
