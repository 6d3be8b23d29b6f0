"""The atlas: every file of the kernel with its score, for one model, and the file that it is kept in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from laam.compare.align import Block
from laam.compare.live import compare_text
from laam.compare.measures import OF_DIGESTS, Part, summed
from laam.corpus.lines import line_digest, split_lines
from laam.corpus.original import Original
from laam.emission.emit import Ended
from laam.formats import stamped
from laam.measure.controls import INVENTED
from laam.measure.versioned import read_versioned, write_by_line
from laam.model.model import Model
from laam.model.spec import folder_name

FORMAT, ROW_FORMAT = "laam-atlas-3", "laam-atlas-row-1"
MEASURES_SUFFIX, BITS_SUFFIX, PZ_SUFFIX = OTHERS = (
    ".measures.json",
    ".bits.json",
    ".pz.json",
)  # other measures of a model lie beside its atlas


@dataclass(frozen=True)
class AtlasRow:
    """One greedy emission from a path alone, held against one original. Characters are counted with their newline.

    An *exact line* is one that the emission has exactly and in order (see laam.compare.score.Score).
    """

    path: str  # for which the model was asked
    against: str  # path of the original; it differs only if `path` doesn't exist
    trained: bool  # whether the model was trained on the original
    original_characters: int
    original_lines: int
    exact_characters: int
    exact_lines: int
    emitted_characters: int
    longest_run: int  # exact lines in a row
    identical: bool  # sha256 of the whole file
    closed: bool  # by the model itself; otherwise it was given up, see `settings`, or its window was full
    first_wrong_line: int  # from 1; if emission and original differ only in length, the line after the shorter one; 0 if identical
    tokens: int
    seconds: float  # share of its batch, by tokens
    precision: str  # in which the emission was decoded
    measures: Mapping[str, Part] = field(default_factory=dict)  # those of laam.compare.measures that existed when it was made
    exact: str = ""  # stretches of exact lines, as in `1-12 40-41`; empty if it is identical, or the atlas is older than this column

    @property
    def exact_numbers(self) -> set[int]:
        """The exact lines, counted from 1, as far as they are known."""
        if self.identical:
            return set(range(1, self.original_lines + 1))
        stretches = (stretch.split("-") for stretch in self.exact.split())
        return {line for first, last in stretches for line in range(int(first), int(last) + 1)}

    @property
    def reproduced(self) -> float:
        """exact_characters ÷ original_characters, 0…1. An empty original is reproduced by an empty emission only."""
        return self.exact_characters / self.original_characters if self.original_characters else float(not self.emitted_characters)


COLUMNS = tuple(column.name for column in fields(AtlasRow) if column.name not in ("measures", "exact"))
"""The columns that every row has. A column for each measure follows them, with a pair: the amount, and what it is out of."""


@dataclass(frozen=True)
class Atlas:
    """All rows of one model, and how they were measured. `controls`: rows by the name of the control."""

    model: str
    weights_sha256: str
    parameters: int
    precision: str
    tree: str  # sha256 of the release's source files, see `SealedManifest.tree_sha256`
    date: str  # ISO 8601, UTC
    machine: str
    settings: Mapping[str, Any]
    rows: Sequence[AtlasRow]
    controls: Mapping[str, Sequence[AtlasRow]] = field(default_factory=dict)

    @property
    def groups(self) -> dict[str, Sequence[AtlasRow]]:
        """The rows of each group for which there are totals, by its name: all, then by training, if the model tells, then the controls.

        Made-up paths are in two groups, by whether the model was trained on the file that they are held against.
        """
        found: dict[str, Sequence[AtlasRow]] = {"all files": self.rows}
        trained = [row for row in self.rows if row.trained]
        if trained:
            found |= {"trained on": trained, "not trained on": [row for row in self.rows if not row.trained]}
        for control, rows in self.controls.items():
            if control == INVENTED and trained:
                found[f"control: {control}, against a file trained on"] = [row for row in rows if row.trained]
                found[f"control: {control}, against any other"] = [row for row in rows if not row.trained]
            else:
                found[f"control: {control}"] = rows
        return found


@dataclass(frozen=True)
class Totals:
    """Sums over some rows. `measures`: the declared ones, over the rows that have them."""

    files: int
    identical: int
    characters: int
    exact_characters: int
    measures: Mapping[str, Part]

    @property
    def reproduced(self) -> float:
        """Exact characters ÷ characters of the originals, 0…1."""
        return self.exact_characters / self.characters if self.characters else 0.0


def totals(rows: Sequence[AtlasRow]) -> Totals:
    """The sums over `rows`."""
    parts = {measure: [row.measures[measure.name] for row in rows if measure.name in row.measures] for measure in OF_DIGESTS}
    return Totals(
        len(rows),
        sum(row.identical for row in rows),
        sum(row.original_characters for row in rows),
        sum(row.exact_characters for row in rows),
        {measure.name: summed(known) for measure, known in parts.items() if known},
    )


def score_row(
    path: str,
    text: str,
    ended: Ended,
    original: Original,
    *,
    trained: bool,
    line_files: Mapping[int, int],
    seconds: float,
    precision: str,
) -> AtlasRow:
    """The row of one emission. `line_files`: the number of files of the kernel in which a line occurs, by its digest."""
    compared = compare_text(text, original, line_files=line_files)
    score = compared.score
    digests = [line_digest(line) for line in split_lines(text)]
    same = next((n for n, (ours, theirs) in enumerate(zip(digests, original.digests, strict=False)) if ours != theirs), None)
    return AtlasRow(
        path=path,
        against=original.file.path,
        trained=trained,
        original_characters=score.original_characters,
        original_lines=score.original_lines,
        exact_characters=score.exact_characters,
        exact_lines=score.exact_lines,
        emitted_characters=score.emitted_characters,
        longest_run=score.longest_run,
        identical=score.sha256_identical,
        closed=ended.reason == "end of file",
        first_wrong_line=0 if score.sha256_identical else (min(len(digests), len(original.digests)) if same is None else same) + 1,
        tokens=ended.tokens,
        seconds=round(seconds, 2),
        precision=precision,
        measures=score.measures,
        exact="" if score.sha256_identical else exact_stretches(compared.blocks),
    )


def exact_stretches(blocks: Sequence[Block]) -> str:
    """The stretches of the original's lines that are exact, counted from 1, as `AtlasRow.exact` holds them."""
    return " ".join(f"{block.original_start + 1}-{block.original_end}" for block in blocks if block.kind == "equal")


def shown_name(name: str) -> str:
    """A model's name in an atlas: for a folder only its name, since no local path is published."""
    return name if "@" in name else folder_name(Path(name))


def atlas_file(assets: Path, name: str) -> Path:
    """The file of a model's atlas, by the model's name."""
    return assets / "atlas" / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', shown_name(name)).strip('.-') or 'model'}.json"


def write_atlas(atlas: Atlas, file: Path) -> None:
    """Write JSON: the facts, the names of the columns, then a line for each row. The file appears whole or not at all."""
    write_by_line(atlas_record(atlas), ("rows", "controls"), file)


def atlas_record(atlas: Atlas) -> dict[str, Any]:
    """An atlas as one object, ready for JSON: its rows are lists, in the order of `columns`."""
    facts = {name: value for name, value in asdict(replace(atlas, rows=(), controls={})).items() if name not in ("rows", "controls")}
    rows = [row_values(row) for row in atlas.rows]
    controls = {name: [row_values(row) for row in of_control] for name, of_control in atlas.controls.items()}
    return stamped(FORMAT, {**facts, "columns": list(all_columns()), "rows": rows, "controls": controls})


def table_rows(atlas: Atlas) -> Iterator[dict[str, Any]]:
    """The rows of an atlas for a table of many, a measure as its share; `control` is empty but for the controls."""
    model = {"model": atlas.model, "weights_sha256": atlas.weights_sha256, "tree": atlas.tree, "date": atlas.date}
    for control, rows in [("", atlas.rows), *atlas.controls.items()]:
        for row in rows:
            shares = {name: part.share for name, part in row.measures.items()}
            yield {**model, "control": control, **asdict(row), "reproduced": row.reproduced, "measures": shares}


def all_columns() -> tuple[str, ...]:
    """The columns of an atlas that is made now."""
    return (*COLUMNS, *(measure.name for measure in OF_DIGESTS), "exact")


def row_values(row: AtlasRow) -> list[Any]:
    """The row's values in the order of `all_columns`; null for a measure that it lacks."""
    return [*(getattr(row, name) for name in COLUMNS), *(row.measures.get(measure.name) for measure in OF_DIGESTS), row.exact]


def read_atlas(file: Path) -> Atlas:
    """The atlas in a file. It may be older than a measure, or have a measure that is no longer declared.

    Raises ValueError for one that can't be read, is newer, or lacks a column of COLUMNS.
    """
    return read_versioned(file, FORMAT, _atlas, "not a readable atlas", "make it again with `python -m laam atlas`")


def _atlas(record: dict[str, Any]) -> Atlas:
    columns = record.pop("columns")
    if missing := set(COLUMNS) - set(columns):
        raise ValueError(f"columns {', '.join(sorted(missing))} are missing")
    rows = [row_of(values, columns) for values in record.pop("rows")]
    controls = {str(name): [row_of(values, columns) for values in of_control] for name, of_control in record.pop("controls").items()}
    return Atlas(**record, rows=rows, controls=controls)


def row_of(values: Sequence[Any], columns: Sequence[str]) -> AtlasRow:
    """A row from its values, by the names of their columns; unknown columns are left out. Raises ValueError for values of other
    kinds."""
    known = dict(zip(columns, values, strict=True))
    parts = {measure.name: _part(measure.name, known[measure.name]) for measure in OF_DIGESTS if known.get(measure.name) is not None}
    row = AtlasRow(**{name: known[name] for name in COLUMNS}, measures=parts, exact=known.get("exact", ""))
    for column in fields(AtlasRow):
        value = getattr(row, column.name)
        if column.name != "measures" and type(value) is not column.type and not (column.type is float and type(value) is int):
            raise ValueError(f"{column.name}: {value!r}")
    return row


def _part(name: str, value: Any) -> Part:
    if not isinstance(value, list | tuple) or [type(number) for number in value] != [int, int]:
        raise ValueError(f"{name}: {value!r}")
    return Part(*value)


class Measured(Protocol):
    """What was measured of a model, whose weights it names."""

    @property
    def model(self) -> str: ...

    @property
    def weights_sha256(self) -> str: ...


Of = TypeVar("Of", bound=Measured)


def still_true(measured: Iterable[Of], model: Model) -> list[Of]:
    """Without what was measured of `model` with other weights than those that it has now."""
    return [one for one in measured if one.model != shown_name(model.name) or one.weights_sha256 == model.digest]


def identical_files(atlases: Sequence[Atlas]) -> frozenset[tuple[str, str]]:
    """The files that came back byte for byte in the precision that serves: path, and sha256 of the weights.

    Only of these is the result of a single run known.
    """
    return frozenset(
        (row.path, atlas.weights_sha256) for atlas in atlases for row in atlas.rows if row.identical and row.precision == atlas.precision
    )


def read_atlases(assets: Path) -> list[Atlas]:
    """All atlases in an assets folder, the embedded model's first. Raises ValueError for one that can't be read."""
    files = [file for file in sorted((assets / "atlas").glob("*.json")) if not file.name.endswith(OTHERS)]
    found = map(read_atlas, files)
    return sorted(found, key=lambda atlas: (atlas.model != "embedded", atlas.model))
