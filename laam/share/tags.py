"""The tags of the exhibit's own page, for previews: of the file that its address asks for, else of the exhibit."""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response

from laam.corpus.catalog import Catalog
from laam.emission import naming, wording
from laam.emission.ask import Ask, ask_of_query
from laam.emission.links import read_link
from laam.emission.pair import Pair, lead, question
from laam.serving.summary import Summaries
from laam.share.base_url import base_url
from laam.share.card import ASKS, Cards, favicon
from laam.share.pages import CACHE_S, DESCRIPTION_CHARACTERS, TITLE_CHARACTERS, cut, preview, share_links
from laam.templates import template_environment

SHOWN_WITHOUT_SCRIPT = 12


class PageTags:
    """What the exhibit's page says about itself to a program that doesn't run it. `pairs`: of the model that is shown, and of its own."""

    def __init__(self, summaries: Summaries, templates: Path, pairs: Callable[[], tuple[Pair, Pair]], public_url: str = "") -> None:
        self._summaries, self._pairs, self._public_url = summaries, pairs, public_url
        self._pages = template_environment(templates)

    def head(self, request: Request) -> str:
        """Title, description, icon, oEmbed link and the tags of a preview, as HTML. This never waits for an emission."""
        tags = self._tags(request, base_url(request, self._public_url))
        return self._pages.get_template("head.html").render(**tags, release=self._summaries.release)

    def plain(self, title: str) -> str:
        """The tags of a page that is about no emission."""
        return self._pages.get_template("plain.html").render(
            title=f"{title} – {self._summaries.release.exhibit}", description=_description(*self._pairs())
        )

    def noscript(self, _: Request) -> str:
        """What the exhibit is, and links to pages that need no script, as HTML."""
        shown, own = self._pairs()
        return self._pages.get_template("noscript.html").render(
            lead=lead(shown, own),
            own=own,
            paths=sorted(own.identical)[:SHOWN_WITHOUT_SCRIPT],
            files=own.files,
            release=self._summaries.release,
        )

    def _tags(self, request: Request, base: str) -> dict[str, str]:
        if "path" in read_link(request.query_params).values:
            with suppress(ValueError):  # the page itself says what is wrong with its address
                return emission_tags(self._summaries, ask_of_query(request.query_params), base)
        return exhibit_tags(base, self._summaries.release.exhibit, *self._pairs())


def emission_tags(summaries: Summaries, ask: Ask, base: str) -> dict[str, str]:
    """The tags of an emission, which is never run for them: with its number if that is known. Raises ValueError as `Summaries.known`."""
    ask, file, model, summary = summaries.known(ask)
    if summary:
        return preview(summary, base)
    named = wording.capital(naming.model_in_full(model.name, model.parameters, ask.lossy))
    return {
        "title": cut(
            f"{file.path}, asked of {naming.model_elsewhere(model.name, ask.lossy)} – {summaries.release.exhibit}", TITLE_CHARACTERS
        ),
        "description": cut(
            f"{named}, is given the path of {file.path}{naming.numbers_beside(model)}, and no source text "
            f"({wording.licence(file.licence)}, {summaries.release.heading}). What it writes is held against the original, line by line.",
            DESCRIPTION_CHARACTERS,
        ),
        **share_links(ask, base),
    }


def _description(shown: Pair, own: Pair) -> str:
    return " ".join([*lead(shown, own), *([ASKS] if question(shown) else [])])


def exhibit_tags(base: str, name: str, shown: Pair, own: Pair) -> dict[str, str]:
    """The tags of the exhibit as a whole, by its name."""
    url = f"{base}/"
    return {
        "title": name,
        "description": _description(shown, own),
        "url": url,
        "card": f"{base}/card.png",
        "oembed": f"{base}/oembed?{urlencode({'url': url, 'format': 'json'}, quote_via=quote)}",
    }


def exhibit_routes(cards: Cards, catalog: Catalog, pairs: Callable[[], tuple[Pair, Pair]]) -> APIRouter:
    """`/card.png`, the exhibit's own card, and `/favicon.ico`. `pairs`: see `PageTags`."""
    router = APIRouter()
    headers = {"Cache-Control": f"public, max-age={CACHE_S}"}

    @lru_cache(maxsize=2)  # it changes once, when the model that was wanted has come
    def drawn(shown: Pair, own: Pair) -> bytes:
        whole = shown if shown.identical else own
        return cards.draw_exhibit(lead(shown, own), whole.words, [file.path in whole.identical for file in catalog])

    @router.get("/card.png")
    def card() -> Response:
        """The card of the exhibit, 1200 × 630 pixels."""
        return Response(drawn(*pairs()), media_type="image/png", headers=headers)

    @router.get("/favicon.ico")
    def icon() -> Response:
        """The icon, for programs that look for it at the usual place."""
        return Response(favicon(), media_type="image/x-icon", headers=headers)

    return router
