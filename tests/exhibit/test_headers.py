"""What every answer says."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient

from laam.exhibit.headers import NO_SCRIPTS, SafeHeaders
from laam.settings import Settings
from tests.exhibit.conftest import built

FILE = "linux/kernel/sched.c"


@pytest.mark.parametrize("address", ["/", f"/share/{FILE}", "/trace", "/question", "/map"])
def test_only_an_embed_is_framed_by_anybody(exhibit: TestClient, address: str) -> None:
    policy = exhibit.get(address, headers={"Accept": "text/html"}).headers["content-security-policy"]
    assert policy.count("frame-ancestors") == 1
    assert policy.endswith("; frame-ancestors 'self'")
    embed = exhibit.get(f"/embed?path={FILE}").headers["content-security-policy"]
    assert embed.endswith("; frame-ancestors *")


def test_a_space_is_framed_by_the_hub() -> None:
    app = FastAPI()

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        return "a page"

    answer = TestClient(SafeHeaders(app, framed_by="https://huggingface.co")).get("/")
    assert answer.headers["content-security-policy"] == f"{NO_SCRIPTS}; frame-ancestors 'self' https://huggingface.co"


@pytest.mark.parametrize("address", ["/", f"/share/{FILE}", f"/embed?path={FILE}", "/question", "/oembed?url=http://testserver/"])
def test_what_holds_the_address_of_a_request_is_kept_by_no_shared_cache(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address)
    assert answer.status_code == 200
    assert "private" in answer.headers["cache-control"]


def test_with_an_address_of_its_own_anybody_may_keep_it(settings: Settings) -> None:
    with TestClient(built(replace(settings, public_url="https://laam.example"))) as client:
        answer = client.get("/question", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert answer.headers["cache-control"].startswith("public")


def test_nobody_but_a_proxy_says_where_the_exhibit_is(exhibit: TestClient) -> None:
    assert "evil.example" not in exhibit.get(f"/share/{FILE}", headers={"X-Forwarded-Host": "evil.example"}).text


@pytest.mark.parametrize(
    "address",
    ["/card.png", f"/card/{FILE}.png", f"/embed?path={FILE}", "/page/exhibit.js", "/page/embed.js", "/opening.json", "/gradio.js",
     f"/oembed?url=http://testserver/share/{FILE}", "/poster/none.svg"],
)  # fmt: skip
def test_what_is_meant_for_other_sites_says_so(exhibit: TestClient, address: str) -> None:
    assert exhibit.get(address).headers["cross-origin-resource-policy"] == "cross-origin"


def test_an_isolated_page_may_frame_an_embed(exhibit: TestClient) -> None:
    for address in (f"/embed?path={FILE}", "/embed?path=no/such"):
        assert exhibit.get(address).headers["cross-origin-embedder-policy"] == "require-corp"
    assert "cross-origin-embedder-policy" not in exhibit.get("/").headers
