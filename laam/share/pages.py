"""What a pasted link shows: a page for each emission, its card, and oEmbed. None of them needs a script."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from laam.compare.highlight import escape
from laam.corpus.catalog import UnknownFile
from laam.corpus.releases import Release
from laam.emission import conditions, naming
from laam.emission.ask import Ask, ask_of_query
from laam.emission.links import read_link, unescaped
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError
from laam.serving.summary import Summaries, Summary
from laam.share.base_url import base_url, cache_headers
from laam.share.card import HEIGHT, WIDTH, Cards
from laam.share.client import client_of
from laam.templates import template_environment

TITLE_CHARACTERS = 80
DESCRIPTION_CHARACTERS = 250
EMBED_SIZE = (700, 480)  # pixels, if the embedding site sets no limit
CACHE_S = 3600  # seconds for which a site may keep a preview
MISSING_CARDS = 16  # that are kept; each takes a fiftieth of a second to draw, and 20 KB
NO_FILE = "No source file has this name."  # the same for each, so that one card serves them all


def share_routes(summaries: Summaries, templates: Path, cards: Cards, public_url: str = "") -> APIRouter:
    """`/share/PATH`, `/card/PATH.png` and `/oembed`. `templates`: a folder of Jinja templates.

    `public_url`: where visitors find the exhibit; empty: what the request's headers say.
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

    @router.get("/oembed")
    def answer_oembed(request: Request) -> Response:
        """oEmbed 1.0, JSON only, for links to `/share/` and to the exhibit, with a path or without."""
        asked = unescaped(request.query_params)
        url, format = asked.get("url", ""), asked.get("format", "json")
        if format != "json":
            return JSONResponse({"error": f"format {cut(format, 40)!r} is not offered; ask for json"}, 501)
        base = base_url(request, public_url)
        if url.rstrip("/") == base:
            return JSONResponse(_oembed_of_exhibit(base, summaries.release.exhibit), headers=cached)
        try:
            maxwidth, maxheight = _pixels(asked, "maxwidth"), _pixels(asked, "maxheight")
            summary = summaries.find(_ask_of_link(url, base), client_of(request.scope))
        except (ValueError, BusyError) as error:
            return JSONResponse({"error": for_visitors(error)}, **refusal(error))
        return JSONResponse(oembed(summary, base, maxwidth, maxheight), headers=cached)

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


SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"
"""What an embed may do: no more than this is needed, not even an origin of its own."""


def iframe(ask: Ask, base: str, name: str, size: tuple[int, int] = EMBED_SIZE, page: str = "embed") -> str:
    """The HTML that embeds an emission in another page. `name`: of the exhibit; `page`: the embed's name below `base`.

    WordPress takes the style away from the HTML of a site that it doesn't know: `frameborder` is what it leaves.
    """
    source = escape(f"{base}/{page}?{ask.to_query()}")
    return (
        f'<iframe src="{source}" width="{size[0]}" height="{size[1]}" title="{escape(name)}" frameborder="0" '
        'style="border:0;max-width:100%" loading="lazy" sandbox="'
        f'{SANDBOX}"></iframe>'
    )


def oembed(summary: Summary, base: str, maxwidth: int = 0, maxheight: int = 0, page: str = "embed") -> dict[str, Any]:
    """The oEmbed answer for an emission. `maxwidth`, `maxheight`: pixels, 0 for no limit; `page`: see `iframe`."""
    width = min(maxwidth, EMBED_SIZE[0]) if maxwidth > 0 else EMBED_SIZE[0]
    height = min(maxheight, EMBED_SIZE[1]) if maxheight > 0 else EMBED_SIZE[1]
    tags = preview(summary, base)
    record = {
        "version": "1.0",
        "type": "rich",
        "title": tags["title"],
        "provider_name": summary.release.exhibit,
        "provider_url": f"{base}/",
        "cache_age": CACHE_S,
        "html": iframe(summary.ask, base, summary.release.exhibit, (width, height), page),
        "width": width,
        "height": height,
    }
    if (maxwidth <= 0 or maxwidth >= WIDTH) and (maxheight <= 0 or maxheight >= HEIGHT):  # the limits hold for a thumbnail too
        record |= {"thumbnail_url": tags["card"], "thumbnail_width": WIDTH, "thumbnail_height": HEIGHT}
    return record


def _oembed_of_exhibit(base: str, name: str) -> dict[str, Any]:
    """The oEmbed answer for the whole exhibit: a link, since the exhibit is too large for a frame in a post."""
    thumbnail = {"thumbnail_url": f"{base}/card.png", "thumbnail_width": WIDTH, "thumbnail_height": HEIGHT}
    provider = {"provider_name": name, "provider_url": f"{base}/", "cache_age": CACHE_S}
    return {"version": "1.0", "type": "link", "title": name, **provider, **thumbnail}


def _ask_of_link(url: str, base: str) -> Ask:
    """The ask in a link to this exhibit. Raises ValueError for any other address."""
    if not url.startswith(f"{base}/"):
        raise ValueError(f"url {cut(url, 80)!r} is no address of this exhibit; give one that begins with {base}/share/")
    parts = urlsplit(url)
    path = parts.path.removeprefix(urlsplit(base).path)
    query = dict(parse_qsl(parts.query))
    if path.startswith("/share/"):
        return ask_of_query(query, path.removeprefix("/share/"))
    if path in ("/", "/embed") and "path" in read_link(query).values:
        return ask_of_query(query)
    raise ValueError(f"url {cut(url, 80)!r} names no file; give one that begins with {base}/share/")


def _pixels(asked: Mapping[str, str], name: str) -> int:
    """A limit that a consumer of oEmbed sets; 0 if it sets none. Raises ValueError."""
    given = asked.get(name, "")
    if given and not re.fullmatch(r"-?\d{1,9}", given):
        raise ValueError(f"{name} {cut(given, 40)!r} is no number of pixels; give one, or leave it out")
    return int(given or 0)


def refusal_heading(error: Exception, release: Release) -> str:
    if isinstance(error, BusyError):
        return "Too much to do just now"
    return f"Not a file of {release.title}" if isinstance(error, UnknownFile) else "Nothing to show here"


def refusal(error: Exception) -> dict[str, Any]:
    """Status and headers of the answer if an emission can't be shown."""
    if isinstance(error, BusyError):
        return {"status_code": 503, "headers": {"Retry-After": "60", "Cache-Control": "no-store"}}
    return {"status_code": 404, "headers": {"Cache-Control": "no-store"}}
