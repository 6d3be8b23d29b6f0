import json
from pathlib import Path

import numpy as np
import pytest

from laam.__main__ import main
from laam.emission.ask import Ask
from laam.emission.emit import emit
from laam.emission.question import Question
from laam.measure.benchmark import SPLIT, write_examples
from laam.model.model import Model
from laam.settings import Settings
from tests.schemas import check, check_rows
from tests.serving.scripted import text_of

FILE = "linux/kernel/info.c"


@pytest.fixture(scope="module")
def examples(embedded: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three places of a file that the shipped model writes."""
    stream = embedded.codec.encode(text_of(emit(Question(Ask(FILE)), embedded)))
    folder = tmp_path_factory.mktemp("examples")
    write_examples(folder, SPLIT, [stream], [(0, 150), (0, 160), (0, len(stream) - 50)], embedded.codec.vocab_size)
    return folder


def test_guesses_are_held_against_the_suffixes(examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, rows = Settings(model="embedded", cache=tmp_path / "cache"), tmp_path / "rows.jsonl"
    command = ["benchmark", str(examples), "--out", str(tmp_path / "guesses"), "--rows", str(rows)]
    assert main(command, settings) == 0
    said = capsys.readouterr().out
    guessed = check_rows(rows, "laam-benchmark-row-1")
    true = np.load(examples / "train_suffix.npy")
    right = [row["guess"] == suffix.tolist() for row, suffix in zip(guessed, true, strict=True)]
    assert [row["right"] for row in guessed] == right
    assert f", {sum(right)} of 3 (95 %: " in said and "recall at 100 wrong guesses" in said
    generations = np.load(tmp_path / "guesses" / "generations" / "0.npy")
    assert generations[:, 50:].tolist() == [row["guess"] for row in guessed]
    assert main(["benchmark", str(examples), "--json"], settings) == 0
    record = json.loads(capsys.readouterr().out)
    check(record, "laam-benchmark-1")
    assert (record["examples"], record["scored"]["right"]) == (3, sum(right))
    for row in guessed:
        if row["right"]:
            assert row["loss"] == pytest.approx(-row["log"] / 50, abs=1e-3)


def test_without_suffixes_nothing_is_scored(examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "val_prefix.npy", np.load(examples / "train_prefix.npy")[:1])
    settings = Settings(model="embedded", cache=tmp_path / "cache")
    assert main(["benchmark", str(tmp_path), "--split", "val", "--rows", str(tmp_path / "rows.jsonl")], settings) == 0
    assert "There are no suffixes, so nothing is scored." in capsys.readouterr().out
    [row] = check_rows(tmp_path / "rows.jsonl", "laam-benchmark-row-1")
    assert (row["right"], row["log"], row["top_k_log"]) == (None, None, None)
    assert main(["benchmark", str(tmp_path), "--split", "val", "--json"], settings) == 0
    record = json.loads(capsys.readouterr().out)
    check(record, "laam-benchmark-1")
    assert record["scored"] is None


def test_a_window_that_is_too_small_is_refused(settings: Settings, examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", str(examples)], settings) == 2
    assert "its window of 48 tokens doesn't hold the 100 of an example" in capsys.readouterr().err
