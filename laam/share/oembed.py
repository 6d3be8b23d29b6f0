"""oEmbed 1.0: what another site asks for to show an emission within a page of its own, and the frame that it shows then."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from laam.compare.highlight import escape
from laam.emission.ask import Ask, ask_of_query
from laam.emission.links import read_link, unescaped
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError
from laam.serving.summary import Summaries, Summary
from laam.share.base_url import base_url, cache_headers
from laam.share.card import HEIGHT, WIDTH
from laam.share.client import client_of
from laam.share.pages import CACHE_S, cut, preview, refusal

EMBED_SIZE = (700, 480)  # pixels, if the embedding site sets no limit
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"
"""What an embed may do: no more than this is needed, not even an origin of its own."""


def oembed_routes(summaries: Summaries, public_url: str = "") -> APIRouter:
    """`/oembed`. `public_url`: see `share_routes`."""
    router = APIRouter()
    cached = cache_headers(public_url, CACHE_S)

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
