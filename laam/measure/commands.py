"""The command `atlas` of `python -m laam`."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from laam.commands import Subparsers, add_command
from laam.compare.measures import OF_DIGESTS
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.emission import wording
from laam.files import check_file
from laam.measure import atlas, bits
from laam.measure.arguments import SEED, add_model, measured_model
from laam.measure.atlas import Atlas, AtlasRow, atlas_file, shown_name, totals
from laam.measure.bits import FewerBits, bits_file
from laam.model.model import Model
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


def add_commands(subparsers: Subparsers) -> None:
    """Register `atlas`."""
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
