"""The exhibit's page in Chromium, with the model in the browser instead of on the server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import (
    HEARD,
    PATIENCE,
    SCRIPTED,
    OpenPage,
    exhibit_in,
    field,
    go,
    open_panel,
    original,
    paste,
    saved,
    screenshot,
    serving,
    visiting,
    write,
)

FILE = "kernel/exit.c"
IN_BROWSER = "Live the model wrote this just now, in your browser"


def test_a_visitor_may_have_it_written_in_the_browser(open_page: OpenPage, address: str) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#path").fill(FILE)
    open_panel(page, "more")
    page.evaluate(HEARD)
    page.get_by_role("button", name="run it in your browser").click()
    exhibit_in(page, file=f"linux/{FILE}")
    assert [text for text in page.evaluate("heard") if text.startswith("Fetching the model: ")]  # which a fast server hardly shows
    expect(page.locator(".mode")).to_have_text(IN_BROWSER)
    expect(page.locator(".waits")).to_be_empty()
    expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(original(FILE).file.sha256)
    assert page.url == f"{address}?path=linux/{FILE}&model=embedded"
    assert not [url for url in asked if "share.json" in url or "stream?" in url]
    screenshot(page, "local")
    expect(page.get_by_role("button", name="link", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Markdown")).to_be_hidden()
    assert saved(page, page.locator("[data-action=download]")).name == "exit.c"
    write(page, "kernel/fork.c")  # and the server again
    exhibit_in(page, file="linux/kernel/fork.c")
    expect(page.get_by_role("button", name="Markdown")).to_be_visible()
    assert saved(page, page.locator("[data-action=download]")).name == "fork.c"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that has no place for an emission."""
    with serving([*SCRIPTED, "0"], tmp_path_factory.mktemp("cache")) as address:
        yield address


def test_a_full_server_hands_over_to_the_browser(browser: Browser, full: str) -> None:
    with visiting(browser, full) as page:
        go(page, full)
        write(page, FILE)
        exhibit_in(page, file=f"linux/{FILE}")
        expect(page.locator(".mode")).to_have_text(IN_BROWSER)
        expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(original(FILE).file.sha256)
        paste(page, "int main(void)\n{\n")  # what the browser would not answer as the server does is only refused
        expect(page.get_by_role("alert")).to_contain_text("Too many emissions are running just now.")
        assert field(page, "file") == f"linux/{FILE}"


def test_a_name_that_no_file_has_is_told(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#path").fill("nothing.c")
    open_panel(page, "more")
    page.get_by_role("button", name="run it in your browser").click()
    expect(page.get_by_role("alert")).to_have_text("There is no file “nothing.c” here. Choose one of the list.", timeout=PATIENCE)
