"""The command `lab` of `python -m laam`."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.corpus.lines import source_text
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.files import check_folder
from laam.measure.archives import (
    ARCHIVES,
    NO_SOURCE,
    NOT_TRAINED,
    TRAINED,
    UNTRAINED,
    Archives,
    Coding,
    ModelInBytes,
    coding_of,
    lab_file,
    write_archives,
    write_model,
)
from laam.measure.arguments import SEED, add_model, add_source, measured_model, read_source
from laam.measure.code_length import code_lengths
from laam.measure.controls import control_files, untrained_copy
from laam.measure.packed_weights import PRECISIONS, packed, weights_in
from laam.measure.packing import ORDERS, Step, pack_steps
from laam.model.model import Model
from laam.settings import Settings

ARCHIVES_PART, MODEL_PART = "archives", "model"

_EXAMPLES = f"""examples:
  python -m laam lab --source {SHIPPED.tarballs[-1]}                   both parts, of the embedded model
  python -m laam lab --source {SHIPPED.tarballs[-1]} --part archives   assets/lab/archives.json: the archives with files dropped
  python -m laam lab --source {SHIPPED.tarballs[-1]} --part model      assets/lab/embedded.json: its bytes and code lengths
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
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="(default: assets/lab beside laam/)")


def run_lab(args: argparse.Namespace) -> int:
    """Measure what `args.part` names; see the parser. Raises ValueError for a tree of another release."""
    settings: Settings = args.settings
    if args.out:
        check_folder(args.out, "--out")
    manifest = SealedManifest.open(settings.manifest_file)
    tree = read_source(args, manifest.catalog.files, manifest)
    folder = args.out or settings.exhibit_folder / "lab"
    if args.part != MODEL_PART:
        measure_archives(manifest, tree, folder / ARCHIVES)
    if args.part != ARCHIVES_PART:
        model = measured_model(args, settings)
        measure_model(model, manifest, tree, folder / lab_file(folder, model.name).name)
    return 0


def measure_archives(manifest: SealedManifest, tree: Mapping[str, bytes], file: Path) -> None:
    """Pack the source files of a tree with more and more of them dropped, and write the sizes."""
    source = {path: tree[path] for path in manifest.catalog.files}
    steps: dict[str, list[Step]] = {order: [] for order in ORDERS}
    for order in ORDERS:
        for step in pack_steps(source, order, SEED):
            steps[order].append(step)
            print(f"{order} first, {step.percent} %: {wording.count(step.files, 'file')}, gz {step.gz:,}, xz {step.xz:,}", file=sys.stderr)
    write_archives(Archives(manifest.tree_sha256, len(source), sum(map(len, source.values())), SEED, steps), file)


def measure_model(model: Model, manifest: SealedManifest, tree: Mapping[str, bytes], file: Path) -> None:
    """Pack a model's weights, sum up the bits in which it codes every file of a tree, and write it."""
    weights = {precision: packed(weights_in(model, precision)) for precision in PRECISIONS}
    for precision, size in weights.items():
        print(f"{precision}: {size.bytes:,} bytes, {size.xz:,} as xz", file=sys.stderr)
    catalog = manifest.catalog
    groups = {
        TRAINED: [file.path for file in catalog if model.learned(file)],
        NOT_TRAINED: [file.path for file in catalog if not model.learned(file)],
        NO_SOURCE: [path for path, data in tree.items() if path not in catalog.files and _is_text(data)],
    }
    codings = {name: _coded(name, model, paths, tree) for name, paths in groups.items() if any(tree[path] for path in paths)}
    with TemporaryDirectory() as copy:
        untrained = untrained_copy(model, Path(copy), SEED)
        codings[UNTRAINED] = _coded(UNTRAINED, untrained, [file.path for file in control_files(list(catalog))], tree)
    measured = ModelInBytes(model.name, model.digest, manifest.tree_sha256, model.parameters, SEED, weights, codings)
    write_model(measured, file)


def _is_text(data: bytes) -> bool:
    """Whether a tokenizer takes it: a byte that is no UTF-8 has no token."""
    return "\ufffd" not in data.decode(errors="replace")


def _coded(name: str, model: Model, paths: Sequence[str], tree: Mapping[str, bytes]) -> Coding:
    texts = {path: source_text(tree[path]) for path in paths}
    coding = coding_of(list(tqdm(code_lengths(model, texts), total=len(texts), unit="file", desc=name)), tree)
    print(
        f"{name}: {coding.exact:,} of {wording.count(len(coding.files), 'file')} without a wrong token, "
        f"{coding.bytes:,} bytes in {coding.coded:,}, {coding.bits / coding.bytes:.4f} bits a byte",
        file=sys.stderr,
    )
    return coding
