"""The exhibit's page in Chromium, with the model in the browser instead of on the server."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from laam.corpus.sealed import SealedManifest
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, exhibit_in, field, pick, screenshot

FILE = "kernel/exit.c"
IN_BROWSER = "Live the model wrote this just now, in your browser"


def test_a_visitor_may_have_it_written_in_the_browser(open_page: Callable[..., Page]) -> None:
    original = SealedManifest.open(Settings().manifest_file).original(FILE)
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    pick(page, FILE)
    page.get_by_role("button", name="run it in your browser").click()
    expect(page.locator(".mode")).to_have_text(IN_BROWSER, timeout=PATIENCE)
    exhibit_in(page, "done")
    expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(original.file.sha256)
    assert f"path=linux/{FILE}" in page.url
    assert not [url for url in asked if url.endswith(("share.json", "/queue/join"))]
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, "local")
    page.get_by_role("button", name="link", exact=True).wait_for(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Markdown")).to_be_hidden()
    with page.expect_download() as download:
        page.locator("[data-action=download]").click()
    assert download.value.suggested_filename == "exit.c"


def test_a_full_server_hands_over_to_the_browser(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.evaluate(
        "path => dispatchEvent(new CustomEvent('laam-refused', { detail: { refused: 'Too many.', here: path } }))", f"linux/{FILE}"
    )
    expect(page.locator(".mode")).to_have_text(IN_BROWSER, timeout=PATIENCE)
    assert field(page, "file") == f"linux/{FILE}"


def test_a_name_that_no_file_has_is_told(open_page: Callable[..., Page]) -> None:
    page = open_page()
    pick(page, "nothing.c")
    page.get_by_role("button", name="run it in your browser").click()
    expect(page.locator(".notice")).to_have_text("There is no file “nothing.c” here. Choose one of the list. ", timeout=PATIENCE)
