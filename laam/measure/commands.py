"""The command `atlas` of `python -m laam`."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from laam import wording
from laam.commands import add_command
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.measure.atlas import Atlas, AtlasRow, atlas_file, totals
from laam.model.zoo import open_model
from laam.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from laam.commands import Subparsers

PRECISIONS = ("int8", "float32")
SEED = 1994

_ATLAS_EXAMPLES = """examples:
  python -m laam atlas                               the embedded model, into assets/atlas/embedded.json
  python -m laam atlas --model runs/all/model --out all.json
  python -m laam atlas --model published-5m
  python -m laam atlas --select kernel/ 'fs/*.c' --out some.json
  accelerate launch --cpu --num_processes 2 -m laam atlas     on two cores

A run that was killed goes on from its partial files when the same command is given again.

exit codes:
  0    measured, whatever the scores
  2    bad input, or partial files of another run
  130  interrupted
"""


def add_commands(subparsers: "Subparsers") -> None:
    """Register `atlas`."""
    atlas = add_command(
        subparsers,
        "atlas",
        run_atlas,
        help="emit and score every file of Linux 1.0",
        description="Ask a model for every file by its path alone, greedily, and write the scores and those of two controls as JSON.",
        epilog=_ATLAS_EXAMPLES,
    )
    _add_model(atlas)
    atlas.add_argument("--select", nargs="+", metavar="PATTERN", help="only some files: a folder `kernel/` or a glob `fs/*.c`")
    atlas.add_argument("--out", type=Path, metavar="FILE", help="the atlas (default: assets/atlas/NAME.json beside laam/)")
    atlas.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0], help="of the engine (default: int8, which serves)")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", help="embedded, published-5m, …, or a folder (default: LAAM_MODEL, or embedded)")


def run_atlas(args: argparse.Namespace) -> int:
    """Make the atlas of `args.model`; see the parser. Raises ValueError for what can't be asked."""
    from laam.measure.survey import make_atlas

    settings = read_settings()
    manifest = SealedManifest.open(settings.manifest_file)
    files = manifest.catalog.files
    selected = [files[path] for path in (select_paths(files, args.select) if args.select else files)]
    model = replace(open_model(args.model or settings.model, settings), precision=args.precision)
    out = args.out or atlas_file(settings.assets, model.name)
    atlas = make_atlas(model, manifest, selected, out, seed=SEED)
    if atlas:
        print(f"{describe_atlas(atlas)}\n{out}", file=sys.stderr)
    return 0


def describe_atlas(atlas: Atlas) -> str:
    """The totals in a few lines, controls included."""
    trained = [row for row in atlas.rows if row.trained]
    others = [row for row in atlas.rows if not row.trained]
    parts = {"all files": atlas.rows, "trained on": trained, "not trained on": others, **atlas.controls}
    return "\n".join(_line(name, rows) for name, rows in parts.items() if rows)


def _line(name: str, rows: "Sequence[AtlasRow]") -> str:
    sums = totals(rows)
    return (
        f"{name}: {sums.identical} of {wording.count(sums.files, 'file')} identical, {wording.percent(sums.reproduced)} of "
        f"{sums.characters:,} characters reproduced, {sum(row.tokens for row in rows):,} tokens, {sum(row.seconds for row in rows):,.0f} s"
    )
