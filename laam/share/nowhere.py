"""The page at an address that the exhibit doesn't have, for a person; a program gets a sentence as JSON."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from laam.corpus.releases import Release
from laam.share.base_url import base_url
from laam.templates import template_environment


class Nowhere:
    """Answers such a request. `templates`: the folder that has `missing.html`; `public_url`: where visitors find the exhibit."""

    def __init__(self, templates: Path, release: Release, public_url: str = "") -> None:
        self._page, self._release, self._public_url = template_environment(templates).get_template("missing.html"), release, public_url

    def answer(self, request: Request) -> Response:
        page = self._page.render(
            base=base_url(request, self._public_url),
            release=self._release,
            title=self._release.exhibit,
            heading="There is nothing here",
            description="The exhibit has no page at this address.",
            suggestions=(),
        )
        return HTMLResponse(page, 404, {"Cache-Control": "no-store"})
