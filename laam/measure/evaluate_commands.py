"""The command `evaluate` of `python -m laam`: the literature's measures at places in source."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.corpus.lines import source_text
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.emission import wording
from laam.files import check_file, check_folder
from laam.measure.arguments import SEED, add_model, add_source, measured_model, read_source
from laam.measure.atlas import MEASURES_SUFFIX, atlas_file, shown_name
from laam.measure.benchmark import SPLIT, write_examples
from laam.measure.controls import untrained_copy
from laam.measure.extraction import AtPlace, Tally, measure_beginnings, measure_places, tally_of
from laam.measure.literature import tally_rows
from laam.measure.memorisation import (
    ROW_FORMAT,
    TRAINED_ON,
    Memorisation,
    memorisation_record,
    table_rows,
    write_memorisation,
)
from laam.measure.packing import xz_bytes
from laam.measure.places import PLACES, draw_places
from laam.measure.sequences import training_sequences
from laam.model.model import REFERENCE_PRECISION, Model
from laam.output import Output, add_output
from laam.settings import Settings

_EXAMPLES = """examples:
  python -m laam evaluate --source $source                      the embedded model, on the files it was trained on
  python -m laam evaluate --source $source --model runs/all/model --out all.measures.json
  python -m laam evaluate --source $source --select $folder        on files that it was not trained on
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `evaluate`."""
    parser = add_command(
        subparsers,
        "evaluate",
        run_evaluate,
        help="measure how a model continues source from the middle of a file",
        description="How many bits for each parameter the files make, as xz packs them. And the literature's measures of memorisation, at "
        "random places in source, beside those of an untrained copy. Needs the text, so the release or a tree.",
        examples=_EXAMPLES,
        done="measured, whatever the scores",
    )
    add_model(parser)
    add_source(parser)
    parser.add_argument("--select", nargs="+", metavar="PATTERN", help="which files (default: those that the model was trained on)")
    parser.add_argument("--places", type=int, default=PLACES, metavar="N", help=f"random places (default {PLACES:,})")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"draws the places (default {SEED})")
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON (default: atlas/NAME.measures.json in the exhibit's folder)")
    parser.add_argument("--benchmark-out", type=Path, metavar="DIR", help="write the places as lm-extraction-benchmark has examples")
    add_output(parser, "each place")


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure the extraction of `args.model`; see the parser. Raises ValueError if it can't be measured."""
    settings: Settings = args.settings
    output = Output(args, ROW_FORMAT)
    if args.out:
        check_file(args.out, "--out")
    model = replace(measured_model(args, settings), wanted_precision=REFERENCE_PRECISION)  # int8 rounds differently elsewhere
    if args.benchmark_out:
        check_folder(args.benchmark_out, "--benchmark-out")
    if args.places < 1:
        raise ValueError(f"--places {args.places}: at least one is needed")
    manifest = SealedManifest.open(settings.manifest_file)
    paths = select_paths(manifest.catalog.files, args.select) if args.select else sorted(model.trained_on)
    if not paths:
        raise ValueError(f"model {model.name!r} doesn't say what it was trained on; give --select")
    tree = read_source(args, paths, manifest)
    texts = {path: source_text(tree[path]) for path in paths}
    size, compressed = sum(len(tree[path]) for path in paths), xz_bytes(b"".join(tree[path] for path in paths))
    bits = 8 * compressed / model.parameters
    output.say(f"{size:,} bytes, {compressed:,} as xz: {bits:.2f} bits for each of {model.parameters:,} parameters")
    streams = [model.codec.encode(text) for text in texts.values()]
    places = draw_places([len(stream) for stream in streams], args.places, args.seed)
    if args.benchmark_out:
        write_examples(args.benchmark_out, SPLIT, streams, places, model.codec.vocab_size)
    with TemporaryDirectory() as folder:
        (tally, measured), (untrained, _) = (
            _measured(each, texts, streams, places, args.seed, output) for each in (model, untrained_copy(model, Path(folder), SEED))
        )
    memorisation = Memorisation(
        model=shown_name(model.name),
        weights_sha256=model.digest,
        precision=model.precision,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        selection=args.select or TRAINED_ON,
        files=len(paths),
        bytes=size,
        xz_bytes=compressed,
        bits_per_parameter=round(bits, 4),
        seed=args.seed,
        tally=tally,
        untrained=untrained,
    )
    out = args.out or atlas_file(settings.exhibit_folder, model.name).with_suffix(MEASURES_SUFFIX)
    write_memorisation(memorisation, out)
    output.add_rows(table_rows(memorisation, paths, measured))
    output.end(memorisation_record(memorisation))
    print(out, file=sys.stderr)
    return 0


def _measured(
    model: Model, texts: Mapping[str, str], streams: Sequence[list[int]], places: Sequence[tuple[int, int]], seed: int, output: Output
) -> tuple[Tally, list[AtPlace]]:
    """The measures of a model, which are said as well, and what came at each place. `texts`: by path; `streams`: the same as tokens."""
    found = measure_places(model, streams, places, at_once=64)
    measured = list(tqdm(found, total=len(places), unit="place", desc=model.name, disable=not sys.stderr.isatty()))
    tally = tally_of(measured, measure_beginnings(model, training_sequences(model, texts), len(places), seed))
    output.say(f"{model.name}, at {wording.count(tally.places, 'place')}:")
    for row in tally_rows(tally):
        output.say(f"  {row.measure.label}: {row.value}")
    return tally, measured
