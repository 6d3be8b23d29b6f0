"""The commands `atlas` and `evaluate` of `python -m laam`."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from laam.commands import Subparsers, add_command
from laam.compare.measures import OF_DIGESTS
from laam.corpus.lines import source_text
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.emission import wording
from laam.files import check_file, check_folder
from laam.measure import atlas, bits
from laam.measure.arguments import SEED, add_model, add_source, measured_model, read_source
from laam.measure.atlas import MEASURES_SUFFIX, Atlas, AtlasRow, atlas_file, shown_name, totals
from laam.measure.benchmark import SPLIT, write_examples
from laam.measure.bits import FewerBits, bits_file
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

PRECISIONS = ("int8", "float32")

_ATLAS_EXAMPLES = """examples:
  python -m laam atlas                               the embedded model, into $exhibit/atlas/embedded.json
  python -m laam atlas --model runs/all/model --out all.json
  python -m laam atlas --model $published
  python -m laam atlas --select $files --out some.json
  python -m laam atlas --bits                        its weights rounded to 8, 7, … 2 bits, into $exhibit/atlas/embedded.bits.json
  torchrun --nproc_per_node 2 -m laam atlas          on two cores, or with --nnodes on several machines

A run that was killed goes on from its partial files when the same command is given again.
"""

_EVALUATE_EXAMPLES = """examples:
  python -m laam evaluate --source $source                      the embedded model, on the files it was trained on
  python -m laam evaluate --source $source --model runs/all/model --out all.measures.json
  python -m laam evaluate --source $source --select $folder        on files that it was not trained on
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `atlas` and `evaluate`."""
    parser = add_command(
        subparsers,
        "atlas",
        run_atlas,
        help="emit and score every file of the release",
        description="Ask a model for every file, with no source text, greedily, and write its scores and those of two controls as JSON.",
        examples=_ATLAS_EXAMPLES,
        done="measured, whatever the scores",
    )
    add_model(parser)
    parser.add_argument("--select", nargs="+", metavar="PATTERN", help="only some files: a folder or a glob, such as $folder or $files")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the atlas (default: atlas/NAME.json in the exhibit's folder)")
    add_output(parser, "each file; with --bits, for each file and number of bits")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--precision", choices=PRECISIONS, default="", help="of the engine (default: the one that serves)")
    how.add_argument("--bits", action="store_true", help="measure what is left with the weights rounded to fewer bits, in float32")

    evaluate = add_command(
        subparsers,
        "evaluate",
        run_evaluate,
        help="measure how a model continues source from the middle of a file",
        description="How many bits for each parameter the files make, as xz packs them. And the literature's measures of memorisation, at "
        "random places in source, beside those of an untrained copy. Needs the text, so the release or a tree.",
        examples=_EVALUATE_EXAMPLES,
        done="measured, whatever the scores",
    )
    add_model(evaluate)
    add_source(evaluate)
    evaluate.add_argument("--select", nargs="+", metavar="PATTERN", help="which files (default: those that the model was trained on)")
    evaluate.add_argument("--places", type=int, default=PLACES, metavar="N", help=f"random places (default {PLACES:,})")
    evaluate.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"draws the places (default {SEED})")
    evaluate.add_argument("--out", type=Path, metavar="FILE", help="JSON (default: atlas/NAME.measures.json in the exhibit's folder)")
    evaluate.add_argument("--benchmark-out", type=Path, metavar="DIR", help="write the places as lm-extraction-benchmark has examples")
    add_output(evaluate, "each place")


def run_atlas(args: argparse.Namespace) -> int:
    """Make the atlas of `args.model`; see the parser. Raises ValueError if it can't be made."""
    from laam.measure.bits_survey import make_bits
    from laam.measure.groups import keep_finished
    from laam.measure.survey import make_atlas

    settings: Settings = args.settings
    output = Output(args, bits.ROW_FORMAT if args.bits else atlas.ROW_FORMAT)
    if args.out:
        check_file(args.out, "--out")
    manifest = SealedManifest.open(settings.manifest_file)
    files = manifest.catalog.files
    selected = [files[path] for path in (select_paths(files, args.select) if args.select else files)]
    model = replace(measured_model(args, settings), wanted_precision=args.precision)
    _check_by_path(model)
    out = args.out or (bits_file if args.bits else atlas_file)(settings.exhibit_folder, model.name)
    try:
        if args.bits:
            fewer_bits = make_bits(model, manifest, selected, out)
            if fewer_bits:  # on one of the processes
                output.say(describe_bits(fewer_bits))
                output.add_rows(bits.table_rows(fewer_bits))
                output.end(bits.bits_record(fewer_bits))
                print(out, file=sys.stderr)
        else:
            measured = make_atlas(model, manifest, selected, out, seed=SEED)
            if measured:
                output.say(describe_atlas(measured))
                output.add_rows(atlas.table_rows(measured))
                output.end(atlas.atlas_record(measured))
                print(out, file=sys.stderr)
    except KeyboardInterrupt:
        if kept := keep_finished(out):
            names = ", ".join(map(str, kept))
            print(f"what is measured so far is kept in {names}: the same command goes on from there", file=sys.stderr)
        raise
    return 0


def _check_by_path(model: Model) -> None:
    """Raises ValueError, which says what can be done instead, for a model that isn't asked by path."""
    try:
        model.format.path_prompt("a")
    except ValueError as error:
        instead = '`laam survey` makes a map of what it gives of each file by its beginning (given = "first")'
        raise ValueError(f"--model {shown_name(model.name)}: was not made to be asked by path; {instead}") from error


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
    found: list[tuple[Tally, list[AtPlace]]] = []
    with TemporaryDirectory() as folder:
        for asked in (model, untrained_copy(model, Path(folder), SEED)):
            bar = tqdm(total=len(places), unit="place", desc=asked.name, disable=not sys.stderr.isatty())
            with bar:
                measured = [each for each in measure_places(asked, streams, places, at_once=64) if not bar.update()]
            beginnings = measure_beginnings(asked, training_sequences(asked, texts), args.places, args.seed)
            tally = tally_of(measured, beginnings)
            output.say(f"{asked.name}, at {wording.count(tally.places, 'place')}:")
            for row in tally_rows(tally):
                output.say(f"  {row.measure.label}: {row.value}")
            found.append((tally, measured))
    (tally, measured), (untrained, _) = found
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


def describe_atlas(atlas: Atlas) -> str:
    """The totals in a few lines, controls included."""
    return "\n".join(_line(name, rows) for name, rows in atlas.groups.items() if rows)


def describe_bits(measured: FewerBits) -> str:
    """What is left at each number of bits, a line each."""
    return "\n".join(
        f"{step.bits} bits: {step.identical} of {wording.count(len(measured.files), 'file')} identical, "
        f"{wording.percent(measured.reproduced(step))} of {measured.characters:,} characters, "
        f"{step.exact_lines:,} of {wording.count(measured.lines, 'line')}, {step.bytes:,} bytes, {step.xz:,} as xz, "
        f"{step.tokens:,} tokens, {step.seconds:,.0f} s"
        for step in measured.steps
    )


def _line(name: str, rows: Sequence[AtlasRow]) -> str:
    sums = totals(rows)
    known = [measure for measure in OF_DIGESTS if measure.name in sums.measures]
    measures = "".join(f"{measure.label} {wording.percent(sums.measures[measure.name].share)}, " for measure in known)
    return (
        f"{name}: {sums.identical} of {wording.count(sums.files, 'file')} identical, {wording.percent(sums.reproduced)} of "
        f"{sums.characters:,} characters reproduced, {measures}{sum(row.tokens for row in rows):,} tokens, "
        f"{sum(row.seconds for row in rows):,.0f} s"
    )
