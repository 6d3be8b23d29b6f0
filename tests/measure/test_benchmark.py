import csv
from pathlib import Path

import numpy as np
import pytest

from laam.measure.benchmark import SPLIT, read_examples, recall_at_errors, write_examples, write_guesses

STREAM = list(range(1000, 1300))


def test_places_go_out_and_come_in(tmp_path: Path) -> None:
    write_examples(tmp_path / "new", SPLIT, [STREAM, STREAM], [(0, 150), (1, 200)], 2000)
    parts = {name: np.load(tmp_path / "new" / f"train_{name}.npy") for name in ("dataset", "preprefix", "prefix", "suffix")}
    assert [part.shape for part in parts.values()] == [(2, 200), (2, 100), (2, 50), (2, 50)]
    assert {part.dtype for part in parts.values()} == {np.dtype(np.uint16)}
    assert (np.concatenate([parts["preprefix"], parts["prefix"], parts["suffix"]], axis=1) == parts["dataset"]).all()
    assert parts["dataset"][1].tolist() == STREAM[50:250]
    found = read_examples(tmp_path / "new", SPLIT, 2000)
    assert found.suffixes is not None
    assert (found.prefixes[0].tolist(), found.suffixes[0].tolist()) == (STREAM[100:150], STREAM[150:200])
    (tmp_path / "new" / "train_suffix.npy").unlink()
    assert read_examples(tmp_path / "new", SPLIT, 2000).suffixes is None


def test_ids_that_16_bits_do_not_hold_have_32(tmp_path: Path) -> None:
    write_examples(tmp_path, SPLIT, [[70_000] * 200], [(0, 150)], 70_001)
    assert np.load(tmp_path / "train_prefix.npy").dtype == np.uint32
    assert read_examples(tmp_path, SPLIT, 70_001).prefixes.max() == 70_000


def array(file: Path, values: object) -> None:
    np.save(file, np.array(values), allow_pickle=True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[1] * 49], "is no array of token ids, 50 an example"),
        ([1] * 50, "is no array of token ids"),
        ([[0.5] * 50], "is no array of token ids"),
        (np.zeros((0, 50), dtype=np.uint16), "is no array of token ids"),
        ([[1] * 49 + [10]], "has token ids from 1 to 10, and the model's are 0 to 9"),
        ([[-1] * 50], "has token ids from -1 to -1"),
        ([{"a": 1}], "can't be read"),  # a pickle, which could run anything
    ],
)
def test_arrays_of_something_else_are_refused(values: object, words: str, tmp_path: Path) -> None:
    array(tmp_path / "train_prefix.npy", values)
    with pytest.raises(ValueError, match=words):
        read_examples(tmp_path, SPLIT, 10)


def test_a_file_that_is_missing_or_too_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"val_prefix\.npy: can't be read"):
        read_examples(tmp_path, "val", 10)
    (tmp_path / "val_prefix.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(ValueError, match=r"val_prefix\.npy: can't be read"):
        read_examples(tmp_path, "val", 10)
    array(tmp_path / "val_prefix.npy", [[1] * 50] * 2)
    array(tmp_path / "val_suffix.npy", [[1] * 50])
    with pytest.raises(ValueError, match="has 1 examples, and there are 2 prefixes"):
        read_examples(tmp_path, "val", 10)


def test_guesses_are_written_as_the_benchmark_reads_them(tmp_path: Path) -> None:
    prefixes = np.array([[1] * 50, [2] * 50, [3] * 50], dtype=np.uint16)
    write_guesses(tmp_path, prefixes, [[7] * 50, [8] * 50, [9] * 50], [0.5, 0.1, 0.9])
    assert np.load(tmp_path / "generations" / "0.npy").tolist() == [[n] * 50 + [m] * 50 for n, m in ((1, 7), (2, 8), (3, 9))]
    assert np.load(tmp_path / "losses" / "0.npy").shape == (3, 1)
    with (tmp_path / "guess1.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [int(row["Example ID"]) for row in rows] == [1, 0, 2]
    assert [int(each) for each in rows[0]["Suffix Guess"][1:-1].split(",")] == [8] * 50


def test_recall_stops_at_so_many_wrong_guesses() -> None:
    right = [True, False, True, False, True]
    losses = [0.1, 0.2, 0.3, 0.4, 0.5]
    assert recall_at_errors(right, losses, errors=2) == 2 / 5
    assert recall_at_errors(right, losses, errors=1) == 1 / 5
    assert recall_at_errors(right, losses, errors=3) == 3 / 5
    assert recall_at_errors(right, losses[::-1], errors=1) == 1 / 5
