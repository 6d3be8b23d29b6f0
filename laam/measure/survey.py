"""Make an atlas: emit every file as everywhere else, in groups, on one process or several; a killed run goes on where it was."""

import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest
from laam.emission.emit import emit_side_by_side
from laam.faults import brief
from laam.files import read_json_lines, write_whole
from laam.measure.atlas import Atlas, AtlasRow, all_columns, row_of, row_values, score_row, shown_name, write_atlas
from laam.measure.controls import INVENTED, UNTRAINED, control_files, invented_path, untrained_copy
from laam.model.model import REFERENCE_PRECISION, Model

GROUP_FILES = 32  # decoded side by side: the same groups, and so the same numbers, on however many processes
LIMIT = "a file is given up at the end of the segment in which it took more tokens, or grew to more characters, than its original has bytes"
NOT_IDENTICAL = "what is not identical in the precision that serves is decoded again, in float32, and that is what is given"
_TIMEOUT = timedelta(days=2)  # for the process that ends first and waits for the others


@dataclass(frozen=True)
class Group:
    """Files that are decoded side by side. `control`: empty, or the name of the control. `asked`: (path, original's path)."""

    control: str
    asked: tuple[tuple[str, str], ...]


def plan(manifest: SealedManifest, files: Sequence[SourceFile], seed: int) -> list[Group]:
    """All groups, the longest files first, so that processes end at about the same time; then the controls."""
    by_size = sorted(files, key=lambda file: (-file.size, file.path))
    groups = [
        Group("", tuple((file.path, file.path) for file in by_size[first : first + GROUP_FILES]))
        for first in range(0, len(by_size), GROUP_FILES)
    ]
    chosen = [file.path for file in control_files(files)]
    return [
        *groups,
        Group(UNTRAINED, tuple((path, path) for path in chosen)),
        Group(INVENTED, tuple((invented_path(path, manifest.catalog.files, seed), path) for path in chosen)),
    ]


def make_atlas(model: Model, manifest: SealedManifest, files: Sequence[SourceFile], out: Path, *, seed: int) -> Atlas | None:
    """Emit and score every file and the controls, and write the atlas to `out`. None on all processes but the main one.

    Finished groups are kept in partial files beside `out`, from which a killed run goes on. Raises ValueError for a
    partial file of other weights, another precision, manifest or selection.
    """
    from accelerate import PartialState
    from accelerate.utils import gather_object

    state = PartialState(cpu=True, timeout=_TIMEOUT)
    groups = plan(manifest, files, seed)
    head = {
        "weights_sha256": model.digest,
        "precision": model.precision,
        "tree": manifest.tree_sha256,
        "plan": sha256(repr((groups, all_columns())).encode()).hexdigest(),
    }
    done: dict[int, list[AtlasRow]] = dict(gather_object(list(read_partials(out, head).items())))
    mine = out.with_name(f"{out.name}.partial-{state.process_index}")
    out.parent.mkdir(parents=True, exist_ok=True)
    if state.is_main_process:
        _begin(mine, head, done)
    state.wait_for_everyone()  # every process waits here: no finished group may exist only in a file that is about to be written anew
    if not state.is_main_process:
        _begin(mine, head, {})
    left = [number for number in range(len(groups)) if number not in done][state.process_index :: state.num_processes]
    total = sum(len(groups[number].asked) for number in left)
    trained_on = frozenset(file.path for file in manifest.catalog if model.learned(file))
    found: dict[int, list[AtlasRow]] = {}
    with (
        tqdm(total=total, unit="file", desc=model.name, disable=not state.is_main_process, file=sys.stderr) as bar,
        TemporaryDirectory() as folder,
        mine.open("a", encoding="utf-8") as partial,
    ):
        for number in left:
            group = groups[number]
            asked_model = untrained_copy(model, Path(folder), seed) if group.control == UNTRAINED else model
            found[number] = survey_group(group, asked_model, manifest, trained_on)
            bar.update(len(found[number]))
            partial.write(_partial_line(number, found[number]))
            partial.flush()
    done |= dict(gather_object(list(found.items())))
    if not state.is_main_process:
        state.wait_for_everyone()
        return None
    atlas = _assemble(model, manifest, groups, done, seed, int(state.num_processes))
    write_atlas(atlas, out)
    for file in _partial_files(out):
        file.unlink()
    state.wait_for_everyone()
    return atlas


def survey_group(group: Group, model: Model, manifest: SealedManifest, trained_on: frozenset[str]) -> list[AtlasRow]:
    """The rows of a group, in its order.

    An exact file is exact in the precision that serves. The others are decoded again in float32: int8 rounds differently on another
    processor, and if the model is unsure, an emission goes another way from the first token that differs. One that is exact in float32
    alone keeps the numbers of the precision that serves: nobody sees it exact.
    """
    rows = {row.path: row for row in _rows(group.asked, model, manifest, trained_on)}
    again = [(path, original) for path, original in group.asked if not rows[path].identical]
    if again and model.precision != REFERENCE_PRECISION:
        in_float32 = _rows(again, replace(model, wanted_precision=REFERENCE_PRECISION), manifest, trained_on)
        rows |= {row.path: row for row in in_float32 if not row.identical}
    return [rows[path] for path, _ in group.asked]


def _rows(asked: Sequence[tuple[str, str]], model: Model, manifest: SealedManifest, trained_on: frozenset[str]) -> list[AtlasRow]:
    """The rows of files that are decoded side by side."""
    against = dict(asked)
    sizes = {path: manifest.catalog.files[original].size for path, original in asked}
    began = time.monotonic()
    emitted = {path: (text, ended) for path, text, ended in emit_side_by_side(list(against), model, sizes=sizes)}
    seconds = time.monotonic() - began
    tokens = sum(ended.tokens for _, ended in emitted.values())
    return [
        score_row(
            path,
            *emitted[path],
            manifest.original(against[path]),
            trained=against[path] in trained_on,
            line_files=manifest.line_files(),
            seconds=seconds * emitted[path][1].tokens / max(1, tokens),
            precision=model.precision,
        )
        for path in against
    ]


def _assemble(
    model: Model, manifest: SealedManifest, groups: Sequence[Group], done: dict[int, list[AtlasRow]], seed: int, processes: int
) -> Atlas:
    rows: dict[str, list[AtlasRow]] = {}
    for number, group in enumerate(groups):
        rows.setdefault(group.control, []).extend(done[number])
    return Atlas(
        model=shown_name(model.name),
        weights_sha256=model.digest,
        parameters=model.parameters,
        precision=model.precision,
        tree=manifest.tree_sha256,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, {processes} at work, CTranslate2 {version('ctranslate2')}",
        settings={
            "decoding": "greedy",
            "prompt": "path",
            "limit": LIMIT,
            "not_identical": NOT_IDENTICAL,
            "side_by_side": GROUP_FILES,
            "control_seed": seed,
        },
        rows=sorted(rows.pop(""), key=lambda row: row.path),
        controls=rows,
    )


# Partial files: a line for the head, then one for each group that is finished.


def read_partials(out: Path, head: dict[str, str]) -> dict[int, list[AtlasRow]]:
    """The groups that killed runs have finished, by number. Raises ValueError if those runs measured something else."""
    done: dict[int, list[AtlasRow]] = {}
    for file in _partial_files(out):
        lines = read_json_lines(file)
        if not lines:
            continue
        if lines[0] != head:
            differing = ", ".join(name for name in head if lines[0].get(name) != head[name])
            raise ValueError(f"{file}: was begun with another {differing}; give another --out, or delete it to begin anew")
        try:
            done |= {int(record["group"]): [row_of(values, all_columns()) for values in record["rows"]] for record in lines[1:]}
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file}: not what a run left ({brief(error)}); delete it to begin anew") from error
    return done


def keep_finished(out: Path) -> list[Path]:
    """After an interruption: the partial files that hold a finished group. The others are deleted."""
    kept = []
    for file in _partial_files(out):
        if len(read_json_lines(file)) > 1:
            kept.append(file)
        else:
            file.unlink()
    return kept


def _partial_files(out: Path) -> list[Path]:
    return sorted(out.parent.glob(f"{out.name}.partial-*"))


def _partial_line(number: int, rows: Sequence[AtlasRow]) -> str:
    return json.dumps({"group": number, "rows": [row_values(row) for row in rows]}) + "\n"


def _begin(file: Path, head: dict[str, str], done: dict[int, list[AtlasRow]]) -> None:
    write_whole(file, json.dumps(head) + "\n" + "".join(_partial_line(*group) for group in done.items()))
