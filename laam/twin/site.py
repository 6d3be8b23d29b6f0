"""The site's folder: pages, script and style, the model, some cards, and what must go with them. The recordings lie in it already."""

import base64
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from laam.corpus.names import without_top
from laam.corpus.notice import NOTICE
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.emission import conditions, wording
from laam.emission.links import link_keys
from laam.emission.pair import lead, pair_of
from laam.knobs import BITS, MAX_TOKENS, MODEL, PATH, SEED, SLIDE, SOURCE, TEMPERATURE, TOP_K
from laam.legal import legal_file
from laam.measure.bits import FewerBits
from laam.measure.bits_map import by_bits
from laam.measure.offers import Offers
from laam.measure.pz_file import KnownPz
from laam.model.model import Model
from laam.serving.forgetting import ROWS
from laam.share.bundle import bundle_module, bundle_style, in_script, inlined_module
from laam.share.card import Cards
from laam.share.oembed import oembed
from laam.share.pages import PZ_MEANS, preview
from laam.share.panes import exhibit_html
from laam.share.pz import known_strip
from laam.share.question import read_question, render_question
from laam.templates import template_environment
from laam.twin.entries import Entry

CARDS = 64  # the most pictures; a card for each file would be most of the bytes
SCRIPTS = (
    *("page", "address", "asking", "exhibit", "player", "rows", "strip", "marks", "replay", "compare_models", "forget", "forget_here"),
    *("by_bits", "lab", "picture", "loading"),
)
FOLDERS = {
    "page": ("*.css", *(f"{name}.js" for name in SCRIPTS), "icon.svg"),
    "twin": ("*.css",),
    "live": ("*.js",),
    "engine": ("*.js", "*.wasm"),
}
"""The assets that the site needs, by folder."""
KNOBS = (TEMPERATURE, TOP_K, MAX_TOKENS, SEED, BITS, SLIDE)
"""The settings that the site's panel has."""
PAGES = [("question.html", "The question")]  # beside the site's own
MODEL_FILE, SEALED, ROUNDING, EMBED = "model.safetensors", "sealed.safetensors", "rounding.safetensors.gz", "embed.html"


@dataclass(frozen=True)
class Live:
    """What the visitor's own browser needs to run the model: the packed model, the sealed originals of all files that the site shows, and
    what the model is rounded to fewer bits with.

    `embedded`: the sealed originals of the files that the embed shows. `source_info`: what stands beside the box
    for source; empty if the site lacks files of the release, so that source can't be looked up in all of them.
    """

    model: bytes
    sealed: bytes
    rounding: bytes
    embedded: bytes
    source_info: str


def write_site(
    folder: Path,
    assets: Path,
    model: Model,
    manifest: SealedManifest,
    entries: Sequence[Entry],
    cards: Cards,
    *,
    live: Live | None = None,
    public_url: str = "",
    notice: str,
    copying: bytes | None = None,
    lab: str = "",
    fewer_bits: FewerBits | None = None,
    known_pz: KnownPz = MappingProxyType({}),
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write everything except the recordings, which lie in `data/` already.

    `live`: None for a site that only replays. `public_url`: where the site will stand. Link previews need whole addresses, so without it
    there are none. `notice`: its NOTICE. `copying`: the text of COPYING, if it is at hand. `lab`: the lab as HTML, see
    `lab_page`. `fewer_bits`: what was measured of the model with fewer bits; only of all files. `known_pz`: what was measured of
    p_z. `facts`: see `read_question`.
    """
    _copy_assets(folder, assets, notice, copying)
    release, pair = manifest.release, pair_of(model, manifest)
    pages = template_environment(*(assets / name for name in ("twin", "page", "share", "measure")))
    measured = [entry for entry in entries if entry.share is not None]
    offers = Offers([entry.gave for entry in entries if entry.gave], release, {entry.file.path: entry.file for entry in entries})
    said = {
        "model": pair.words,
        "lead": lead(pair, pair),
        "digest": model.digest,
        "date": " and ".join(dict.fromkeys(entry.recorded for entry in entries if entry.recorded)),
        "live": live is not None,
        "recorded": any(entry.recorded for entry in entries),
        "link_keys": link_keys((PATH, MODEL, *KNOBS)),
    }
    answers = [each for each, offered in ((("live", "Write it"), said["live"]), (("replay", "Replay"), said["recorded"])) if offered]
    page = pages.get_template("site.html").render(
        **said,
        base=".",
        style="twin/site.css",
        pages=PAGES if release.published else [],
        asks=manifest.asks,
        site=_for_scripts(model, manifest.catalog.root, live, bool(said["recorded"])),
        answers=answers,
        shown={
            "lead": said["lead"],
            "pieces": False,
            "source_info": live.source_info if live else "",
            "choices": [],
            "sentences": [],
            "fault": model.fault,
            "chips": pages.get_template("chips.html").render(examples=[offers.tried]),
            "snippets": "",
        },
        scripts=("page", "compare_models", *(["by_bits"] if fewer_bits else []), *(["lab"] if lab else [])),
        noscript="",
        release=release,
        megabytes=f"{(len(live.model) + len(live.sealed)) / 1e6:.1f}" if live else "",
        losing=ROWS if live else {},
        by_bits=fewer_bits and by_bits(fewer_bits, linked=live is not None),
        panes=exhibit_html(assets, release, asks=manifest.asks, question="question.html" if release.published else ""),
        groups=[(subsystem, list(group)) for subsystem, group in groupby(entries, lambda entry: entry.file.subsystem)],
        label=f"A file of {release.title}, one of {len(entries)}",
        names=[(without_top(entry.file.path), False) for entry in entries],
        measured=len(measured),
        identical=sum(entry.identical for entry in measured),
        reproduced=wording.percent(sum(entry.exact_characters for entry in measured) / max(1, sum(entry.characters for entry in measured))),
        first=without_top(offers.first.path),
        has_copying=copying is not None,
        lab=lab,
        source=SOURCE,
        paste=conditions.PASTE,
    )
    (folder / "index.html").write_text(page, "utf-8")
    if release.published:
        question = read_question(assets / "share" / "question.json", facts)
        (folder / "question.html").write_text(render_question(question, assets / "share", ".", pages=PAGES, here="question.html"), "utf-8")
    (folder / "README.md").write_text(pages.get_template("README.md.html").render(**said, release=release), "utf-8")
    if live:
        (folder / MODEL_FILE).write_bytes(live.model)
        (folder / SEALED).write_bytes(live.sealed)
        (folder / ROUNDING).write_bytes(live.rounding)
        (folder / EMBED).write_text(embed_page(assets, release, live, public_url), "utf-8")
    if public_url:
        _write_previews(folder, assets, entries, cards, public_url, known_pz, has_embed=live is not None)


def _for_scripts(model: Model, root: str, live: Live | None, recorded: bool) -> dict[str, Any]:
    """What the page's scripts are told of the site."""
    knobs = [asdict(knob) for knob in KNOBS] if live else []
    facts = _facts(live) if live else None
    return {"server": False, "root": root, "recorded": recorded, "live": facts, "knobs": knobs, "shown": "", "model": model.name}


def _copy_assets(folder: Path, assets: Path, notice: str, copying: bytes | None) -> None:
    """What is served as it is: scripts, style, the licences."""
    for name, patterns in FOLDERS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for pattern in patterns:
            for file in sorted((assets / name).glob(pattern)):
                shutil.copyfile(file, folder / name / file.name)
    (folder / NOTICE).write_text(notice, "utf-8")
    if (licence := legal_file("LICENSE", assets.parent)).is_file():
        shutil.copyfile(licence, folder / "LICENSE")
    if copying is not None:
        (folder / "COPYING").write_bytes(copying)
    (folder / ".nojekyll").touch()


def embed_page(assets: Path, release: Release, live: Live, public_url: str = "") -> str:
    """The embed as one HTML file, which needs the model file beside it and nothing else. `?path=` names one of its files."""
    made = {"engine/inlined.js": inlined_module(assets / "engine")}
    facts = {**_facts(live), "sealedSha256": sha256(live.embedded).hexdigest(), "address": f"{public_url}/" if public_url else "./"}
    return (
        template_environment(assets / "twin", assets / "share")
        .get_template("embed.html")
        .render(
            site=facts,
            link_keys=link_keys((PATH,)),
            style=bundle_style(assets / "page" / "share.css"),
            script=in_script(bundle_module(assets, "twin/embed.js", made)),
            release=release,
            panes=exhibit_html(assets, release),
            sealed=base64.b64encode(live.embedded).decode(),
        )
    )


def _facts(live: Live) -> dict[str, Any]:
    """What the page's script must know of the files that it fetches."""
    return {
        "model": MODEL_FILE,
        "sha256": sha256(live.model).hexdigest(),
        "bytes": len(live.model),
        "sealed": SEALED,
        "sealedSha256": sha256(live.sealed).hexdigest(),
        "rounding": ROUNDING,
        "roundingSha256": sha256(live.rounding).hexdigest(),
    }


def _write_previews(
    folder: Path, assets: Path, entries: Iterable[Entry], cards: Cards, public_url: str, known_pz: KnownPz, *, has_embed: bool
) -> None:
    """Write the pages for link previews of the best files, with their cards and oEmbed answers."""
    pages = template_environment(assets / "share")
    known = [(entry, entry.summary) for entry in entries if entry.summary]
    for entry, summary in sorted(known, key=lambda pair: (-pair[0].identical, -(pair[0].share or 0), -pair[0].file.size))[:CARDS]:
        path = summary.file.path
        card = folder / "card" / f"{path}.png"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_bytes(cards.draw(summary))
        page = folder / "share" / path / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        tags = preview(summary, public_url)
        answer = f"{tags['url']}/oembed.json" if has_embed else ""
        page.write_text(
            pages.get_template("share.html").render(
                **{**tags, "url": f"{tags['url']}/", "oembed": answer},
                base=public_url,
                pages=PAGES if summary.release.published else [],
                release=summary.release,
                asks=bool(summary.question),
                summary=summary,
                pz=known_strip(known_pz, summary.model_digest, path, summary.lengths),
                pz_means=PZ_MEANS,
                decoding=entry.decoding,
                exhibit=f"{public_url}/?path={quote(path)}",
                note="",
            ),
            "utf-8",
        )
        if has_embed:
            page.with_name("oembed.json").write_text(json.dumps(oembed(summary, public_url, page=EMBED)), "utf-8")
