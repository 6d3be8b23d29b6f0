"""The command `lab` of `python -m laam`."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.corpus.lines import source_text
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.files import check_folder
from laam.formats import stamped
from laam.measure.archives import (
    ARCHIVES,
    NO_SOURCE,
    NOT_TRAINED,
    ROW_FORMAT,
    TRAINED,
    UNTRAINED,
    Archives,
    Coding,
    ModelInBytes,
    archives_record,
    coding_of,
    lab_file,
    model_record,
    table_rows,
    write_archives,
    write_model,
)
from laam.measure.arguments import SEED, add_model, add_source, measured_model, read_source
from laam.measure.capacity import capacity_of, membership_of
from laam.measure.code_length import code_lengths
from laam.measure.controls import control_files, untrained_copy
from laam.measure.literature import lab_rows
from laam.measure.packed_weights import PRECISIONS, packed, weights_in
from laam.measure.packing import ORDERS, PERCENTS, Step, kept_files, pack_steps
from laam.model.model import Model
from laam.output import Output, add_output
from laam.settings import Settings

FORMAT = "laam-lab-1"
ARCHIVES_PART, MODEL_PART = "archives", "model"

_EXAMPLES = """examples:
  python -m laam lab --source $source                   both parts, of the embedded model
  python -m laam lab --source $source --part archives   $exhibit/lab/archives.json: the archives with files dropped
  python -m laam lab --source $source --part model      $exhibit/lab/embedded.json: its bytes and code lengths
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `lab`."""
    parser = add_command(
        subparsers,
        "lab",
        run_lab,
        help="measure archives with files dropped, and a model as a compressor",
        description="Drop 0 to 100 % of the source files and pack the rest; pack a model's weights in each precision; and sum up the bits "
        "in which a model codes every file. Needs the text, so the release or a tree.",
        examples=_EXAMPLES,
        done="measured",
    )
    add_source(parser)
    parser.add_argument("--part", choices=(ARCHIVES_PART, MODEL_PART), help="only one part (default: both)")
    add_model(parser)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="(default: lab/ in the exhibit's folder)")
    add_output(parser, "each file that the model codes")


def run_lab(args: argparse.Namespace) -> int:
    """Measure what `args.part` names; see the parser. Raises ValueError for a tree of another release."""
    settings: Settings = args.settings
    output = Output(args, ROW_FORMAT)
    if args.out:
        check_folder(args.out, "--out")
    manifest = SealedManifest.open(settings.manifest_file)
    tree = read_source(args, manifest.catalog.files, manifest)
    folder = args.out or settings.exhibit_folder / "lab"
    archives, in_bytes = None, None
    if args.part != MODEL_PART:
        archives = measure_archives(manifest, tree, folder / ARCHIVES, output.say)
    if args.part != ARCHIVES_PART:
        model = measured_model(args, settings)
        in_bytes = measure_model(model, manifest, tree, folder / lab_file(folder, model.name).name, output.say)
        output.add_rows(table_rows(in_bytes))
        for row in lab_rows(in_bytes):
            output.say(f"{row.measure.label}: {row.value}")
    parts = {"archives": archives and archives_record(archives), "model": in_bytes and model_record(in_bytes)}
    capacity, told_apart = (in_bytes and capacity_of(in_bytes), in_bytes and membership_of(in_bytes))
    told = {"capacity": capacity and asdict(capacity), "membership": told_apart and asdict(told_apart)}
    output.end(stamped(FORMAT, parts | told))
    return 0


Say = Callable[[str], None]
"""Takes a line for people, as something is measured."""


def measure_archives(manifest: SealedManifest, tree: Mapping[str, bytes], file: Path, say: Say) -> Archives:
    """Pack the source files of a tree with more and more of them dropped, and write the sizes."""
    source = {path: tree[path] for path in manifest.catalog.files}
    steps: dict[str, list[Step]] = {order: [] for order in ORDERS}
    sizes = {path: len(data) for path, data in source.items()}
    total = sum(sizes[path] for order in ORDERS for percent in PERCENTS for path in kept_files(sizes, order, percent, SEED))
    with tqdm(total=total, unit="B", unit_scale=True, desc="archives", leave=False) as bar:
        for order in ORDERS:
            for step in pack_steps(source, order, SEED):
                steps[order].append(step)
                with bar.external_write_mode():
                    say(f"{order} first, {step.percent} %: {wording.count(step.files, 'file')}, gz {step.gz:,}, xz {step.xz:,}")
                bar.update(step.characters)
    archives = Archives(manifest.tree_sha256, len(source), sum(sizes.values()), SEED, steps)
    write_archives(archives, file)
    return archives


def measure_model(model: Model, manifest: SealedManifest, tree: Mapping[str, bytes], file: Path, say: Say) -> ModelInBytes:
    """Pack a model's weights, sum up the bits in which it codes every file of a tree, and write it."""
    weights = {precision: packed(weights_in(model, precision)) for precision in PRECISIONS}
    for precision, size in weights.items():
        say(f"{precision}: {size.bytes:,} bytes, {size.xz:,} as xz")
    catalog = manifest.catalog
    groups = {
        TRAINED: [file.path for file in catalog if model.learned(file)],
        NOT_TRAINED: [file.path for file in catalog if not model.learned(file)],
        NO_SOURCE: [path for path, data in tree.items() if path not in catalog.files and _is_text(data)],
    }
    codings = {name: _coded(name, model, paths, tree, say) for name, paths in groups.items() if any(tree[path] for path in paths)}
    with TemporaryDirectory() as copy:
        untrained = untrained_copy(model, Path(copy), SEED)
        codings[UNTRAINED] = _coded(UNTRAINED, untrained, [file.path for file in control_files(list(catalog))], tree, say)
    measured = ModelInBytes(model.name, model.digest, manifest.tree_sha256, model.parameters, SEED, weights, codings)
    write_model(measured, file)
    return measured


def _is_text(data: bytes) -> bool:
    """Whether a tokenizer takes it: a byte that is no UTF-8 has no token."""
    return "\ufffd" not in data.decode(errors="replace")


def _coded(name: str, model: Model, paths: Sequence[str], tree: Mapping[str, bytes], say: Say) -> Coding:
    texts = {path: source_text(tree[path]) for path in paths}
    lengths = []
    with tqdm(total=sum(len(tree[path]) for path in texts), unit="B", unit_scale=True, desc=name, leave=False) as bar:
        for length in code_lengths(model, texts):
            lengths.append(length)
            bar.update(length.bytes)
    coding = coding_of(lengths, tree)
    say(
        f"{name}: {coding.exact:,} of {wording.count(len(coding.files), 'file')} without a wrong token, "
        f"{coding.bytes:,} bytes in {coding.coded:,}, {coding.bits / coding.bytes:.4f} bits a byte"
    )
    return coding
