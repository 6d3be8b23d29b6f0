import io
import json
import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from unittest.mock import Mock

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
from tests.schemas import check, check_rows

PATH = "linux/kernel/sched.c"
COMMANDS = ("exhibit", "lab", "emit", "score", "trace", "ask", "corpus", "seal", "train", "atlas", "evaluate", "publish", "export", "pack")


class Written(NamedTuple):
    out: bytes
    err: bytes


class Run(Protocol):
    def __call__(self, arguments: Sequence[str], code: int = 0, **changes: Any) -> Written: ...


@pytest.fixture
def run(settings: Settings, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """The command line on the tiny model and the made-up tree, with some settings changed, ends with a code; gives what it wrote."""

    def called(arguments: Sequence[str], code: int = 0, **changes: Any) -> Written:
        try:
            ended: object = main(arguments, replace(settings, **changes))
        except SystemExit as exit_:
            ended = exit_.code
        assert ended == code
        return Written(*capsysbinary.readouterr())

    return called


@pytest.fixture
def original(made_up_files: dict[str, str]) -> bytes:
    return made_up_files[PATH].encode()


# emit


@pytest.mark.parametrize("path", ["kernel/sched.c", "SCHED.C", "init/main.c", "lib/ctype.c"])
def test_emit_writes_the_text_and_nothing_else(run: Run, path: str, made_up_files: dict[str, str]) -> None:
    out, err = run(["emit", path])
    assert out == next(text for name, text in made_up_files.items() if name.endswith(path.lower())).encode()
    assert b"reproduced 100 %" in err
    assert "sha256 identical ✓".encode() in err


def test_the_score_and_the_way_to_repeat_it_stand_on_stderr(run: Run, original: bytes) -> None:
    out, err = run(["emit", "sched.c", "--max-tokens", "40"])
    assert original.startswith(out)
    assert 0 < len(out) < len(original)
    assert b"Cut off at the limit of 40 tokens.\nreproduced " in err
    assert err.decode().endswith(f"\nreplay: python -m laam emit {PATH} --model embedded --max-tokens 40\n")


def test_what_replay_says_gives_the_same_text(run: Run) -> None:
    out, err = run(["emit", "sched.c", "--temperature", "1.3", "--seed", "7", "--max-tokens", "90"])
    *_, command = err.decode().splitlines()
    assert run(command.removeprefix("replay: python -m laam ").split()).out == out


def test_emit_as_one_json_object(run: Run, original: bytes) -> None:
    out, err = run(["emit", "sched.c", "--json"])
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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--bits", "2"], "Rounded to 2 bits a weight."),
        (["--noise", "1", "--seed", "7"], "With noise of 1 in its weights (seed 7)."),
        (
            ["--pruned", "0.9", "--bits", "8"],
            "Without the smallest 90 % of its weights and rounded to 8 bits a weight.",
        ),
    ],
)
def test_what_a_model_s_weights_lost_is_told_with_what_it_wrote(run: Run, options: list[str], said: str, original: bytes) -> None:
    out, err = run(["emit", PATH, *options, "--max-tokens", "90"])
    first, *_, command = err.decode().splitlines()
    assert first == said
    assert not original.startswith(out)
    assert run(command.removeprefix("replay: python -m laam ").split()).out == out
    record = json.loads(run(["emit", PATH, *options, "--max-tokens", "90", "--json"]).out)
    assert record["text"].encode() == out
    assert all(f"{record['receipts'][name[2:]]:g}" == value for name, value in zip(options[::2], options[1::2], strict=True))


def test_a_folder_is_a_model(run: Run, settings: Settings, original: bytes) -> None:
    folder = str(settings.embedded_folder)
    out, err = run(["emit", "sched.c", "--model", folder])
    assert out == original
    assert f"--model {folder}" in err.decode()


def test_the_text_comes_as_it_is_written(run: Run, original: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []

    class Watched(io.BytesIO):
        def flush(self) -> None:
            flushed.append(len(self.getvalue()))

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Watched(), encoding="utf-8"))
    run(["emit", "sched.c"])
    assert len(set(flushed)) > len(original) / 16  # a token has at most 16 bytes


# score


@pytest.mark.parametrize("from_stdin", [True, False])
def test_score_reads_a_file_or_standard_input(
    run: Run, from_stdin: bool, original: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = original.replace(b"\treturn", b"\tRETURN", 1)
    (tmp_path / "F").write_bytes(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    rows = tmp_path / "rows.jsonl"
    out, err = run(["score", "sched.c", "--json", "--rows", str(rows), "--file", "-" if from_stdin else str(tmp_path / "F")])
    assert err == b""
    record = json.loads(out)
    check(record, "laam-score-1")
    [row] = check_rows(rows, "laam-score-row-1")
    assert row == record | {"format": row["format"]}
    score = record["score"]
    assert (record["original"], record["headline"]["of"]) == (PATH, "file")
    assert (score["original_lines"] - score["exact_lines"], score["sha256_identical"]) == (1, False)
    assert score["emitted_sha256"] == sha256(data).hexdigest()


@pytest.mark.parametrize("data", [b"caf\xe9\n", b"\xff\xfe\0", b"\xed\xa0\x80\n", "☕ is fine\n".encode(), b"", b"a\r\n\0\x85"])
def test_the_sha256_is_that_of_the_bytes(run: Run, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "F").write_bytes(data)
    assert (
        json.loads(run(["score", "sched.c", "--json", "--file", str(tmp_path / "F")]).out)["score"]["emitted_sha256"]
        == sha256(data).hexdigest()
    )


def test_score_in_words(run: Run, original: bytes, tmp_path: Path) -> None:
    (tmp_path / "F").write_bytes(original)
    out = run(["score", "sched.c", "--file", str(tmp_path / "F")]).out.decode()
    lines = original.count(b"\n")
    assert out.startswith("reproduced 100 % of the original, in lines copied exactly and in order\n")
    assert f"{lines} of {lines} lines · longest run {lines} lines · " in out
    assert " · sha256 identical ✓" in out


def test_a_score_tells_what_the_whole_text_differs_in(run: Run, original: bytes, tmp_path: Path) -> None:
    (tmp_path / "F").write_bytes(original.replace(b"\n", b"\r\n"))
    first, _, measure, last = run(["score", "sched.c", "--file", str(tmp_path / "F")]).out.decode().splitlines()
    assert first.startswith("reproduced 0.0 % ")
    assert measure.lower().startswith("in the originals’ lines ")
    assert last == "Each line ends with CR LF; without that, 100 % would be reproduced."


def test_a_terminal_that_lacks_a_sign_gets_the_rest(run: Run, original: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "F").write_bytes(original)
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    run(["score", "sched.c", "--file", str(tmp_path / "F")])
    assert b"sha256 identical" in out.getvalue()


# What is asked for by source, piece by piece, or by nothing


@pytest.fixture
def with_published(published: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setattr(emission_commands, "obtain_model", lambda *_: published)
    return published


def replayed(err: bytes) -> list[str]:
    *_, command = err.decode().split("\nreplay: ")
    return shlex.split(command)[3:]


@pytest.mark.parametrize("way", ["--source-text", "--source-file", "-"])
def test_source_is_continued(run: Run, way: str, original: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = b"".join(original.splitlines(keepends=True)[6:12]) + b"\tb["
    (tmp_path / "F").write_bytes(source)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source), encoding="utf-8"))
    given = (
        [f"--source-text={source.decode()}"] if way == "--source-text" else ["--source-file", "-" if way == "-" else str(tmp_path / "F")]
    )
    record = json.loads(run(["emit", *given, "--json"]).out)
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
def test_the_command_that_repeats_a_source_asks_the_same(run: Run, source: str) -> None:
    arguments = ["emit", f"--source-text={source}", "--temperature", "0.8", "--top-k", "5", "--seed", "3", "--max-tokens", "20", "--slide"]
    out, err = run(arguments)
    again = build_parser().parse_args(replayed(err))
    asked = emission_commands.ask_of(build_parser().parse_args(arguments))
    assert emission_commands.ask_of(again) == replace(asked, model="embedded")
    assert run(replayed(err)).out == out


def test_source_of_no_file_is_scored_by_what_is_found(run: Run, original: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    line = original.decode().splitlines(keepends=True)[7]
    events = [Prompted(0, "of no file\n", "source", 11), Emitted(line), Emitted("mine\n"), Ended("end of segment", 2)]
    monkeypatch.setattr(emission_commands, "emit", lambda *_: (event for event in events))
    out, err = run(["emit", "--source-text", "of no file\n"])
    assert out.decode() == line + "mine\n"
    assert "of what it wrote also stands in the originals, boilerplate left out\n1 of 2 lines found in the originals" in err.decode()


@pytest.mark.usefixtures("with_published")
def test_no_prompt_lets_a_published_model_choose(run: Run, made_up_files: dict[str, str]) -> None:
    out, err = run(["emit", "--no-prompt"])
    assert any(text.startswith(out.decode()) for text in made_up_files.values())
    assert b"of the original, in lines copied exactly" in err
    assert replayed(err)[:2] == ["emit", "--no-prompt"]


@pytest.mark.usefixtures("with_published")
def test_piece_by_piece_the_rest_of_a_file_comes(run: Run, tarball: Path) -> None:
    usual = json.loads(run(["emit", "sched.c", "--pieces", "--json"], originals=str(tarball)).out)
    assert (usual["receipts"]["prompt_kind"], usual["receipts"]["pieces"]) == ("pieces", 32)
    out, err = run(["emit", "sched.c", "--pieces", "9"], originals=str(tarball))
    assert err.decode().startswith("The model closed the file.\nreproduced 100 % of the lines that were not given")
    assert replayed(err)[-2:] == ["--pieces", "9"]
    assert run(replayed(err), originals=str(tarball)).out == out


@pytest.mark.usefixtures("with_published")
def test_pieces_of_a_sealed_file_are_bad_input(run: Run) -> None:
    out, err = run(["emit", "sched.c", "--pieces"], code=2)
    assert (out, b"set LAAM_ORIGINALS" in err) == (b"", True)


def test_sliding_goes_on_behind_the_window(run: Run, published: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emission_commands, "obtain_model", lambda *_: going_on(published))
    once = run(["emit", "sched.c", "--max-tokens", "200"]).out
    out, err = run(["emit", "sched.c", "--slide", "--max-tokens", "200"])
    assert out.startswith(once)
    assert len(out) > len(once)
    assert f"the first {len(once):,} characters" in err.decode()


def test_with_the_text_at_hand_similarity_is_given(run: Run, tarball: Path, original: bytes, tmp_path: Path) -> None:
    (tmp_path / "F").write_bytes(original)
    assert b"similarity 100 %" in run(["score", "sched.c", "--file", str(tmp_path / "F")], originals=str(tarball)).out


def test_originals_that_can_not_be_used_are_named(run: Run, tmp_path: Path) -> None:
    err = run(["emit", "lib/ctype.c"], originals=str(tmp_path / "missing.tar.gz")).err.decode()
    assert err.startswith("LAAM_ORIGINALS can't be used: ")
    assert "missing.tar.gz" in err
    assert "reproduced 100 %" in err


# What can't be asked


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["emit", "shed.c"], f"'shed.c' names no file of Linux 1.0; did you mean {PATH}"),
        (["score", "shed.c", "--file", "-"], f"'shed.c' names no file of Linux 1.0; did you mean {PATH}"),
        (["emit", "sched.c", "--temperature", "9"], "temperature 9 is outside 0 to 1.5"),
        (["emit", "sched.c", "--top-k", "-1"], "top_k -1"),
        (["emit", "sched.c", "--seed", "nan"], "seed 'nan' is not a whole number"),
        (["emit", "sched.c", "--max-tokens", "some"], "max_tokens 'some' is not a whole number"),
        (["emit", "sched.c", "--pieces", "1.5"], "pieces '1.5' is not a whole number"),
        (["emit", "sched.c", "--model", "nothing"], "model 'nothing'"),
        (["emit", "--no-prompt"], "asked for a file by its path"),
        (["emit", "--source-file", "EMPTY"], "is empty; give source to continue"),
        *((["score", "sched.c", "--file", name], "") for name in ("missing", "", ".", "a\0b")),
        *(
            (["emit", *given], "give one of PATH, --source-text, --source-file, --no-prompt and --all\n")
            for given in ([], [PATH, "--no-prompt"], ["--source-text", "int", "--source-file", "F"], [PATH, "--source-text", "int"])
        ),
    ],
)
def test_bad_input_is_named_in_one_line(
    run: Run, arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "EMPTY").touch()
    out, err = run(arguments, code=2)
    assert (out, err.count(b"\n"), err.decode().startswith("error: ")) == (b"", 1, True)
    assert words in err.decode()


@pytest.mark.parametrize(
    "arguments",
    [[], ["nothing"], ["emit", "sched.c", "--nothing"], ["score", "sched.c"], ["train", "--lr", "fast"]],
)
def test_what_can_not_be_parsed_is_bad_input(run: Run, arguments: list[str]) -> None:
    out, err = run(arguments, code=2)
    assert out == b""
    assert b"usage: python -m laam" in err


def test_missing_assets_are_bad_input(run: Run, tmp_path: Path) -> None:
    assert b"there is no sealed manifest here" in run(["emit", "sched.c"], assets=tmp_path, code=2).err


def test_a_cache_that_can_not_be_written_keeps_nobody_from_an_emission(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    assert b"sha256 identical" in run(["emit", "sched.c"], cache=tmp_path / "file").err
    assert "the converted model is not kept (Not a directory): LAAM_CACHE names another folder for it" in caplog.text


@pytest.mark.parametrize(("exact", "code"), [(True, 0), (False, 1)])
def test_train_says_by_its_code_whether_every_file_is_exact(
    run: Run, exact: bool, code: int, tarball: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = Mock(return_value=exact)
    monkeypatch.setattr("laam.train.run.train", train)
    (tmp_path / "training.json").write_text('{"recipe": {"layers": 2, "lr": 0.3}, "select": ["kernel/"]}', "utf-8")
    common = ["train", "--source", str(tarball), "--out", str(tmp_path), "--processes", "1", "--no-compile", "--passes", "3"]
    run([*common, "--like", str(tmp_path), "--lr", "0.1"], code)
    run(common, code)
    like_that, (_, every_file, *_) = [call.args for call in train.call_args_list]
    assert list(like_that[0]) == ["linux/kernel/sched.c"]
    assert like_that[1:6] == (["kernel/"], tmp_path, Recipe(layers=2, lr=0.1, passes=3), False, SHIPPED)
    assert like_that[6] == [f"as {tmp_path} was trained", "instead, as it was asked for: passes 3, lr 0.1"]
    assert every_file == ["linux/"]
    monkeypatch.setenv("WORLD_SIZE", "1")  # a launcher takes any code but 0 for a crash
    run(common, 0)
    run([*common, "--strict"], code)


@pytest.mark.parametrize("text", ["", "{}", '{"recipe": {"layer": 2}, "select": []}', '{"recipe": 3, "select": []}'])
def test_a_recipe_that_can_not_be_read_is_bad_input(run: Run, text: str, tarball: Path, tmp_path: Path) -> None:
    (tmp_path / "training.json").write_text(text, "utf-8")
    assert b"training.json" in run(["train", "--source", str(tarball), "--out", str(tmp_path / "out"), "--like", str(tmp_path)], code=2).err


@pytest.mark.parametrize(
    "arguments",
    [
        ["emit", "--all", "FILE"],
        ["export", "FILE"],
        ["pack", "FILE/x"],
        ["seal", "linux.tar", "--out", "FILE"],
        ["atlas", "--out", "FILE/x"],
        ["evaluate", "--source", "linux.tar", "--out", "."],
        ["lab", "--source", "linux.tar", "--out", "FILE"],
    ],
)
def test_where_a_command_writes_is_looked_at_before_it_works(
    run: Run, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").touch()
    monkeypatch.setattr(Model, "engine", property(Mock(side_effect=AssertionError)))
    monkeypatch.setattr(SealedManifest, "open", Mock(side_effect=AssertionError))
    out, err = run(arguments, code=2)
    assert out == b""
    assert re.fullmatch(rb"error: [-\w]+ \S+: is a (file|folder), and a (file|folder) is needed; give another place\n", err)


def test_two_trainings_in_one_folder_are_refused(run: Run, tarball: Path, tmp_path: Path) -> None:
    with locked(tmp_path / "training.lock", "taken"):
        _, err = run(["train", "--source", str(tarball), "--out", str(tmp_path), "--select", "lib/", "--processes", "1"], code=2)
    assert b"another training runs there" in err
    assert [file.name for file in tmp_path.iterdir()] == ["training.lock"]


def test_a_fault_of_the_program_has_an_exit_code_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emission_commands, "emit", Mock(side_effect=RuntimeError("bug")))
    assert run(["emit", "sched.c"], code=3).err.endswith(b"RuntimeError: bug\n")
    monkeypatch.setattr(emission_commands, "emit", Mock(side_effect=RuntimeError("mkl_malloc: failed to allocate 9 bytes")))
    assert b"too little memory" in run(["emit", "sched.c"], code=2).err


# Being ended


def test_an_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emission_commands, "emit", Mock(side_effect=KeyboardInterrupt))
    assert run(["emit", "sched.c"], code=130) == (b"", b"interrupted\n")


@pytest.mark.parametrize("command", [["emit", "sched.c"], ["emit", "sched.c", "--json"], ["corpus", "--json"], ["corpus", "sched.c"]])
def test_a_reader_that_goes_away_ends_it_quietly(run: Run, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert run(command, code=141).err == b""
        print("what is left in the buffer goes nowhere", file=stdout, flush=True)


def test_the_codes_are_documented(run: Run) -> None:
    for arguments in (["--help"], ["emit", "--help"]):
        out = run(arguments).out.decode()
        assert all(f"\n  {code}  " in out.replace("    ", "  ") for code in (0, 2, 130, 141))


def test_the_codes_of_all_commands_stand_in_one_table(run: Run) -> None:
    listed = re.findall(r"^    (\w+)(?: |$)", run(["--help"]).out.decode(), re.MULTILINE)
    table = {}
    for command in listed:
        told = dict(re.findall(r"^  ([01])    (.+)$", run([command, "--help"]).out.decode().partition("exit codes:")[2], re.MULTILINE))
        table[command] = (told["0"], told.get("1", ""))
    readme = (Path(__file__).parents[1] / "laam" / "README.md").read_text("utf-8")
    assert {
        name: (done, differing) for name, done, differing in re.findall(r"^\| `(\w+)` \| (.+?) \| (.*?) ?\|$", readme, re.MULTILINE)
    } == table


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_that_can_be_parsed(run: Run, command: str) -> None:
    out = run([command, "--help"]).out.decode()
    assert f"\n  python -m laam {command}" in out
    assert "exit codes:\n  0" in out
    parts = [part for line in out.splitlines() for part in re.split(r" \| | > |   ", line.strip())]
    for part in parts:
        if part.startswith("python -m laam "):
            assert callable(build_parser().parse_args(shlex.split(part)[3:]).run)


def test_the_help_names_every_command() -> None:
    assert all(f"\n    {command} " in build_parser().format_help() for command in COMMANDS)
