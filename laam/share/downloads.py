"""Routes of a finished run: its diff, the texts of the share panel, and files to save."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from laam.compare.render import render_rows
from laam.corpus.lines import source_bytes
from laam.emission.transcript import Finished
from laam.serving.results import Results
from laam.share.base_url import base_url
from laam.share.exports import citations_of, markdown_of, patch_of
from laam.share.oembed import iframe
from laam.share.pages import card_link, share_links


def download_routes(results: Results, public_url: str = "") -> APIRouter:
    """`/emission/…` and `/run/…`: for each run that is still kept. `public_url`: see `share_routes`."""
    router = APIRouter()

    @router.get("/emission/{run}/rows")
    def rows(run: str) -> Response:
        """The whole diff, a line for each row."""
        html = render_rows(_find(results, run).rows)
        return PlainTextResponse(
            html.encode("utf-16", "surrogatepass").decode("utf-16", "replace"),  # an original may have bytes that are no text
            headers={
                "X-Content-Type-Options": "nosniff",  # it is HTML for the page's script, not a page
            },
        )

    @router.get("/emission/{run}/{name}")
    def text(run: str, name: str) -> Response:
        """What the model wrote, as a file to save."""
        return Response(
            source_bytes(_find(results, run).compared.text), media_type="text/plain; charset=utf-8", headers=_attachment_headers()
        )

    @router.get("/run/{run}/share.json")
    def share(run: str, request: Request) -> dict[str, Any]:
        """The texts to copy, and the addresses of the files. An emission that was asked for by source has no link,
        and one without a name, or by one that no file has, has neither card nor frame."""
        result, base = _find(results, run), base_url(request, public_url)
        name = result.receipts.path.rpartition("/")[2] or "emission"
        files = {"patch": f"run/{run}/{name}.patch", "json": f"run/{run}/{name}.json"}
        query, ask = result.query, result.receipts.ask
        if result.receipts.file is None or not ask.path:
            link = f"{base}/?{query}" if query else ""
            own = {"link": link} if link else {}
            return {**files, **own, "markdown": markdown_of(result, link, ""), **citations_of(result, link)}
        links, link = share_links(ask, base), f"{base}/?{query}"
        moving = card_link(ask, base, "gif")
        return {
            **files,
            "link": link,
            "frame": iframe(ask, base, result.release.exhibit),
            "markdown": markdown_of(result, links["url"], moving, link),
            "card": links["card"],
            "moving": moving,
            **citations_of(result, links["url"]),
        }

    @router.get("/run/{run}/{name}.patch")
    def patch(run: str, name: str) -> Response:
        """A unified diff; see patch_of."""
        return Response(patch_of(_find(results, run)), media_type="text/x-patch", headers=_attachment_headers())

    @router.get("/run/{run}/{name}.json")
    def as_json(run: str, name: str) -> Response:
        """Text, score and receipts."""
        return JSONResponse(_find(results, run).as_dict(), headers=_attachment_headers())

    return router


def _find(results: Results, run: str) -> Finished:
    result = results.find(run)
    if result is None:
        raise HTTPException(404, "This emission is no longer kept. Run it again.")
    return result


def _attachment_headers() -> dict[str, str]:
    return {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
