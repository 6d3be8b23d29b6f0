"""The tags of the exhibit's own page, for previews: of the file that its address asks for, else of the exhibit."""

from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response

from laam.corpus.catalog import Catalog
from laam.corpus.releases import Release
from laam.emission import wording
from laam.emission.ask import Ask, ask_of_query
from laam.emission.links import read_link
from laam.serving.summary import Summaries
from laam.share.base_url import base_url
from laam.share.card import Cards, favicon
from laam.share.pages import CACHE_S, DESCRIPTION_CHARACTERS, NAME, TITLE_CHARACTERS, cut, preview, share_links
from laam.templates import template_environment

SHOWN_WITHOUT_SCRIPT = 12


class PageTags:
    """What the exhibit's page says about itself to a program that doesn't run it. `identical`: paths that are known to come back whole."""

    def __init__(self, summaries: Summaries, templates: Path, catalog: Catalog, identical: frozenset[str], public_url: str = "") -> None:
        self._summaries, self._catalog, self._public_url = summaries, catalog, public_url
        self._pages = template_environment(templates)
        self._shown = [file.path for file in catalog if file.path in identical][:SHOWN_WITHOUT_SCRIPT]

    def head(self, request: Request) -> str:
        """Title, description, icon, oEmbed link and the tags of a preview, as HTML. This never waits for an emission."""
        tags = self._tags(request, base_url(request, self._public_url))
        return self._pages.get_template("head.html").render(**tags)

    def plain(self, title: str) -> str:
        """The tags of a page that is about no emission."""
        return self._pages.get_template("plain.html").render(title=f"{title} – {NAME}", description=question_about(self._summaries.release))

    def noscript(self, _: Request) -> str:
        """The question, and links to pages that need no script, as HTML."""
        return self._pages.get_template("noscript.html").render(
            question=question_about(self._summaries.release), paths=self._shown, files=len(self._catalog)
        )

    def _tags(self, request: Request, base: str) -> dict[str, str]:
        if "path" not in read_link(request.query_params).values:
            return exhibit_tags(base, self._summaries.release)
        try:
            return emission_tags(self._summaries, ask_of_query(request.query_params), base)
        except ValueError:
            return exhibit_tags(base, self._summaries.release)  # the page itself says what is wrong with its address


def emission_tags(summaries: Summaries, ask: Ask, base: str) -> dict[str, str]:
    """The tags of an emission, which is never run for them: with its number if that is known. Raises ValueError as `Summaries.known`."""
    ask, file, summary = summaries.known(ask)
    if summary:
        return preview(summary, base)
    return {
        "title": cut(f"{file.path}, written by a model – {NAME}", TITLE_CHARACTERS),
        "description": cut(
            f"A language model is given a path and no source text, and writes {file.path} "
            f"({wording.licence(file.licence)}, {summaries.release.heading}). Held against the original, line by line.",
            DESCRIPTION_CHARACTERS,
        ),
        **share_links(ask, base),
    }


def question_about(release: Release) -> str:
    """The question that the exhibit asks."""
    return (
        f"Five million numbers. Asked for a file of {release.title}, they write it. Is that file MIT, or is it GPL-2? "
        "An exhibit that asks, and does not answer."
    )


def exhibit_tags(base: str, release: Release) -> dict[str, str]:
    """The tags of the exhibit as a whole, which shows `release`."""
    url = f"{base}/"
    return {
        "title": NAME,
        "description": question_about(release),
        "url": url,
        "card": f"{base}/card.png",
        "oembed": f"{base}/oembed?{urlencode({'url': url, 'format': 'json'}, quote_via=quote)}",
    }


def exhibit_routes(cards: Cards, catalog: Catalog, identical: frozenset[str], release: Release) -> APIRouter:
    """`/card.png`, the exhibit's own card, and `/favicon.ico`. `identical`: paths of the files that came back byte for byte."""
    router = APIRouter()
    headers = {"Cache-Control": f"public, max-age={CACHE_S}"}

    @cache
    def drawn() -> bytes:
        return cards.draw_exhibit([file.path in identical for file in catalog], release.title)

    @router.get("/card.png")
    def card() -> Response:
        """The card of the exhibit, 1200 × 630 pixels."""
        return Response(drawn(), media_type="image/png", headers=headers)

    @router.get("/favicon.ico")
    def icon() -> Response:
        """The icon, for programs that look for it at the usual place."""
        return Response(favicon(), media_type="image/x-icon", headers=headers)

    return router
