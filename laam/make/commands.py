"""The command `exhibit` of `python -m laam`: the steps of other commands, one after the other, into one folder."""

import argparse
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from laam.commands import Subparsers, add_command
from laam.corpus.commands import add_source, seal_source
from laam.corpus.sealed import SealedManifest
from laam.corpus.sealing import read_sealed
from laam.emission import wording
from laam.files import check_folder
from laam.make.given_model import check_given, take_model
from laam.measure.archives import ARCHIVES, lab_file, read_archives, read_models
from laam.measure.arguments import SEED
from laam.measure.atlas import atlas_file, read_atlas
from laam.measure.lab_commands import measure_archives, measure_model
from laam.model.model import Model, open_model
from laam.model.spec import EMBEDDED
from laam.settings import Settings
from laam.train.commands import LOCK, add_recipe, only_run_in, train_files

WORK = "work"  # of the training, until it is done

_EXAMPLES = """examples:
  python -m laam exhibit mycode-1.0.tar.gz                        into mycode-1.0.exhibit
  python -m laam exhibit poems/ --title 'My poems' --exclude 'drafts/'
  python -m laam exhibit large.zip --select src/                  seal all of it, train on a part
  python -m laam exhibit mycode-1.0.tar.gz --model runs/mine/model        with a model that is trained already

It can be stopped, and the same command goes on where it was. Of larger sources the lab packs the files again and again, which takes
minutes; --no-lab leaves it out.
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `exhibit`."""
    parser = add_command(
        subparsers,
        "exhibit",
        run_exhibit,
        help="make an exhibit of anything: a folder, an archive, a file",
        description="Seal a source, train a model on it, prove and measure it: one folder, which opens, exports and publishes.",
        examples=_EXAMPLES,
        done="made, and every file that it was trained on comes back byte for byte",
        differing="made, and some file isn't exact; or fewer than half of the text's bytes are in, and nothing was made",
    )
    add_source(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="the exhibit's folder (default: NAME.exhibit)")
    parser.add_argument("--select", nargs="+", metavar="PATTERN", help="train on these only: a folder `src/` or a glob `src/*.py`")
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="train none: take this model, which was trained on these files, and prove it here"
    )
    parser.add_argument("--no-lab", action="store_true", help="leave out the lab")
    add_recipe(parser)


def run_exhibit(args: argparse.Namespace) -> int:
    """Make the exhibit of `args.source`; see the parser. Raises ValueError for what none can be made of."""
    if args.out:
        check_folder(args.out, "--out")
        _check_work(args.out / WORK)
    print("1 of 4: sealing", file=sys.stderr)
    file = seal_source(args)
    if file is None:
        return 1
    out = file.parent
    settings = replace(args.settings, exhibit=out, release="", model=EMBEDDED.name)
    manifest = SealedManifest.open(file)
    tree = read_sealed(args.source, manifest)
    try:
        model = _trained(args, settings, manifest, tree)
        _map(model, settings, manifest)
        if not args.no_lab:
            _lab(model, settings, manifest, tree)
    except KeyboardInterrupt:
        print(f"what is done is kept in {out}: the same command goes on from there", file=sys.stderr)
        raise
    shutil.rmtree(out / WORK, ignore_errors=True)
    print(_told(out, model, settings))
    return 0 if len(model.identical) == len(model.trained_on) else 1


def _check_work(work: Path) -> None:
    """Raises ValueError for a folder that no training has left there: it would be deleted in the end."""
    if work.exists() and not (work / LOCK).is_file():
        raise ValueError(f"--out {work.parent}: {work} is something else, and would be deleted; give another place")


def _trained(args: argparse.Namespace, settings: Settings, manifest: SealedManifest, tree: Mapping[str, bytes]) -> Model:
    """The exhibit's model: as it is there, or the given one, or trained."""
    from laam.train.run import MODEL_FOLDER, selected_files

    patterns = args.select or [f"{manifest.catalog.root}/"]
    files = selected_files(tree, manifest, patterns)
    folder = settings.embedded_folder
    given = check_given(args.model.resolve(), settings, files) if args.model else None
    work = folder.with_name(WORK)
    if not folder.is_dir():
        if given:
            print("2 of 4: proving every file of the model that was given", file=sys.stderr)
            with only_run_in(work):
                take_model(given, {path: text.encode() for path, text in files.items()}, work / MODEL_FOLDER, settings)
        else:
            print("2 of 4: training, and proving every file; after the first pass it says how long it takes", file=sys.stderr)
            train_files(args, files, patterns, work, manifest.release)
        (work / MODEL_FOLDER).replace(folder)
    model = open_model(EMBEDDED.name, settings)
    if set(model.trained_on) != set(files) or not all(map(model.learned, map(manifest.catalog.files.__getitem__, files))):
        raise ValueError(f"{folder} is a model of other files; give another --out, or delete {folder.parent} to begin anew")
    if given and given.digest != model.digest:
        raise ValueError(f"{folder} is another model than --model {args.model}; give another --out, or delete {folder.parent}")
    return model


def _map(model: Model, settings: Settings, manifest: SealedManifest) -> None:
    from laam.measure.survey import make_atlas

    file = atlas_file(settings.exhibit_folder, model.name)
    if file.is_file() and read_atlas(file).weights_sha256 == model.digest:
        return
    tokens = sum(model.trained_tokens.values())
    print(f"3 of 4: the map: {wording.count(len(manifest.catalog), 'file')} and two controls, {tokens:,} tokens and more", file=sys.stderr)
    make_atlas(model, manifest, list(manifest.catalog), file, seed=SEED)


def _lab(model: Model, settings: Settings, manifest: SealedManifest, tree: Mapping[str, bytes]) -> None:
    folder = settings.exhibit_folder
    print("4 of 4: the lab: archives with files dropped, and the model as a compressor", file=sys.stderr)
    if read_archives(folder, manifest) is None:
        measure_archives(manifest, tree, folder / "lab" / ARCHIVES, _say)
    if model.digest not in {measured.weights_sha256 for measured in read_models(folder, manifest)}:
        measure_model(model, manifest, tree, lab_file(folder, model.name), _say)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _told(out: Path, model: Model, settings: Settings) -> str:
    """What came of it, where its page will be, and what to do next."""
    whole, trained = len(model.identical), len(model.trained_on)
    missing = [path for path in model.trained_on if path not in model.identical]
    others = f", not {', '.join(missing[:5])}" if missing else ""
    lines = [
        f"{out}: {whole:,} of {wording.count(trained, 'file')} {'comes' if trained == 1 else 'come'} back byte for byte{others}",
        f"open it:     python app.py {out}     (http://{settings.host}:{settings.port})",
        f"publish it:  python -m laam publish space USER/NAME --exhibit {out}",
    ]
    return "\n".join(lines)
