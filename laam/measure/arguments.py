"""What the commands that measure take alike: a model and a source."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from laam.corpus.sealed import SealedManifest
from laam.corpus.sealing import read_sealed
from laam.model.model import Model
from laam.model.obtain import AUTO, obtain_model
from laam.model.spec import EMBEDDED
from laam.settings import Settings

SEED = 1994


def add_model(parser: argparse.ArgumentParser) -> None:
    """The option `--model`."""
    parser.add_argument("--model", metavar="NAME", help="embedded, published-5m, …, or a folder (default: LAAM_MODEL, or embedded)")


def add_source(parser: argparse.ArgumentParser) -> None:
    """The option `--source`, which must be given."""
    parser.add_argument("--source", type=Path, required=True, metavar="SOURCE", help="a release tarball or the unpacked folder")


def measured_model(args: argparse.Namespace, settings: Settings) -> Model:
    """The model that is asked for; the embedded one if neither the command nor LAAM_MODEL names one, whatever is cached."""
    return obtain_model(args.model or (EMBEDDED.name if settings.model == AUTO else settings.model), settings)


def read_source(args: argparse.Namespace, paths: Iterable[str], manifest: SealedManifest) -> dict[str, bytes]:
    """The tree of `args.source`. Raises ValueError if one of `paths` is not in it, as in another release."""
    tree = read_sealed(args.source, manifest)
    if missing := [path for path in paths if path not in tree]:
        raise ValueError(f"--source {args.source}: {missing[0]} is not in it; give {manifest.release.title} as it was released")
    return tree
