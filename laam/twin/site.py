"""The twin's folder: pages, script and style, the recordings, some cards, and what must go with them."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from laam.corpus.catalog import SourceFile
from laam.corpus.releases import Release
from laam.emission import wording
from laam.emission.ask import Ask
from laam.model.model import Model
from laam.serving.services import Services
from laam.serving.summary import Summary
from laam.share.card import Cards
from laam.share.pages import preview
from laam.share.panes import exhibit_html, exhibit_module
from laam.templates import template_environment
from laam.twin.record import Replay

FIRST_LINES = 300  # the most lines of the file that is shown first
CARDS = 64  # the most pictures; a card for each file would be most of the bytes
STYLES = ("colours.css", "page.css", "panes.css", "print.css", "share.css")
SCRIPTS = ("player.js", "rows.js")


@dataclass(frozen=True)
class Entry:
    """A recorded file as the map shows it."""

    file: SourceFile
    replay: Replay

    @property
    def share(self) -> float:
        return self.replay.exact_characters / max(1, self.replay.characters)

    @property
    def shade(self) -> int:
        """0 to 5: how dark it is on the map; only a whole file is 5."""
        return 5 if self.replay.identical else int(min(0.999, self.share) * 5)


def write_site(
    folder: Path,
    assets: Path,
    model: Model,
    release: Release,
    entries: Sequence[Entry],
    cards: Cards,
    *,
    public_url: str = "",
    copying: bytes | None = None,
) -> None:
    """Write everything except the recordings, which lie in `data/` already.

    `public_url`: where the site will stand. Link previews need whole addresses, so without it there are none. `copying`: the text
    of COPYING, if it is at hand.
    """
    for name in STYLES:
        shutil.copyfile(assets / "page" / name, folder / name)
    for file in sorted((assets / "twin").glob("*.*")):
        if file.suffix != ".html":
            shutil.copyfile(file, folder / file.name)
    (folder / "page").mkdir(exist_ok=True)
    for name in SCRIPTS:
        shutil.copyfile(assets / "page" / name, folder / "page" / name)
    (folder / "exhibit.js").write_text(exhibit_module(assets))
    root = assets.parent
    for name in ("LICENSE", "NOTICE"):
        if (root / name).is_file():
            shutil.copyfile(root / name, folder / name)
    if copying is not None:
        (folder / "COPYING").write_bytes(copying)
    (folder / ".nojekyll").touch()
    pages = template_environment(assets / "twin")
    name = wording.model_name(model.name, model.parameters)
    date = " and ".join(dict.fromkeys(entry.replay.recorded for entry in entries))
    identical = sum(entry.replay.identical for entry in entries)
    page = pages.get_template("index.html").render(
        model=name,
        digest=model.digest,
        release=release,
        date=date,
        panes=exhibit_html(assets, release),
        groups=[(subsystem, list(group)) for subsystem, group in groupby(entries, lambda entry: entry.file.subsystem)],
        identical=identical,
        files=len(entries),
        first=_first(entries),
        reproduced=wording.percent(
            sum(entry.replay.exact_characters for entry in entries) / max(1, sum(e.replay.characters for e in entries))
        ),
        has_copying=copying is not None,
    )
    (folder / "index.html").write_text(page)
    (folder / "README.md").write_text(pages.get_template("README.md.html").render(model=name, digest=model.digest, date=date))
    _write_previews(folder, assets, name, model.digest, release, entries, cards, public_url)


def _write_previews(
    folder: Path, assets: Path, name: str, digest: str, release: Release, entries: Iterable[Entry], cards: Cards, public_url: str
) -> None:
    """Write the cards of the best files and, if the twin's address is known, the pages for link previews."""
    pages = template_environment(assets / "share")
    chosen = sorted(entries, key=lambda entry: (-entry.replay.identical, -entry.share, -entry.file.size))[:CARDS]
    for entry in chosen:
        replay, file = entry.replay, entry.file
        summary = Summary(
            Ask(file.path),
            file,
            release,
            name,
            digest,
            replay.percent,
            replay.measure,
            replay.lines,
            tuple(replay.facts),
            replay.given,
            replay.ticks,
        )
        card = folder / "card" / f"{file.path}.png"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_bytes(cards.draw(summary))
        if public_url:
            tags = preview(summary, public_url)
            page = folder / "share" / file.path / "index.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(
                pages.get_template("share.html").render(
                    **{**tags, "url": f"{tags['url']}/", "oembed": ""},
                    base=public_url,
                    summary=summary,
                    decoding=f"Greedy, at most {replay.max_tokens:,} tokens; recorded on {replay.recorded}.",
                    exhibit=f"{public_url}/?path={quote(file.path)}",
                    style="share.css",
                    icon="data:,",
                )
            )


def _first(entries: Sequence[Entry]) -> str:
    """The file that the page plays by itself: the largest of those that came back whole and can be watched in a few seconds."""
    short = [entry for entry in entries if entry.replay.identical and entry.file.lines <= FIRST_LINES] or list(entries)
    return max(short, key=lambda entry: entry.file.lines).file.path.removeprefix("linux/") if short else ""


def entries_of(services: Services, records: Mapping[str, Replay]) -> list[Entry]:
    """What was recorded, by subsystem and path."""
    entries = [Entry(file, records[file.path]) for file in services.catalog if file.path in records]
    return sorted(entries, key=lambda entry: (entry.file.subsystem, entry.file.path))
