"""What the share panel offers of a run: links, and files to save."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from laam.exhibit.address import read_query
from laam.exhibit.base_url import base_url
from laam.exhibit.copies import markdown_of, patch_of, record_of
from laam.exhibit.results import Result, Results
from laam.exhibit.share import addresses, iframe


def run_routes(results: Results, address: str = "") -> APIRouter:
    """`/run/…`: for each run that is still kept. `address`: see `share_routes`."""
    router = APIRouter()

    @router.get("/run/{run}/share.json")
    def share(run: str, request: Request) -> dict[str, Any]:
        """What can be copied, as texts; and where the files are. What is asked for by source has no address to link to."""
        result, base = _found(results, run), base_url(request, address)
        name = result.receipts.path.rpartition("/")[2] or "emission"
        files = {"patch": f"run/{run}/{name}.patch", "json": f"run/{run}/{name}.json"}
        if not result.address:
            return {**files, "markdown": markdown_of(result, f"{base}/", "")}
        asked = read_query(result.address)
        links = addresses(asked, base)
        return {
            **files,
            "link": f"{base}/?{result.address}",
            "frame": iframe(asked, base),
            "markdown": markdown_of(result, links["url"], links["card"]),
            "card": links["card"],
        }

    @router.get("/run/{run}/{name}.patch")
    def patch(run: str, name: str) -> Response:
        """A unified diff; see patch_of."""
        return Response(patch_of(_found(results, run)), media_type="text/x-patch", headers=_attached())

    @router.get("/run/{run}/{name}.json")
    def record(run: str, name: str) -> Response:
        """Text, score and receipts."""
        return JSONResponse(record_of(_found(results, run)), headers=_attached())

    return router


def _found(results: Results, run: str) -> Result:
    result = results.find(run)
    if result is None:
        raise HTTPException(404, "This emission is no longer kept. Run it again.")
    return result


def _attached() -> dict[str, str]:
    return {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
