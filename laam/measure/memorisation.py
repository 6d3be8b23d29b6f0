"""What is known about a model's memory beside its atlas: the bits of its files for each parameter, and what can be extracted."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from laam.files import write_whole
from laam.formats import stamped
from laam.measure.atlas import MEASURES_SUFFIX
from laam.measure.extraction import AtPlace, Beginnings, Tally
from laam.measure.intervals import Interval
from laam.measure.versioned import read_versioned

FORMAT, ROW_FORMAT = "laam-measures-3", "laam-measures-row-1"
TRAINED_ON = "trained on"
_LIST = re.compile(r"\[[^][{}\"]+\]")  # of numbers


@dataclass(frozen=True)
class Memorisation:
    """The measures of one model on some files, `bytes` of them in all.

    `bits_per_parameter`: 8 × `xz_bytes` ÷ the model's parameters; `xz_bytes`: the size of the files, packed by xz.
    `tally`: what came at the places that `seed` draws; `untrained`: the same of an untrained copy, as the control.
    """

    model: str
    weights_sha256: str
    precision: str
    date: str  # ISO 8601, UTC
    selection: str | Sequence[str]  # TRAINED_ON, or the patterns that were given
    files: int
    bytes: int
    xz_bytes: int
    bits_per_parameter: float
    seed: int
    tally: Tally
    untrained: Tally


def write_memorisation(measured: Memorisation, file: Path) -> None:
    """Write JSON, the logarithms of a tally in one line. The file appears whole or not at all."""
    indented = json.dumps(memorisation_record(measured), indent=1)
    write_whole(file, _LIST.sub(lambda found: json.dumps(json.loads(found[0])), indented) + "\n")


def memorisation_record(measured: Memorisation) -> dict[str, Any]:
    """The measures as one object, ready for JSON."""
    return stamped(FORMAT, asdict(measured))


def table_rows(measured: Memorisation, paths: Sequence[str], places: Sequence[AtPlace]) -> Iterator[dict[str, Any]]:
    """A row for each place, for a table of many: `at` is its token in the file. `paths`: of the texts, by number."""
    of_model = {"model": measured.model, "weights_sha256": measured.weights_sha256, "precision": measured.precision, "date": measured.date}
    for place in places:
        row = asdict(place)
        yield {**of_model, "seed": measured.seed, "path": paths[row.pop("text")], **row}


def read_memorisation(file: Path) -> Memorisation:
    """The measures in a file. Raises ValueError for one that can't be read, or is newer."""
    return read_versioned(file, FORMAT, _memorisation, "not readable measures", "make them again with `python -m laam evaluate`")


def _memorisation(record: dict[str, Any]) -> Memorisation:
    tally, untrained = _tally(record.pop("tally")), _tally(record.pop("untrained"))
    return Memorisation(**record, tally=tally, untrained=untrained)


def _tally(record: dict[str, Any]) -> Tally:
    extracted = {int(context): int(count) for context, count in record.pop("extracted").items()}
    interval, begin = _interval(record.pop("interval")), record.pop("beginnings")
    beginnings = begin and Beginnings(interval=_interval(begin.pop("interval")), **begin)
    return Tally(**record, interval=interval, extracted=extracted, beginnings=beginnings)


def _interval(record: dict[str, float] | None) -> Interval | None:
    return Interval(**record) if record else None


def read_memorisations(assets: Path) -> list[Memorisation]:
    """The measures of all models in an assets folder, by name. Raises ValueError for those that can't be read."""
    return [read_memorisation(file) for file in sorted((assets / "atlas").glob(f"*{MEASURES_SUFFIX}"))]
