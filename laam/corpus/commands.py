"""The commands `seal` and `corpus` of `python -m laam`."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from laam.commands import Subparsers, add_command
from laam.corpus.archive import EXHIBIT_SUFFIX
from laam.corpus.catalog import Catalog, SourceFile
from laam.corpus.exhibit_words import WORDS_FILE, write_words
from laam.corpus.licence_list import licence_list
from laam.corpus.licences import UNREAD
from laam.corpus.notice import NOTICE, notice_for
from laam.corpus.sealed import SealedError, SealedManifest, check_manifest
from laam.corpus.sealing import describe as describe_source
from laam.corpus.sealing import read_sealed, read_source
from laam.files import check_file, check_folder, whole_or_nothing, write_whole
from laam.settings import MANIFEST, SEALED_SUFFIX, Settings

DIFFERENCES = 20  # the most that are listed when a manifest is checked

_SEAL_EXAMPLES = f"""examples:
  python -m laam seal mycode.tar.gz                       write mycode.exhibit/{MANIFEST}
  python -m laam seal poems/ --title 'My poems' --exclude 'drafts/'
  python -m laam seal --check $source     prove the exhibit's manifest against the release

`python -m laam exhibit` does this, and all that makes an exhibit of it.
"""

_CORPUS_EXAMPLES = """examples:
  python -m laam corpus                  every source file: path, bytes, lines, licence
  python -m laam corpus $name          one file, with its sha256
  python -m laam corpus --json           the same as one JSON object
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `seal` and `corpus`; each sets `run`, a function of the parsed arguments that returns the exit code."""
    seal = add_command(
        subparsers,
        "seal",
        run_seal,
        help="seal the text files of a source as digests",
        description="Write the sealed manifest of a source, or check a manifest against it. No text is kept.",
        examples=_SEAL_EXAMPLES,
        differing="--check found differences, or fewer than half of the text's bytes are in, and nothing was sealed",
    )
    add_source(seal)
    seal.add_argument("--out", type=Path, metavar="OUT", help="a folder (default: NAME.exhibit), or a file that ends in .sealed")
    seal.add_argument("--check", action="store_true", help="write nothing; compare the manifest --out (default: the exhibit's) with SRC")

    corpus = add_command(
        subparsers,
        "corpus",
        run_corpus,
        help="list the sealed files of the release",
        description="List the catalogue of the sealed manifest, or one file of it.",
        examples=_CORPUS_EXAMPLES,
    )
    corpus.add_argument("query", nargs="?", metavar="QUERY", help="a path, the end of one, or a base name, in any case")
    corpus.add_argument("--json", action="store_true", help="print JSON")
    corpus.add_argument("--licences", action="store_true", help="list the licences of all files, as NOTICE does")
    corpus.add_argument("--manifest", type=Path, metavar="FILE", help="the manifest (default: the exhibit's)")


def add_source(parser: argparse.ArgumentParser) -> None:
    """The arguments that say what is sealed, and what it is called."""
    parser.add_argument("source", type=Path, metavar="SRC", help="a folder, a tar archive, a zip, a wheel, or a text file")
    parser.add_argument("--title", default="", help="its title and date, as in 'My poems, 9 June 1996' (default: what it says of itself)")
    parser.add_argument("--source", dest="address", default="", metavar="URL", help="the web address at which a reader gets it")
    parser.add_argument("--licence", default="", metavar="SPDX", help="an SPDX expression for all of its files (default: what they say)")
    parser.add_argument("--include", action="append", default=[], metavar="PATTERN", help="only such files, as .gitignore writes patterns")
    parser.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="no such files; both may be given several times")
    parser.add_argument("--partial", action="store_true", help="seal it even if fewer than half of its text's bytes are in")


def run_seal(args: argparse.Namespace) -> int:
    """Seal `args.source`, or check a manifest against it. Raises ArchiveError, SealedError or ValueError."""
    settings: Settings = args.settings
    if args.check:
        return check_tree(args.source, args.out or settings.manifest_file)
    alone = bool(args.out) and args.out.name.endswith(SEALED_SUFFIX)
    if args.out:
        (check_file if alone else check_folder)(args.out, "--out")
    return 0 if seal_source(args, alone=alone) else 1


def seal_source(args: argparse.Namespace, *, alone: bool = False) -> Path | None:
    """Seal what the arguments of `add_source` say; gives the manifest's file, or None if too little of the text is in. `alone`: whether
    `args.out` is the manifest, and not the folder for it, its words and its NOTICE."""
    settings: Settings = args.settings
    source = read_source(args.source, args.include, args.exclude)
    print("\n".join(source.told), file=sys.stderr)
    if source.selection.is_less_than_half and not (args.partial or args.include or args.exclude):
        print("fewer than half of the text's bytes are in, so nothing is sealed; --partial seals what there is", file=sys.stderr)
        return None
    release, words = describe_source(source, args.source.resolve().name, args.title, args.address, args.licence)
    if reader := release.licences.read_by:
        declared = {each.expression for each in release.licences.files.values()} != {UNREAD}
        print(f"licences as {reader} say" if declared else "no file declares a licence; --licence names one for all", file=sys.stderr)
    out = args.out or Path(f"{release.name}{EXHIBIT_SUFFIX}")
    data = source.sealed_as(release)
    file: Path = out if alone else out / MANIFEST
    if file.is_file() and not alone:
        if SealedManifest.open(file).tree_sha256 == SealedManifest(data).tree_sha256:
            return file  # with the words that a person may have changed
        raise ValueError(f"{out} is an exhibit of other files; give another --out, or delete it")
    try:
        if alone:
            write_whole(out, data)
        else:
            with whole_or_nothing(out) as half:
                write_words(words, half / WORDS_FILE)
                write_whole(half / MANIFEST, data)
                write_whole(half / NOTICE, notice_for(SealedManifest.open(half / MANIFEST), settings.assets.parent))
    except OSError as error:
        raise SealedError(f"--out {out}: can't be written: {error.strerror}; choose another place") from error
    print(_sealed(SealedManifest.open(file), file, data))
    return file


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


def _sealed(manifest: SealedManifest, file: Path, data: bytes) -> str:
    return f"{file}: {manifest.release.heading}: {totals(manifest.catalog)} sealed in {len(data):,} bytes, sha256 {manifest.digest}"


def check_tree(source: Path, out: Path) -> int:
    """Compare the manifest `out` with what is in `source` and print the verdict; exit code 0 if nothing differs, else 1."""
    manifest = SealedManifest.open(out)
    differences = check_manifest(manifest, read_sealed(source, manifest))
    if differences:
        print("\n".join(differences[:DIFFERENCES]))
        if len(differences) > DIFFERENCES:
            print(f"… and {len(differences) - DIFFERENCES:,} more")
        print(f"{out}: not proven against {source}: {len(differences)} differing, {totals(manifest.catalog)} sealed")
        return 1
    print(f"{out}: proven against {source}: {totals(manifest.catalog)}, every line")
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
