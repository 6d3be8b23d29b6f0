"""What is known about a model's memory beside its atlas: the bits of its files for each parameter, and what can be extracted."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from laam.files import write_whole
from laam.formats import stamped
from laam.measure.atlas import MEASURES_SUFFIX
from laam.measure.literature import Tally
from laam.measure.versioned import read_versioned

FORMAT = "laam-measures-2"
TRAINED_ON = "trained on"


@dataclass(frozen=True)
class Memorisation:
    """The measures of one model on some files, `bytes` of them in all.

    `bits_per_parameter`: 8 × `xz_bytes` ÷ the model's parameters; `xz_bytes`: the size of the files, packed by xz.
    `tally`: what came at the places that `seed` draws; `untrained`: the same of an untrained copy, as the control.
    """

    model: str
    weights_sha256: str
    precision: str
    selection: str | Sequence[str]  # TRAINED_ON, or the patterns that were given
    files: int
    bytes: int
    xz_bytes: int
    bits_per_parameter: float
    seed: int
    tally: Tally
    untrained: Tally


def write_memorisation(measured: Memorisation, file: Path) -> None:
    """Write JSON. The file appears whole or not at all."""
    write_whole(file, json.dumps(memorisation_record(measured), indent=1) + "\n")


def memorisation_record(measured: Memorisation) -> dict[str, Any]:
    """The measures as one object, ready for JSON."""
    return stamped(FORMAT, asdict(measured))


def read_memorisation(file: Path) -> Memorisation:
    """The measures in a file. Raises ValueError for one that can't be read, or is newer."""
    return read_versioned(file, FORMAT, _memorisation, "not readable measures", "make them again with `python -m laam evaluate`")


def _memorisation(record: dict[str, Any]) -> Memorisation:
    tally, untrained = _tally(record.pop("tally")), _tally(record.pop("untrained"))
    return Memorisation(**record, tally=tally, untrained=untrained)


def _tally(record: dict[str, Any]) -> Tally:
    extracted, discoverable = ({int(key): int(count) for key, count in record.pop(name).items()} for name in ("extracted", "discoverable"))
    return Tally(**{name: int(count) for name, count in record.items()}, extracted=extracted, discoverable=discoverable)


def read_memorisations(assets: Path) -> list[Memorisation]:
    """The measures of all models in an assets folder, by name. Raises ValueError for those that can't be read."""
    return [read_memorisation(file) for file in sorted((assets / "atlas").glob(f"*{MEASURES_SUFFIX}"))]
