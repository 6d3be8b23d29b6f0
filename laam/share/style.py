"""The style sheets of the pages, each as one file with those that it imports, so that a page asks for one."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response

from laam.share.bundle import bundle_style


def add_style_routes(app: FastAPI, folder: Path) -> None:
    """`/page/NAME.css` for each style sheet of the folder."""
    for file in sorted(folder.glob("*.css")):
        app.add_api_route(f"/page/{file.name}", _served(file), methods=["GET"])


def _served(file: Path) -> Callable[[], Awaitable[Response]]:
    async def style() -> Response:
        return Response(bundle_style(file), media_type="text/css", headers={"Cache-Control": "max-age=300"})

    return style
