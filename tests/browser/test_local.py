"""The exhibit's page in Chromium, with the model in the browser instead of on the server."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.corpus.sealed import SealedManifest
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, exhibit_in, field, open_panel, pick, screenshot, serving

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


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that has no place for an emission on the page."""
    folder = tmp_path_factory.mktemp("cache")
    arguments = ["-m", "tests.browser.serve", str(Settings().assets), "0"]
    with serving(arguments, LAAM_CACHE=str(folder / "laam"), HF_HOME=str(folder / "hub")) as address:
        yield address


def test_a_full_server_hands_over_to_the_browser(browser: Browser, full: str) -> None:
    original = SealedManifest.open(Settings().manifest_file).original(FILE)
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(full)
    pick(page, FILE)
    page.locator("#emit").click()
    exhibit_in(page, "done")
    assert page.locator(".mode").inner_text() == IN_BROWSER
    assert field(page, "file") == f"linux/{FILE}"
    assert page.locator('[data-field="emitted_sha256"]').text_content() == original.file.sha256
    open_panel(page, "paste")  # what the browser would not answer as the server does is only refused
    page.locator("#source-text textarea").fill("int main(void)\n{\n")
    page.locator("#continue").click()
    page.locator(".notice").get_by_text("Too many emissions are running just now.").wait_for(timeout=PATIENCE)
    page.context.close()


def test_a_name_that_no_file_has_is_told(open_page: Callable[..., Page]) -> None:
    page = open_page()
    pick(page, "nothing.c")
    page.get_by_role("button", name="run it in your browser").click()
    expect(page.locator(".notice")).to_have_text("There is no file “nothing.c” here. Choose one of the list. ", timeout=PATIENCE)
