"""Make an atlas: emit every file as everywhere else, in groups, with two controls."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest
from laam.emission.emit import emit_side_by_side
from laam.measure.atlas import Atlas, AtlasRow, score_row, shown_name, write_atlas
from laam.measure.controls import INVENTED, UNTRAINED, control_files, invented_path, untrained_copy
from laam.measure.groups import GROUP_FILES, Done, Group, by_size, work_through
from laam.model.model import REFERENCE_PRECISION, Model

LIMIT = "a file is given up at the end of the segment in which it took more tokens, or grew to more characters, than its original has bytes"
NOT_IDENTICAL = "what is not identical in the precision that serves is decoded again, in float32, and that is what is given"


def plan(manifest: SealedManifest, files: Sequence[SourceFile], seed: int) -> list[Group]:
    """All groups, the longest files first; then the controls."""
    chosen = [file.path for file in control_files(files)]
    return [
        *by_size({file.path: file.size for file in files}),
        Group(tuple((path, path) for path in chosen), UNTRAINED),
        Group(tuple((invented_path(path, manifest.catalog.files, seed), path) for path in chosen), INVENTED),
    ]


def make_atlas(model: Model, manifest: SealedManifest, files: Sequence[SourceFile], out: Path, *, seed: int) -> Atlas | None:
    """Emit and score every file and the controls, and write the atlas to `out`. None on all processes but the main one.

    A killed run goes on; see `work_through`, also for what is raised.
    """
    groups = plan(manifest, files, seed)
    sizes = {file.path: file.size for file in files}
    trained_on = trained_files(model, manifest)

    def finish(done: Done, processes: int) -> Atlas:
        atlas = _assemble(model, manifest, groups, done, seed, processes)
        write_atlas(atlas, out)
        return atlas

    with TemporaryDirectory() as folder:

        def survey(group: Group) -> list[AtlasRow]:
            asked_model = untrained_copy(model, Path(folder), seed) if group.control == UNTRAINED else model
            return survey_group(group, asked_model, manifest, trained_on)

        return work_through(groups, survey, finish, out, head=run_head(model, manifest), name=model.name, sizes=sizes)


def run_head(model: Model, manifest: SealedManifest) -> dict[str, str]:
    """What a run is of: a killed run goes on only with the same."""
    return {"weights_sha256": model.digest, "precision": model.precision, "tree": manifest.tree_sha256}


def machine_at_work(processes: int) -> str:
    """The machine that measures, in words."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {processes} at work, CTranslate2 {version('ctranslate2')}"


def trained_files(model: Model, manifest: SealedManifest) -> frozenset[str]:
    """The paths of the files that a model was trained on."""
    return frozenset(file.path for file in manifest.catalog if model.learned(file))


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


def _assemble(model: Model, manifest: SealedManifest, groups: Sequence[Group], done: Done, seed: int, processes: int) -> Atlas:
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
        machine=machine_at_work(processes),
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
