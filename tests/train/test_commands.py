import argparse
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest

from laam.corpus.releases import SHIPPED
from laam.train import commands, fit, launch, run, timing
from laam.train.commands import add_recipe, train_files
from laam.train.timing import Timing

FILES = {"linux/kernel/pot.c": "int tee;\n"}
TIMINGS = [Timing(2, 1, "float32", 50.0), Timing(1, 2, "float32", 40.0), Timing(2, 1, "bfloat16", 30.0), Timing(1, 2, "bfloat16", 9.0)]


def chosen(words: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, small: bool = False) -> tuple[Mock, Mock]:
    """What was timed, and what was started, by a command's options; nothing is trained, and the timings are TIMINGS."""
    parser = argparse.ArgumentParser()
    add_recipe(parser)
    timed, started = Mock(return_value=TIMINGS), Mock(return_value=True)
    monkeypatch.setattr(timing, "time_steps", timed)
    monkeypatch.setattr(launch, "possible_processes", lambda _: [2, 1])
    monkeypatch.setattr(launch, "run_in_processes", started)
    monkeypatch.setattr(fit, "is_small", lambda *_: small)
    assert train_files(parser.parse_args(words), FILES, ["kernel/"], tmp_path, SHIPPED)
    return timed, started


def test_a_run_takes_the_fastest_of_what_was_timed_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    timed, started = chosen(["--no-compile"], tmp_path, monkeypatch)
    assert timed.call_args.args[1:] == ([2, 1], ("float32", "bfloat16"))
    processes, function, *_, reasons, precision, timings = started.call_args.args
    assert (processes, function, precision, timings) == (2, run.train, "float32", TIMINGS)
    assert reasons[-1] == f"the fastest step where it was trained: {'; '.join(map(str, TIMINGS))}"
    assert "timing a step in each way" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "small", "expected"),
    [
        (["--processes", "1", "--precision", "bfloat16"], False, (1, "bfloat16")),
        ([], True, (1, "float32")),
        (["--precision", "bfloat16"], True, (1, "bfloat16")),
    ],
)
def test_nothing_is_timed_if_there_is_no_choice_or_little_work(
    words: list[str], small: bool, expected: tuple[int, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed, started = chosen(words, tmp_path, monkeypatch, small=small)
    timed.assert_not_called()
    processes, *_, precision, timings = started.call_args.args
    assert (processes, precision, timings) == (*expected, [])


def test_what_was_asked_for_is_not_tried_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(["--processes", "1"], tmp_path, monkeypatch)[0].call_args.args[1:] == ([1], ("float32", "bfloat16"))
    assert chosen(["--precision", "float32"], tmp_path, monkeypatch)[0].call_args.args[1:] == ([2, 1], ["float32"])


def test_of_several_machines_one_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RANK", "1")
    chosen([], tmp_path, monkeypatch)
    assert capsys.readouterr().err == ""
    assert not (tmp_path / commands.LOCK).exists()
