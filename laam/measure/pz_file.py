"""p_z along many files, as it was measured of a model and is kept: MODEL.pz.json beside the model's atlas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from laam.corpus.sealed import SealedManifest
from laam.formats import stamped
from laam.measure.atlas import PZ_SUFFIX, atlas_file
from laam.measure.places import PREFIX
from laam.measure.pz import THRESHOLDS, WINDOW, Along, window_starts
from laam.measure.versioned import read_versioned, write_by_line

FORMAT, ROW_FORMAT = "laam-pz-1", "laam-pz-row-1"
HUNDREDTHS = 100  # of a nat, in which logarithms are kept: half a percent of p_z


@dataclass(frozen=True)
class FileAlong:
    """The windows of one file of so many `tokens`."""

    path: str
    tokens: int
    along: Along


@dataclass(frozen=True)
class AlongFiles:
    """What one run measured. `stride`: tokens between the beginnings of two windows; `tree`: sha256 of the release's source files."""

    model: str
    weights_sha256: str
    tree: str
    precision: str
    date: str  # ISO 8601, UTC
    machine: str
    settings: Mapping[str, Any]
    stride: int
    files: Sequence[FileAlong]

    def of(self, path: str) -> Along | None:
        """The windows of a file, if it has any."""
        file = self._by_path.get(path)
        return file.along if file and file.along.spans else None

    @cached_property
    def _by_path(self) -> Mapping[str, FileAlong]:
        return {file.path: file for file in self.files}

    @property
    def characters(self) -> int:
        return sum(file.along.characters for file in self.files)

    @property
    def covered(self) -> int:
        """The characters that some suffix covers."""
        return sum(file.along.covered for file in self.files)

    def above(self) -> list[int]:
        """The characters of all files whose largest p_z reaches each of THRESHOLDS."""
        return [sum(file.along.at_least(threshold) for file in self.files) for threshold in THRESHOLDS]


def rounded(along: Along) -> Along:
    """The same with logarithms as they are kept, so that what is computed now and what is read say the same."""
    return Along(along.characters, along.spans, [round(each * HUNDREDTHS) / HUNDREDTHS for each in along.logs])


def pz_file(assets: Path, name: str) -> Path:
    """The file of a model, by the model's name."""
    return atlas_file(assets, name).with_suffix(PZ_SUFFIX)


def write_pz(measured: AlongFiles, file: Path) -> None:
    """Write JSON: the facts, then a line for each file, see `file_values`. The file appears whole or not at all."""
    write_by_line(pz_record(measured), ("files",), file)


def pz_record(measured: AlongFiles) -> dict[str, Any]:
    """The same as one object, ready for JSON: a file is what `file_values` gives."""
    return stamped(
        FORMAT,
        {of.name: getattr(measured, of.name) for of in fields(measured)}
        | {"files": [file_values(of, measured.stride) for of in measured.files]},
    )


def file_values(of: FileAlong, stride: int) -> list[Any]:
    """Path, characters and tokens; the characters between two tokens at which a suffix begins or ends, from the text's beginning on; and
    for each window log p_z in hundredths of a nat."""
    places = dict(zip(_edges(of.tokens, stride), _edge_characters(of, stride), strict=True))
    steps = [end - start for start, end in pairwise([0, *places.values()])]
    return [of.path, of.along.characters, of.tokens, steps, [round(each * HUNDREDTHS) for each in of.along.logs]]


def file_of(values: Sequence[Any], stride: int) -> FileAlong:
    """What `file_values` was made of. Raises ValueError for other numbers of windows."""
    path, characters, tokens, steps, logs = values
    starts, edges = window_starts(tokens, stride), _edges(tokens, stride)
    if (len(starts), len(edges)) != (len(logs), len(steps)):
        raise ValueError(f"{path}: {len(logs)} windows, not {len(starts)}")
    at = dict(zip(edges, accumulate(steps), strict=True))
    spans = [(at[start + PREFIX], at[start + WINDOW]) for start in starts]
    return FileAlong(path, tokens, Along(characters, spans, [each / HUNDREDTHS for each in logs]))


def _edges(tokens: int, stride: int) -> list[int]:
    """The tokens at which a suffix begins or ends, in order."""
    return sorted({start + step for start in window_starts(tokens, stride) for step in (PREFIX, WINDOW)})


def _edge_characters(of: FileAlong, stride: int) -> list[int]:
    at: dict[int, int] = {}
    for start, (first, end) in zip(window_starts(of.tokens, stride), of.along.spans, strict=True):
        at |= {start + PREFIX: first, start + WINDOW: end}
    return [at[edge] for edge in sorted(at)]


def read_pz(file: Path) -> AlongFiles:
    """What `write_pz` wrote. Raises ValueError for a file that can't be read, or is newer."""
    return read_versioned(file, FORMAT, _along_files, "not readable", "make it again with `python -m laam pz`")


def _along_files(record: dict[str, Any]) -> AlongFiles:
    files = [file_of(values, int(record["stride"])) for values in record.pop("files")]
    return AlongFiles(**record, files=files)


KnownPz = Mapping[str, AlongFiles]
"""What was measured, by the sha256 of a model's weights."""


def known_along(known: KnownPz, digest: str, path: str, lengths: Sequence[int]) -> Along | None:
    """What was measured of a file. `digest`: of the model's weights; `lengths`: the characters of the file's lines."""
    along = known[digest].of(path) if digest in known else None
    return along if along and along.characters == sum(lengths) else None


def read_all_pz(assets: Path, manifest: SealedManifest) -> KnownPz:
    """What was measured on the release that is shown, by the sha256 of a model's weights. Raises ValueError for a file that can't be
    read."""
    found = [read_pz(file) for file in sorted((assets / "atlas").glob(f"*{PZ_SUFFIX}"))]
    return {measured.weights_sha256: measured for measured in found if measured.tree == manifest.tree_sha256}
