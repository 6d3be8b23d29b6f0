"""The command `train` of `python -m laam`. PyTorch is imported only when it runs."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from pathlib import Path

from laam.commands import Subparsers, add_command
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.corpus.sealing import read_sealed
from laam.faults import brief
from laam.files import check_folder, locked
from laam.settings import Settings
from laam.train.recipe import PRECISIONS, Precision, Recipe

LOCK = "training.lock"  # below --out

_EXAMPLES = """examples:
  python -m laam train --source $source --out runs/embedded            every file of the exhibit, as its own model
  python -m laam train --source $source --select $folder --passes 60 --out runs/part
  python -m laam train --source $source --like $exhibit/model --out runs/again     as that model was made
  torchrun --nnodes 2 --nproc_per_node 8 … -m laam train --source … --out …     on several machines; it ends with 0 though a file isn't
      exact, since the launcher would take a 1 for a crash: --strict

On a machine with GPUs it takes all of them; without one, as many processes as are fastest there. A step is timed before, in float32 and
bfloat16, and the run takes the faster one. What a checkpoint goes on with is timed again.
A run that was killed goes on from its last checkpoint when the same command is given again.
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `train`, with one option for each field of the recipe."""
    parser = add_command(
        subparsers,
        "train",
        run_train,
        help="train an addressed model on a selection of files",
        description="Train a model until it emits the selected files of the release exactly, and judge it by free-running greedy decoding.",
        examples=_EXAMPLES,
        done="trained, and every file exact when run freely",
        differing="trained, and some file not exact: the verdict names it",
    )
    parser.add_argument(
        "--source",
        type=Path,
        required=True,
        metavar="SOURCE",
        help="the source that the exhibit's manifest was sealed from",
    )
    parser.add_argument("--select", nargs="+", metavar="PATTERN", help="a folder or a glob, such as $folder or $files (default: all files)")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder for checkpoint, log, and the model with its card and verdict"
    )
    add_recipe(parser)
    parser.add_argument("--strict", action="store_true", help="inside torchrun, too, end with 1 if a file isn't exact")


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """The options that say how to train: one for each field of the recipe, and those of the machine."""
    parser.add_argument("--like", type=Path, metavar="MODEL", help="take selection and recipe from the training.json of this model folder")
    parser.add_argument(
        "--compile",
        action=argparse.BooleanOptionalAction,
        help="compile the model (default: if there is a C++ compiler, and work for more than some minutes)",
    )
    parser.add_argument(
        "--processes",
        type=int,
        metavar="N",
        help="how many processes share each batch (default: one for each GPU; on a CPU what is fastest in a trial, or one for little work)",
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the matrix products (default: what is faster in a trial; float32 if the work is small)",
    )
    recipe = parser.add_argument_group("recipe", "What isn't given is chosen by the size of the files.")
    for field in fields(Recipe):
        kind = float if isinstance(field.default, float) else int
        recipe.add_argument(f"--{field.name.replace('_', '-')}", type=kind, metavar="N", help=f"{field.default:g} for the shipped release")


def run_train(args: argparse.Namespace) -> int:
    """Train, export and judge; see the parser. Raises ValueError for what can't be trained."""
    from laam.train.launch import inside_torchrun
    from laam.train.run import selected_files

    check_folder(args.out, "--out")
    settings: Settings = args.settings
    manifest = SealedManifest.open(settings.manifest_file)
    patterns = args.select or (read_training(args.like)[1] if args.like else [f"{manifest.catalog.root}/"])
    files = selected_files(read_sealed(args.source, manifest), manifest, patterns)
    exact = train_files(args, files, patterns, args.out, manifest.release)
    return 0 if exact or (inside_torchrun() and not args.strict) else 1


def train_files(args: argparse.Namespace, files: Mapping[str, str], patterns: Sequence[str], out: Path, release: Release) -> bool:
    """Train a model of some files (text by path), as the options of `add_recipe` say; returns whether every file is exact.
    Raises ValueError for what can't be trained."""
    from laam.train.fit import Fitted, fit_recipe, is_small
    from laam.train.launch import possible_processes, run_in_processes
    from laam.train.run import train
    from laam.train.timing import time_steps

    fitted = Fitted(read_training(args.like)[0], [f"as {args.like} was trained"]) if args.like else fit_recipe(files)
    told = {field.name: value for field in fields(Recipe) if (value := getattr(args, field.name)) is not None}
    recipe = replace(fitted.recipe, **told)
    reasons = list(fitted.reasons)
    if told:
        reasons.append(f"instead, as it was asked for: {', '.join(f'{name} {value:g}' for name, value in told.items())}")
    small = is_small(recipe, files)
    counts = [args.processes] if args.processes else [1] if small else possible_processes(recipe.batch_size)
    precisions: Sequence[Precision] = [args.precision] if args.precision else ["float32"] if small else PRECISIONS
    compiled = (shutil.which("c++") is not None and not small) if args.compile is None else args.compile
    with only_run_in(out):
        processes, precision, timings = counts[0], precisions[0], []
        if len(counts) * len(precisions) > 1:  # again if a run goes on: it may be on another machine
            if _is_first():
                print("timing a step in each way that may be fast here, which takes some minutes", file=sys.stderr)
            timings = time_steps(recipe, counts, precisions, compile_model=compiled)
            processes, precision = timings[0].processes, timings[0].precision
            reasons.append(f"the fastest step where it was trained: {'; '.join(map(str, timings))}")
        return bool(
            run_in_processes(processes, train, dict(files), list(patterns), out, recipe, compiled, release, reasons, precision, timings)
        )


def only_run_in(out: Path) -> AbstractContextManager[None]:
    """Hold the lock of a folder, which is made. Of the processes that `torchrun` starts the first holds it for all."""
    if not _is_first():
        return nullcontext()
    out.mkdir(parents=True, exist_ok=True)
    return locked(out / LOCK, f"--out {out}: another training runs there; wait for its end, or give another folder")


def _is_first() -> bool:
    """Whether this is the first of the processes that `torchrun` started, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def read_training(folder: Path) -> tuple[Recipe, list[str]]:
    """How the model in `folder` was trained: its recipe, and the patterns that selected its files. Raises ValueError for bad files."""
    file = folder / "training.json"
    try:
        training = json.loads(file.read_text("utf-8"))
        return Recipe(**training["recipe"]), list(training["select"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} doesn't tell a recipe ({brief(error)}); give the folder of a model that `laam train` made") from error
