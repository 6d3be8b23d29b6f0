"""What is left of every file when a model's weights are rounded to fewer bits, and the file that it is kept in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from laam.corpus.sealed import SealedManifest
from laam.formats import stamped
from laam.measure.atlas import BITS_SUFFIX, AtlasRow, atlas_file
from laam.measure.packed_weights import Packed
from laam.measure.versioned import read_versioned, write_by_line

FORMAT, ROW_FORMAT = "laam-bits-1", "laam-bits-row-1"
STEPS = (8, 7, 6, 5, 4, 3, 2)


class Left(NamedTuple):
    """What is left of one file. Characters are counted with their newline, lines are exact and in order (`laam.compare.score.Score`)."""

    identical: bool  # sha256 of the whole file
    exact_characters: int
    exact_lines: int


@dataclass(frozen=True)
class Step:
    """A number of bits, the bytes of the weights rounded to it, packed tightly and as xz (`laam.measure.packed_weights`), and its sums
    over all files. `seconds`: of emitting, summed over all processes."""

    bits: int
    bytes: int
    xz: int
    identical: int
    exact_characters: int
    exact_lines: int
    tokens: int
    seconds: float


@dataclass(frozen=True)
class File:
    """An original, and what is left of it at each step."""

    path: str
    characters: int
    lines: int
    left: Sequence[Left]

    def reproduced(self, left: Left) -> float:
        """Exact characters ÷ characters of the original, 0…1. An empty one is reproduced if it is identical."""
        return left.exact_characters / self.characters if self.characters else float(left.identical)


@dataclass(frozen=True)
class FewerBits:
    """A model at each number of bits, from one run."""

    model: str
    weights_sha256: str
    tree: str  # sha256 of the release's source files, see `SealedManifest.tree_sha256`
    precision: str
    date: str  # ISO 8601, UTC
    machine: str
    settings: Mapping[str, Any]
    steps: Sequence[Step]
    files: Sequence[File]

    @property
    def characters(self) -> int:
        """Those of all originals."""
        return sum(file.characters for file in self.files)

    @property
    def lines(self) -> int:
        """Those of all originals."""
        return sum(file.lines for file in self.files)

    def reproduced(self, step: Step) -> float:
        """Exact characters ÷ characters of the originals, 0…1."""
        return step.exact_characters / self.characters if self.characters else 0.0


def step_of(bits: int, packed: Packed, rows: Sequence[AtlasRow]) -> Step:
    """The sums of the rows of one number of bits. `packed`: the rounded weights."""
    return Step(
        bits,
        packed.bytes,
        packed.xz,
        sum(row.identical for row in rows),
        sum(row.exact_characters for row in rows),
        sum(row.exact_lines for row in rows),
        sum(row.tokens for row in rows),
        round(sum(row.seconds for row in rows), 1),
    )


def files_of(rows: Sequence[Sequence[AtlasRow]]) -> list[File]:
    """The files, by path. `rows`: those of each step, each with all files."""
    by_path = [{row.path: row for row in of_step} for of_step in rows]
    return [
        File(
            path,
            row.original_characters,
            row.original_lines,
            [Left(of[path].identical, of[path].exact_characters, of[path].exact_lines) for of in by_path],
        )
        for path, row in sorted(by_path[0].items())
    ]


def bits_file(assets: Path, name: str) -> Path:
    """The file of a model's fewer bits, by the model's name."""
    return atlas_file(assets, name).with_suffix(BITS_SUFFIX)


def write_bits(measured: FewerBits, file: Path) -> None:
    """Write JSON: the facts, then a line for each file. The file appears whole or not at all."""
    write_by_line(bits_record(measured), ("files",), file)


def bits_record(measured: FewerBits) -> dict[str, Any]:
    """The same as one object, ready for JSON: a file is a list of its path, characters, lines, and a Left for each step."""
    files = [[of.path, of.characters, of.lines, *of.left] for of in measured.files]
    return stamped(FORMAT, asdict(replace(measured, files=())) | {"files": files})


def table_rows(measured: FewerBits) -> Iterator[dict[str, Any]]:
    """A row for each file and number of bits, for a table of many."""
    model = {"model": measured.model, "weights_sha256": measured.weights_sha256, "tree": measured.tree, "date": measured.date}
    for number, step in enumerate(measured.steps):
        for file in measured.files:
            left = file.left[number]
            size = {"path": file.path, "original_characters": file.characters, "original_lines": file.lines}
            yield {**model, "bits": step.bits, **size, **left._asdict(), "reproduced": file.reproduced(left)}


def read_bits(file: Path) -> FewerBits:
    """What `write_bits` wrote. Raises ValueError for a file that can't be read, or is newer."""
    return read_versioned(file, FORMAT, _fewer_bits, "not readable", "make it again with `python -m laam atlas --bits`")


def read_all_bits(assets: Path, manifest: SealedManifest) -> dict[str, FewerBits]:
    """What was measured on the release that is shown, by the sha256 of a model's weights. Raises ValueError for a file that can't be
    read."""
    found = [read_bits(file) for file in sorted((assets / "atlas").glob(f"*{BITS_SUFFIX}"))]
    return {measured.weights_sha256: measured for measured in found if measured.tree == manifest.tree_sha256}


def _fewer_bits(record: dict[str, Any]) -> FewerBits:
    steps = [Step(**step) for step in record.pop("steps")]
    files = [_file_of(values, len(steps)) for values in record.pop("files")]
    return FewerBits(**record, steps=steps, files=files)


def _file_of(values: Sequence[Any], steps: int) -> File:
    path, characters, lines, *left = values
    if len(left) != steps:
        raise ValueError(f"{path}: {len(left)} steps, not {steps}")
    return File(path, characters, lines, [Left(*of) for of in left])
