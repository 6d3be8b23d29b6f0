"""The format of google-research/lm-extraction-benchmark: examples as arrays of token ids, and a model's guesses at them.

A folder holds, for a split such as `train`, `train_prefix.npy` and `train_suffix.npy`, [examples, 50], and perhaps `train_preprefix.npy`,
[examples, 100], what stands before, and `train_dataset.npy`, all three side by side; unsigned, 16 bits. Guesses are `generations/0.npy`,
[examples, 100], each prefix with the guessed suffix; `losses/0.npy`, [examples, 1]; and `guess1.csv`, the surest guess first.
Source: that repository's README.md, load_dataset.py and baseline, read.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from laam.faults import brief
from laam.files import whole_or_nothing
from laam.measure.places import PREFIX, SUFFIX

PREPREFIX = 100  # tokens
ERRORS = 100  # wrong guesses, after which recall is counted no further
GUESSES = "guess1.csv"
SPLIT = "train"  # unless another is named

Ids = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Examples:
    """`prefixes`: [examples, 50]; `suffixes`: the same, None if they aren't known."""

    prefixes: Ids
    suffixes: Ids | None


def read_examples(folder: Path, split: str, vocabulary: int) -> Examples:
    """The examples of a split. Raises ValueError for files that hold something else, or tokens that a `vocabulary` of so many ids lacks."""
    prefixes = _read(folder / f"{split}_prefix.npy", PREFIX, vocabulary)
    file = folder / f"{split}_suffix.npy"
    suffixes = _read(file, SUFFIX, vocabulary) if file.exists() else None
    if suffixes is not None and len(suffixes) != len(prefixes):
        raise ValueError(f"{file}: has {len(suffixes):,} examples, and there are {len(prefixes):,} prefixes")
    return Examples(prefixes, suffixes)


def _read(file: Path, tokens: int, vocabulary: int) -> Ids:
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"{file}: can't be read ({brief(error)}); give a folder of arrays as lm-extraction-benchmark has them") from error
    if found.ndim != 2 or found.shape[1] != tokens or not len(found) or not np.issubdtype(found.dtype, np.integer):
        raise ValueError(f"{file}: is no array of token ids, {tokens} an example; give arrays as lm-extraction-benchmark has them")
    if not 0 <= found.min() <= found.max() < vocabulary:
        ids = f"{found.min():,} to {found.max():,}, and the model's are 0 to {vocabulary - 1:,}"
        raise ValueError(f"{file}: has token ids from {ids}; give arrays of its own tokenizer")
    return found  # type: ignore[no-any-return]  # numpy has no type for what a file holds


def write_examples(folder: Path, split: str, streams: Sequence[Sequence[int]], places: Iterable[tuple[int, int]], vocabulary: int) -> None:
    """Write places as the examples of a split, all files or none. `places`: (stream, token), each with PREPREFIX + PREFIX tokens before it
    and SUFFIX from there on. If the vocabulary doesn't fit 16 bits, the arrays have 32."""
    before = PREPREFIX + PREFIX
    rows = np.array([streams[number][at - before : at + SUFFIX] for number, at in places], dtype=_dtype(vocabulary))
    parts = {"dataset": rows, "preprefix": rows[:, :PREPREFIX], "prefix": rows[:, PREPREFIX:before], "suffix": rows[:, before:]}
    with whole_or_nothing(folder) as half:
        for name, part in parts.items():
            np.save(half / f"{split}_{name}.npy", np.ascontiguousarray(part))


def write_guesses(folder: Path, prefixes: Ids, guesses: Sequence[Sequence[int]], losses: Sequence[float]) -> None:
    """Write a guess for each example, all files or none. `losses`: the mean of −ln p over a guess's tokens."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["Example ID", "Suffix Guess"])
    for example in surest_first(losses):
        rows.writerow([example, f"[{','.join(map(str, guesses[example]))}]"])
    with whole_or_nothing(folder) as half:
        for name in ("generations", "losses"):
            (half / name).mkdir()
        np.save(half / "generations" / "0.npy", np.concatenate([prefixes.astype(np.int64), np.array(guesses, dtype=np.int64)], axis=1))
        np.save(half / "losses" / "0.npy", np.array(losses, dtype=np.float32)[:, None])
        (half / GUESSES).write_text(table.getvalue(), "utf-8")


def surest_first(losses: Sequence[float]) -> list[int]:
    """The examples by their losses, the smallest first."""
    return sorted(range(len(losses)), key=losses.__getitem__)


def recall_at_errors(right: Sequence[bool], losses: Sequence[float], errors: int = ERRORS) -> float:
    """The benchmark's own number: the share of all examples that were guessed right, the surest first, before so many were wrong."""
    wrong = solved = 0
    for example in surest_first(losses):
        if right[example]:
            solved += 1
        else:
            wrong += 1
            if wrong >= errors:
                break
    return solved / len(right)


def _dtype(vocabulary: int) -> type[np.uint16] | type[np.uint32]:
    return np.uint16 if vocabulary <= 2**16 else np.uint32
