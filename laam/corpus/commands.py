"""The commands `seal` and `corpus` of `python -m laam`."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from laam.commands import Subparsers, add_command
from laam.corpus.archive import read_tree
from laam.corpus.catalog import Catalog, SourceFile
from laam.corpus.licence_list import licence_list
from laam.corpus.releases import SHIPPED, Release, release_of
from laam.corpus.sealed import SealedError, SealedManifest, check_manifest, seal_tree
from laam.files import check_file, write_whole
from laam.settings import MANIFEST, Settings

DIFFERENCES = 20  # the most that are listed when a manifest is checked

_SEAL_EXAMPLES = f"""examples:
  python -m laam seal {SHIPPED.tarballs[-1]}           write assets/{MANIFEST}
  python -m laam seal --check {SHIPPED.tarballs[-1]}   prove it against the release
  python -m laam seal --check linux/             prove it against an unpacked tree
  python -m laam seal linux-2.0.tar.xz --title 'Linux 2.0, 9 June 1996' --source https://www.kernel.org/pub/linux/kernel/v2.0/

Set LAAM_RELEASE=linux-2.0, and the page, the API and the commands show that release.
"""

_CORPUS_EXAMPLES = """examples:
  python -m laam corpus                  every source file: path, bytes, lines, licence
  python -m laam corpus sched.c          one file, with its sha256
  python -m laam corpus --json           the same as one JSON object
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `seal` and `corpus`; each sets `run`, a function of the parsed arguments that returns the exit code."""
    seal = add_command(
        subparsers,
        "seal",
        run_seal,
        help="seal the source files of a release as digests",
        description="Write the sealed manifest of a source tree, or check a manifest against the tree. No text is kept.",
        examples=_SEAL_EXAMPLES,
        differing="--check found differences",
    )
    seal.add_argument("tree", type=Path, metavar="TREE", help="a release tarball (.tar, .tar.gz, .tar.xz) or the unpacked folder")
    seal.add_argument("--title", default="", help="its title and date, such as 'Linux 2.0, 9 June 1996' (a known release needs none)")
    seal.add_argument("--source", default="", metavar="URL", help="the web address of its source")
    seal.add_argument("--out", type=Path, metavar="FILE", help="the manifest (default: named after the release, in the exhibit's sealed/)")
    seal.add_argument("--check", action="store_true", help="write nothing; compare the manifest (default: the exhibit's) with TREE")

    corpus = add_command(
        subparsers,
        "corpus",
        run_corpus,
        help="list the source files of the release",
        description="List the catalogue of the sealed manifest, or one file of it.",
        examples=_CORPUS_EXAMPLES,
    )
    corpus.add_argument("query", nargs="?", metavar="QUERY", help="a path, the end of one, or a base name, in any case")
    corpus.add_argument("--json", action="store_true", help="print JSON")
    corpus.add_argument("--licences", action="store_true", help="list the licences of all files, as NOTICE does")
    corpus.add_argument("--manifest", type=Path, metavar="FILE", help="the manifest (default: the exhibit's)")


def run_seal(args: argparse.Namespace) -> int:
    """Seal `args.tree` into `args.out`, or check the one against the other. Raises ArchiveError, SealedError or ValueError."""
    settings: Settings = args.settings
    if args.check:
        return check_tree(args.tree, args.out or settings.manifest_file)
    if args.out:
        check_file(args.out, "--out")
    tree = read_tree(args.tree)
    release = release_of(tree, args.title, args.source)
    default = settings.assets / MANIFEST if release is SHIPPED else settings.exhibit_folder / "sealed" / release.manifest_name
    return write_manifest(tree, release, args.out or default)


def run_corpus(args: argparse.Namespace) -> int:
    """Print the catalogue of `args.manifest`, or the one file that `args.query` names. Raises SealedError or UnknownFile."""
    settings: Settings = args.settings
    manifest = SealedManifest.open(args.manifest or settings.manifest_file)
    if args.query is not None:
        file = manifest.catalog.find(args.query)
        print(json.dumps(asdict(file), indent=2) if args.json else describe(file))
    elif args.licences:
        print(licence_list(list(manifest.catalog), manifest.release.licences))
    elif args.json:
        facts = {"title": manifest.release.heading, "source": manifest.release.source, "manifest": manifest.digest}
        print(json.dumps(facts | {"files": [asdict(file) for file in manifest.catalog]}, indent=2))
    else:
        print(table(manifest.catalog))
    return 0


def write_manifest(tree: dict[str, bytes], release: Release, out: Path) -> int:
    """Seal the tree of a release into the file `out`, which appears whole or not at all; returns the exit code."""
    data = seal_tree(tree, release)
    manifest = SealedManifest(data, str(out))
    try:
        write_whole(out, data)
    except OSError as error:
        raise SealedError(f"--out {out}: can't be written: {error.strerror}; choose another place") from error
    print(f"{out}: {release.heading}: {totals(manifest.catalog)} sealed in {len(data):,} bytes, sha256 {manifest.digest}")
    return 0


def check_tree(tree: Path, out: Path) -> int:
    """Compare the manifest `out` with the source tree in `tree` and print the verdict; exit code 0 if nothing differs, else 1."""
    manifest = SealedManifest.open(out)
    differences = check_manifest(manifest, read_tree(tree))
    if differences:
        print("\n".join(differences[:DIFFERENCES]))
        if len(differences) > DIFFERENCES:
            print(f"… and {len(differences) - DIFFERENCES:,} more")
        print(f"{out}: not proven against {tree}: {len(differences)} differing, {totals(manifest.catalog)} sealed")
        return 1
    print(f"{out}: proven against {tree}: {totals(manifest.catalog)}, every line")
    return 0


def table(catalog: Catalog) -> str:
    """A line for each file – path, bytes, lines, licence – and one for the totals."""
    width = max((len(file.path) for file in catalog), default=0)
    rows = [f"{file.path:<{width}}  {file.size:>7,}  {file.lines:>6,}  {file.licence}" for file in catalog]
    return "\n".join([*rows, totals(catalog)])


def describe(file: SourceFile) -> str:
    """All facts about one file, a line for each."""
    return "\n".join(f"{name:<14}  {_format_value(value)}" for name, value in asdict(file).items())


def _format_value(value: int | str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        value = "; ".join(value)
    return f"{value:,}" if isinstance(value, int) else value or "–"


def totals(catalog: Catalog) -> str:
    """`506 files, 4,537,588 bytes, 170,581 lines`."""
    size, lines = sum(file.size for file in catalog), sum(file.lines for file in catalog)
    return f"{len(catalog):,} files, {size:,} bytes, {lines:,} lines"
