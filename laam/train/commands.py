"""The command `train` of `python -m laam`. PyTorch is imported only when it runs."""

import argparse
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from laam.commands import add_command
from laam.train.recipe import Recipe

if TYPE_CHECKING:
    from laam.commands import Subparsers

EMBEDDED_SELECTION = ("init/", "kernel/", "mm/", "lib/", "ipc/", "fs/", "drivers/net/3c503.c")

_EXAMPLES = """examples:
  python -m laam train --source linux-1.0.tar.xz --select kernel/ mm/ --out runs/kernel
  python -m laam train --source linux-1.0.tar.xz --out runs/embedded --compile     the embedded model, as shipped
  accelerate launch -m laam train --source linux-1.0.tar.xz --out runs/embedded    on every GPU of the machine
  python -m laam train --source linux-1.0.tar.xz --select linux/ --passes 500 --batch-size 64 --lr 6e-3 --compile --out runs/all

A run that was killed goes on from its last checkpoint when the same command is given again.

exit codes:
  0  trained, and every file exact when run freely
  1  trained, and some file not exact: the verdict names it
  2  bad input
"""


def add_commands(subparsers: "Subparsers") -> None:
    """Register `train`, with one option for each field of the recipe."""
    parser = add_command(
        subparsers,
        "train",
        run_train,
        help="train an addressed model on a selection of files",
        description="Train a model until it emits the selected files of Linux 1.0 exactly, and judge it by free-running greedy decoding.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--source", type=Path, required=True, metavar="SOURCE", help="a linux-1.0 tarball or the unpacked folder")
    parser.add_argument(
        "--select", nargs="+", default=list(EMBEDDED_SELECTION), metavar="PATTERN", help="files: a folder `kernel/` or a glob `fs/*.c`"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="checkpoint, log, and the model with its card and verdict")
    parser.add_argument("--compile", action="store_true", help="compile the training step (needs a C++ compiler; a third faster)")
    recipe = parser.add_argument_group("recipe")
    for field in fields(Recipe):
        kind = float if isinstance(field.default, float) else int
        recipe.add_argument(
            f"--{field.name.replace('_', '-')}", type=kind, default=field.default, metavar="N", help=f"default {field.default:g}"
        )


def run_train(args: argparse.Namespace) -> int:
    """Train, export and judge; see the parser. Raises ValueError for what can't be trained."""
    from laam.train.run import train

    recipe = replace(Recipe(), **{field.name: getattr(args, field.name) for field in fields(Recipe)})
    return 0 if train(args.source, args.select, args.out, recipe, compile_model=args.compile) else 1
