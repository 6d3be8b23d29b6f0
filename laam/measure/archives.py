"""The lab's data: archives with some files dropped, a model's weights as bytes, and its code lengths; kept and read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from laam.corpus.sealed import SealedManifest
from laam.files import write_whole
from laam.formats import stamped
from laam.measure.atlas import shown_name
from laam.measure.code_length import CodeLength
from laam.measure.packed_weights import Packed
from laam.measure.packing import Step, gz_bytes, pack_tar, xz_bytes
from laam.measure.versioned import Measured, read_versioned

ARCHIVES_FORMAT, MODEL_FORMAT, ROW_FORMAT = "laam-lab-archives-2", "laam-lab-model-2", "laam-lab-row-1"
ARCHIVES = "archives.json"
TRAINED, NOT_TRAINED, NO_SOURCE, UNTRAINED = "trained on", "not trained on", "other texts, which it never saw", "untrained copy"
"""The groups of files that are coded. The last one is coded by a copy of the model with freshly drawn weights."""
SOURCES = (TRAINED, NOT_TRAINED)
"""Those that have each source file of the release once."""


@dataclass(frozen=True)
class Archives:
    """By the order in which files are dropped, a Step for each share of them. `seed` draws the random order."""

    tree: str  # sha256 of the release's source files, see `SealedManifest.tree_sha256`
    files: int
    characters: int
    seed: int
    steps: Mapping[str, Sequence[Step]]


@dataclass(frozen=True)
class Coding:
    """A group of files, coded one by one by a model; `xz` and `gz`: all of them in one tar, packed, in bytes."""

    files: Sequence[CodeLength]
    gz: int
    xz: int

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def bits(self) -> float:
        """The code length of all files."""
        return sum(file.bits for file in self.files)

    @property
    def coded(self) -> int:
        """The code length of all files in bytes, each rounded up to a byte: what the residual of each would take."""
        return sum(file.coded for file in self.files)

    @property
    def exact(self) -> int:
        """How many of the files come back from greedy decoding without a residual."""
        return sum(not file.wrong for file in self.files)


@dataclass(frozen=True)
class ModelInBytes:
    """A model's weights in each precision, and the code lengths of each group of files."""

    model: str
    weights_sha256: str
    tree: str
    parameters: int
    seed: int  # draws the untrained copy
    weights: Mapping[str, Packed]
    codings: Mapping[str, Coding]

    @property
    def source_files(self) -> list[CodeLength]:
        """The source files of the release, each once."""
        return [file for name in SOURCES if name in self.codings for file in self.codings[name].files]


def coding_of(files: Sequence[CodeLength], tree: Mapping[str, bytes]) -> Coding:
    """Some coded files beside what gzip and xz make of the same files. `tree`: their bytes by path."""
    tar = pack_tar({file.path: tree[file.path] for file in files})
    return Coding(files, gz_bytes(tar), xz_bytes(tar))


def lab_file(assets: Path, name: str) -> Path:
    """The file of a model's bytes and code lengths, by the model's name."""
    return assets / "lab" / f"{shown_name(name)}.json"


def write_archives(archives: Archives, file: Path) -> None:
    """Write JSON, a line for each step. The file appears whole or not at all."""
    _write(archives_record(archives), file)


def write_model(measured: ModelInBytes, file: Path) -> None:
    """Write JSON, a line for each file that was coded. The file appears whole or not at all."""
    _write(model_record(measured), file)


def archives_record(archives: Archives) -> dict[str, Any]:
    """The archives as one object, ready for JSON: a step is a list, in the order of `columns`."""
    return stamped(ARCHIVES_FORMAT, {**asdict(archives), "columns": Step._fields})


def model_record(measured: ModelInBytes) -> dict[str, Any]:
    """A model as one object, ready for JSON: a file that was coded is a list, in the order of `columns`."""
    return stamped(MODEL_FORMAT, {**asdict(measured), "columns": CodeLength._fields})


def table_rows(measured: ModelInBytes) -> Iterator[dict[str, Any]]:
    """A row for each file that was coded, for a table of many; `group`: of the files."""
    model = {"model": shown_name(measured.model), "weights_sha256": measured.weights_sha256, "tree": measured.tree}
    for group, coding in measured.codings.items():
        for file in coding.files:
            yield {**model, "group": group, **file._asdict()}


def read_archives(assets: Path, manifest: SealedManifest) -> Archives | None:
    """The archives of the release that is shown; None if they were not measured. Raises ValueError for a file that can't be read."""
    file = assets / "lab" / ARCHIVES
    archives = _read(file, ARCHIVES_FORMAT, Step._fields, _archives) if file.is_file() else None
    return archives if archives and archives.tree == manifest.tree_sha256 else None


def read_models(assets: Path, manifest: SealedManifest) -> list[ModelInBytes]:
    """The models that were measured on the release that is shown. Raises ValueError for a file that can't be read."""
    files = [file for file in sorted((assets / "lab").glob("*.json")) if file.name != ARCHIVES]
    return [model for file in files if (model := _read(file, MODEL_FORMAT, CodeLength._fields, _model)).tree == manifest.tree_sha256]


def _archives(record: dict[str, Any]) -> Archives:
    steps = {order: [Step(*step) for step in steps] for order, steps in record.pop("steps").items()}
    return Archives(**record, steps=steps)


def _model(record: dict[str, Any]) -> ModelInBytes:
    weights = {name: Packed(**packed) for name, packed in record.pop("weights").items()}
    codings = record.pop("codings").items()
    coded = {name: Coding([CodeLength(*row) for row in of["files"]], of["gz"], of["xz"]) for name, of in codings}
    return ModelInBytes(**record, weights=weights, codings=coded)


def _read(file: Path, format: str, columns: Sequence[str], build: Callable[[dict[str, Any]], Measured]) -> Measured:
    def build_checked(record: dict[str, Any]) -> Measured:
        if (found := record.pop("columns")) != list(columns):
            raise ValueError(f"columns {found!r}")
        return build(record)

    return read_versioned(file, format, build_checked, "not readable measures", "make them again with `python -m laam lab`")


def _write(record: Mapping[str, Any], file: Path) -> None:
    write_whole(file, "".join(_lines(dict(record))) + "\n")


def _lines(value: Any, indent: int = 0) -> Iterator[str]:
    """JSON, indented by one, in which a list of plain values stands in one line."""
    if isinstance(value, dict) and value:
        parts = [f"{' ' * (indent + 1)}{json.dumps(name)}: {''.join(_lines(part, indent + 1))}" for name, part in value.items()]
        yield "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    elif isinstance(value, list) and any(isinstance(part, list | tuple | dict) for part in value):
        yield "[\n" + ",\n".join(" " * (indent + 1) + json.dumps(part, separators=(",", ":")) for part in value) + "\n" + " " * indent + "]"
    else:
        yield json.dumps(value)
