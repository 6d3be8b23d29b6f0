"""The commands `export` and `pack` of `python -m laam`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from laam.commands import Subparsers, add_command, add_exhibit
from laam.corpus.archive import read_tree
from laam.corpus.notice import notice_for
from laam.corpus.originals import SEALED, Originals
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.emission.conditions import source_info
from laam.files import check_file, check_folder, whole_or_nothing, write_whole
from laam.measure.atlas import read_atlases, shown_name
from laam.measure.bits import read_all_bits
from laam.model.model import Model
from laam.model.obtain import obtain_model
from laam.model.pack import pack_model
from laam.model.pack_rounding import pack_rounding
from laam.model.spec import EMBEDDED
from laam.settings import Settings

if TYPE_CHECKING:
    from laam.twin.record import Replay
    from laam.twin.site import Live

COPYING = "linux/COPYING"

_EXAMPLES = """examples:
  python -m laam export twin                                          the model, to write any file in the visitor's own browser
  python -m laam export twin --recordings                             with a recording of every file, to be replayed at once
  python -m laam export twin --source $copying                with the text of COPYING
  python -m laam export twin --only $folder                       some folders or files
  python -m laam export twin --address https://example.org/laam       with pages for link previews
  python -m http.server --directory twin                              look at it

A file that the same model has recorded already is not recorded again, so an interrupted command goes on where it was. A model that
isn't asked by path and segment doesn't run in a browser; with --recordings its site replays only.
"""


_PACK_EXAMPLES = """examples:
  python -m laam pack model.safetensors                               the model that the page shows first
  python -m laam pack model.safetensors --model runs/embedded/model   a model that you have trained

It prints the sha256 of the file, which a page gives to the browser's engine (assets/engine/engine.js) to check what it has fetched.
"""


def add_commands(subparsers: Subparsers, card_fonts: Callable[[], Path]) -> None:
    """Register `export` and `pack`. `card_fonts`: finds the folder with the fonts of the cards; it is called when the command runs."""
    parser = add_command(
        subparsers,
        "export",
        partial(run_export, card_fonts),
        help="write the exhibit as a folder of plain files that runs the model in the visitor's own browser",
        description="Write a site that needs no server: for a static Space, or any folder of any web host.",
        examples=_EXAMPLES,
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the site; files that are there are replaced")
    parser.add_argument("--model", metavar="NAME", help="as `emit` takes it (default: LAAM_MODEL, or auto)")
    add_exhibit(parser)
    parser.add_argument("--only", nargs="+", metavar="PATH", help="files, or folders with a slash at their end (default: all)")
    parser.add_argument("--recordings", action="store_true", help="run the model over every file now, and let the site replay it")
    parser.add_argument("--source", type=Path, metavar="SRC", help="the release tarball, or the unpacked tree: COPYING is taken from it")
    parser.add_argument("--address", default="", metavar="URL", help="where the site will stand")
    parser = add_command(
        subparsers,
        "pack",
        run_pack,
        help="write a model as one int8 file for the visitor's own browser",
        description="Pack a model that is asked by path and segment, with its tokenizer, for the engine that runs in a browser.",
        examples=_PACK_EXAMPLES,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write; one that is there is replaced")
    parser.add_argument("--model", metavar="NAME", help="as `emit` takes it (default: LAAM_MODEL, or auto)")


def run_pack(args: argparse.Namespace) -> int:
    """Pack and write; see the parser. Raises ValueError."""
    check_file(args.file, "FILE")
    settings: Settings = args.settings
    data = pack_model(obtain_model(args.model or settings.model, settings).folder)
    write_whole(args.file, data)
    print(f"{args.file}: {len(data):,} bytes, sha256 {sha256(data).hexdigest()}")
    return 0


def run_export(card_fonts: Callable[[], Path], args: argparse.Namespace) -> int:
    """Write the site; see the parser. Raises ValueError."""
    from laam.measure.lab_page import lab_of
    from laam.measure.pz_file import read_all_pz
    from laam.share.card import Cards
    from laam.share.question import facts_of
    from laam.twin.entries import entries_of
    from laam.twin.site import write_site

    if args.address and not args.address.startswith(("http://", "https://")):
        raise ValueError(f"--address {args.address}: give the whole address, such as https://example.org/laam")
    check_folder(args.folder, "DIR")
    settings: Settings = args.settings
    manifest = SealedManifest.open(settings.manifest_file)
    model = obtain_model(args.model or settings.model, settings)
    model = replace(model, name=shown_name(model.name))
    copying = read_tree(args.source).get(COPYING) if args.source else None
    if args.source and copying is None:
        raise ValueError(f"--source {args.source}: there is no {COPYING} in it; give {manifest.release.title} as it was released")
    notice = notice_for(manifest, settings.assets.parent, settings.exhibit)
    # Sealed, so that the site shows only lines that the model has written.
    originals = Originals(manifest, SEALED, settings.cache)
    paths = list(manifest.catalog.files)
    if args.only:  # a pattern, or what anybody may call a file
        paths = select_paths(paths, [name if name.endswith("/") else manifest.catalog.find(name).path for name in args.only], "--only")
    live = _live(originals, model, paths, needed=not args.recordings)
    if args.recordings:
        entries = entries_of(manifest, model, paths, _record(args.folder, originals, model, paths))
    else:
        wanted = (model.digest, manifest.tree_sha256)
        atlases = [atlas for atlas in read_atlases(settings.exhibit_folder) if (atlas.weights_sha256, atlas.tree) == wanted]
        entries = entries_of(manifest, model, paths, {row.path: row for atlas in atlases for row in atlas.rows})
    is_whole = len(paths) == len(manifest.catalog)
    with whole_or_nothing(args.folder) as folder:
        write_site(
            folder,
            settings.assets,
            model,
            manifest,
            entries,
            Cards(card_fonts(), name=manifest.release.exhibit, asks=manifest.asks),
            live=live,
            notice=notice,
            public_url=args.address.rstrip("/"),
            copying=copying,
            lab=lab_of(manifest, settings, model) if is_whole else "",
            fewer_bits=read_all_bits(settings.exhibit_folder, manifest).get(model.digest) if is_whole else None,
            known_pz=read_all_pz(settings.exhibit_folder, manifest),
            facts=facts_of(model, manifest) if model.name == EMBEDDED.name else None,
        )
    size = sum(file.stat().st_size for file in args.folder.rglob("*") if file.is_file())
    ways = [*(["written in the visitor's browser"] if live else []), *(["recorded"] if args.recordings else [])]
    print(f"{args.folder}: {len(entries):,} files, {' and '.join(ways)}, {size:,} bytes")
    return 0


def _live(originals: Originals, model: Model, paths: Sequence[str], *, needed: bool) -> "Live | None":
    """What the browser needs; None if the model doesn't run there. Raises ValueError if it is `needed`."""
    from laam.serving.browser import seal_for_browser
    from laam.twin.site import Live

    if not model.format.packs_for_browser and not needed:
        return None
    learned = [path for path in paths if path in model.trained_on]
    sealed, embedded = (seal_for_browser(originals, model, some) for some in (paths, learned or paths))
    is_whole = len(paths) == len(originals.manifest.catalog)
    return Live(
        pack_model(model.folder), sealed, pack_rounding(model.folder), embedded, source_info(model, originals.manifest) if is_whole else ""
    )


def _record(folder: Path, originals: Originals, model: Model, paths: Sequence[str]) -> dict[str, "Replay"]:
    """The recordings of some files by path, each in its file below `data/`; what is recorded there already is not recorded again."""
    from laam.serving.services import Services
    from laam.twin.record import read_replay, record_file, token_limit, write_replay

    services = Services(originals, lambda _: model)
    today = datetime.now(UTC)
    date = f"{today.day} {today:%B %Y}"
    records = {}
    try:
        for path in tqdm(paths, desc="recording", unit="file", disable=not sys.stderr.isatty()):
            file = folder / "data" / f"{path}.json.gz"
            found = read_replay(file)
            limit = token_limit(services.catalog.files[path].size)
            if found is None or (found.model_sha256, found.max_tokens) != (model.digest, limit):
                found = record_file(path, model, services, date)
                write_replay(found, file)
            records[path] = found
    except KeyboardInterrupt:
        if records:
            print(f"what is recorded so far is kept in {folder / 'data'}: the same command goes on from there", file=sys.stderr)
        raise
    return records
