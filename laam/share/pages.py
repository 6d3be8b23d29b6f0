"""What a pasted link shows: a page for each emission, and its card. Neither needs a script."""

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from laam.corpus.catalog import UnknownFile
from laam.corpus.releases import Release
from laam.emission import conditions, naming
from laam.emission.ask import Ask, ask_of_query
from laam.emission.links import read_link
from laam.measure.pz import ALONG
from laam.measure.pz_file import KnownPz
from laam.measure.pz_strip import WHAT, legend
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError
from laam.serving.summary import Summaries, Summary
from laam.share.base_url import base_url, cache_headers
from laam.share.card import Cards
from laam.share.client import client_of
from laam.share.pz import known_strip
from laam.templates import template_environment

TITLE_CHARACTERS = 80
DESCRIPTION_CHARACTERS = 250
CACHE_S = 3600  # seconds for which a site may keep a preview
MISSING_CARDS = 16  # that are kept; each takes a fiftieth of a second to draw, and 20 KB
PZ_MEANS = {"what": WHAT, "legend": legend(), "measure": ALONG}
NO_FILE = "No file here has this name."  # the same for each, so that one card serves them all


def share_routes(
    summaries: Summaries, templates: Path, cards: Cards, public_url: str = "", known_pz: KnownPz = MappingProxyType({})
) -> APIRouter:
    """`/share/PATH` and `/card/PATH.png`. `templates`: a folder of Jinja templates.

    `public_url`: where visitors find the exhibit; empty: what the request's headers say. `known_pz`: what was measured before of p_z.
    """
    router = APIRouter()
    pages = template_environment(templates)
    cached = cache_headers(public_url, CACHE_S)
    missing = lru_cache(MISSING_CARDS)(cards.draw_missing)

    @router.get("/share/{path:path}")
    def share(path: str, request: Request) -> Response:
        """The page of an emission."""
        base = base_url(request, public_url)
        try:
            summary = summaries.find(ask_of_query(request.query_params, path), client_of(request.scope))
        except (ValueError, BusyError) as error:
            return HTMLResponse(
                pages.get_template("missing.html").render(
                    base=base,
                    release=summaries.release,
                    title=summaries.release.exhibit,
                    heading=refusal_heading(error, summaries.release),
                    description=cut(for_visitors(error), DESCRIPTION_CHARACTERS),
                    suggestions=getattr(error, "suggestions", ()),
                    url=f"{base}/share/{quote(path)}",
                    card=f"{base}/card/{quote(path)}.png",
                ),
                **refusal(error),
            )
        page = pages.get_template("share.html").render(
            **preview(summary, base),
            base=base,
            release=summary.release,
            asks=bool(summary.question),
            summary=summary,
            pz=None if summary.ask.lossy else known_strip(known_pz, summary.model_digest, summary.file.path, summary.lengths),
            pz_means=PZ_MEANS,
            decoding=conditions.settings(summary.ask),
            exhibit=f"{base}/?{summary.ask.to_query()}",
            moving=card_link(summary.ask, base, "webp"),
            note=read_link(request.query_params).note,
        )
        return HTMLResponse(page, headers=cached)

    @router.get("/card/{path:path}.png")
    def card(path: str, request: Request) -> Response:
        """The card of an emission, 1200 × 630 pixels."""
        try:
            image = cards.draw(summaries.find(ask_of_query(request.query_params, path), client_of(request.scope)))
        except (ValueError, BusyError) as error:
            image = missing(refusal_heading(error, summaries.release), NO_FILE if isinstance(error, UnknownFile) else for_visitors(error))
            return Response(image, media_type="image/png", **refusal(error))
        return Response(image, media_type="image/png", headers={"Cache-Control": f"public, max-age={CACHE_S}"})

    return router


def preview(summary: Summary, base: str) -> dict[str, str]:
    """The content of a preview's tags: title, description, and the addresses of page, card and oEmbed."""
    instead = f"{summary.instead} " if summary.instead else ""
    return {
        "title": cut(
            f"{naming.in_title(summary.file.path, summary.ask.lossy)}: {summary.in_short} – {summary.release.exhibit}", TITLE_CHARACTERS
        ),
        "description": cut(
            f"{instead}{summary.headline.in_full}: {summary.lines} of {summary.file.path} ({summary.licence}, {summary.release.heading}). "
            f"Written by {summary.model}; given: {summary.given}.",
            DESCRIPTION_CHARACTERS,
        ),
        **share_links(summary.ask, base),
    }


def share_links(ask: Ask, base: str) -> dict[str, str]:
    """The addresses of an emission's page, card and oEmbed answer; `ask` must have the whole path."""
    query = ask.to_query(with_path=False)
    url = f"{base}/share/{quote(ask.path)}" + (f"?{query}" if query else "")
    return {"url": url, "card": card_link(ask, base), "oembed": f"{base}/oembed?{urlencode({'url': url, 'format': 'json'})}"}


def card_link(ask: Ask, base: str, suffix: str = "png") -> str:
    """The address of an emission's card; those of `moving_card.FORMATS` move."""
    query = ask.to_query(with_path=False)
    return f"{base}/card/{quote(ask.path)}.{suffix}" + (f"?{query}" if query else "")


def cut(text: str, characters: int) -> str:
    """The text, cut to at most `characters` characters; an ellipsis marks the cut."""
    return text if len(text) <= characters else f"{text[: characters - 1].rstrip()}…"


def refusal_heading(error: Exception, release: Release) -> str:
    if isinstance(error, BusyError):
        return "Too much to do just now"
    return f"Not a file of {release.title}" if isinstance(error, UnknownFile) else "Nothing to show here"


def refusal(error: Exception) -> dict[str, Any]:
    """Status and headers of the answer if an emission can't be shown."""
    if isinstance(error, BusyError):
        return {"status_code": 503, "headers": {"Retry-After": "60", "Cache-Control": "no-store"}}
    return {"status_code": 404, "headers": {"Cache-Control": "no-store"}}
