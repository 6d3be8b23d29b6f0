"""The command `pz` of `python -m laam`: p_z along every file."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.corpus.lines import source_text
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.files import append_json_line, check_file, read_json_lines
from laam.measure.arguments import add_model, add_source, measured_model, read_source
from laam.measure.atlas import shown_name
from laam.measure.places import PREFIX, SUFFIX
from laam.measure.pz import THRESHOLDS, check_window, shares_in_words, window_starts, windows_of
from laam.measure.pz_file import ROW_FORMAT, AlongFiles, FileAlong, file_of, file_values, pz_file, pz_record, rounded, write_pz
from laam.measure.survey import machine_at_work
from laam.model.model import REFERENCE_PRECISION, Model
from laam.output import Output, add_output
from laam.settings import Settings

STRIDE = 10  # tokens

_EXAMPLES = f"""examples:
  python -m laam pz --source {SHIPPED.tarballs[-1]}                     the embedded model, into assets/atlas/embedded.pz.json
  python -m laam pz --source {SHIPPED.tarballs[-1]} --stride 50         the fewest windows that leave nothing out
  python -m laam pz --source {SHIPPED.tarballs[-1]} --model some/folder --select kernel/ --out some.pz.json

A run that was killed goes on when the same command is given again. A window takes the embedded model some 13 ms of one core.
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `pz`."""
    parser = add_command(
        subparsers,
        "pz",
        run_pz,
        help="measure how probable each file's own text is to a model",
        description=f"Along every file, give a model {PREFIX} true tokens, without a path, and measure the probability that it writes the "
        f"next {SUFFIX} exactly (Cooper and others 2025). Needs the text, so the release or a tree.",
        examples=_EXAMPLES,
        done="measured, whatever the probabilities",
    )
    add_model(parser)
    add_source(parser)
    parser.add_argument("--select", nargs="+", metavar="PATTERN", help="only some files: a folder `kernel/` or a glob `fs/*.c`")
    parser.add_argument("--stride", type=int, default=STRIDE, metavar="N", help=f"tokens from window to window, 1 to {SUFFIX} ({STRIDE})")
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON (default: assets/atlas/NAME.pz.json beside laam/)")
    add_output(parser, "each file")


def run_pz(args: argparse.Namespace) -> int:
    """Measure p_z along the files; see the parser. Raises ValueError if it can't be measured."""
    settings: Settings = args.settings
    output = Output(args, ROW_FORMAT)
    if not 1 <= args.stride <= SUFFIX:
        raise ValueError(f"--stride {args.stride}: give 1 to {SUFFIX} tokens, so that none is left out")
    if args.out:
        check_file(args.out, "--out")
    model = replace(measured_model(args, settings), wanted_precision=REFERENCE_PRECISION)  # int8 rounds differently elsewhere
    check_window(model)
    manifest = SealedManifest.open(settings.manifest_file)
    paths = sorted(select_paths(manifest.catalog.files, args.select) if args.select else manifest.catalog.files)
    tree = read_source(args, paths, manifest)
    measured = measure_files(
        model,
        {path: source_text(tree[path]) for path in paths},
        manifest,
        args.stride,
        args.out or pz_file(settings.exhibit_folder, model.name),
    )
    output.say(f"{measured.model}: {shares_in_words(measured.characters, measured.covered, measured.above())}")
    output.add_rows(row_of(measured, of) for of in measured.files)
    output.end(pz_record(measured))
    return 0


def measure_files(model: Model, texts: Mapping[str, str], manifest: SealedManifest, stride: int, out: Path) -> AlongFiles:
    """p_z along each text, by path, written to `out`. What is finished is kept beside it, so a killed run goes on.

    Raises ValueError if what is kept is of something else.
    """
    head: dict[str, Any] = {"weights_sha256": model.digest, "tree": manifest.tree_sha256, "stride": stride}
    kept = out.with_name(f"{out.name}.partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    done = _finished(kept, head)
    streams = {path: model.codec.encode(text) for path, text in texts.items()}
    left = {path: len(window_starts(len(stream), stride)) for path, stream in streams.items() if path not in done}
    with tqdm(total=sum(left.values()), unit="window", desc=model.name, file=sys.stderr) as bar:
        for path, windows in left.items():
            along = rounded(windows_of(model, texts[path], streams[path], stride))
            done[path] = FileAlong(path, len(streams[path]), along)
            append_json_line(kept, {"file": file_values(done[path], stride)})
            bar.update(windows)
    measured = AlongFiles(
        model=shown_name(model.name),
        weights_sha256=model.digest,
        tree=manifest.tree_sha256,
        precision=model.precision,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine_at_work(1),
        settings={"prefix": PREFIX, "suffix": SUFFIX, "temperature": 1, "draws_from": "all tokens", "prompt": "true tokens, no path"},
        stride=stride,
        files=[done[path] for path in texts],
    )
    write_pz(measured, out)
    kept.unlink(missing_ok=True)
    return measured


def _finished(kept: Path, head: Mapping[str, Any]) -> dict[str, FileAlong]:
    """The files that a killed run has finished; it begins a new one if there is none."""
    lines: Sequence[dict[str, Any]] = read_json_lines(kept) if kept.exists() else []
    if not lines:
        append_json_line(kept, dict(head))
        return {}
    if lines[0] != head:
        raise ValueError(f"{kept}: was begun with other weights, files or another stride; give another --out, or delete it to begin anew")
    found = (file_of(line["file"], int(head["stride"])) for line in lines[1:])
    return {of.path: of for of in found}


def row_of(measured: AlongFiles, of: FileAlong) -> dict[str, Any]:
    """A row of a table: one file. `above`: the characters at each threshold of p_z; `windows`: of each the characters of its suffix, from,
    to, and natural log p_z."""
    return {
        "model": measured.model,
        "weights_sha256": measured.weights_sha256,
        "precision": measured.precision,
        "date": measured.date,
        "file": of.path,
        "prefix": PREFIX,
        "suffix": SUFFIX,
        "stride": measured.stride,
        "tokens": of.tokens,
        "characters": of.along.characters,
        "covered": of.along.covered,
        "above": {f"{threshold:g}": of.along.at_least(threshold) for threshold in THRESHOLDS},
        "windows": [[*span, logarithm] for span, logarithm in zip(of.along.spans, of.along.logs, strict=True)],
    }
