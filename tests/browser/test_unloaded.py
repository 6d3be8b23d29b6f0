"""A script of the page that can't be loaded: the page says which, and why if it can know, and offers to load it again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, exhibit_in, open_panel

FILE = "kernel/fork.c"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("opened", ["", "embed"])
@pytest.mark.parametrize("script", ["page/player.js", "page/rows.js", "live/link.js", "page/address.js"])
def test_it_is_named_and_the_page_is_offered_again(page: Page, address: str, opened: str, script: str) -> None:
    page.route(f"**/{script}", lambda route: route.abort())
    page.goto(f"{address}{opened}?path={FILE}")
    line = page.locator(".unloaded")
    expect(line).to_contain_text(f"{script} could not be loaded, so a part of this page doesn’t work.", timeout=PATIENCE)
    assert page.locator(".unloaded").count() == 1
    page.unroute(f"**/{script}")
    with page.expect_event("load"):
        line.get_by_role("button", name="Load the page again").click()
    if opened:
        page.locator("button.run").click()
    exhibit_in(page, "done")
    assert page.locator(".unloaded").count() == 0


@pytest.mark.parametrize("script", ["share", "models", "compare_models", "certainty", "pz", "keep_address"])
def test_the_rest_of_the_page_works_without_a_script_of_its_own(page: Page, address: str, script: str) -> None:
    page.route(f"**/page/{script}.js", lambda route: route.fulfill(status=503))
    page.goto(f"{address}?path={FILE}")
    exhibit_in(page, "done")
    expect(page.locator(".unloaded")).to_contain_text(f"page/{script}.js could not be loaded", timeout=PATIENCE)


def test_what_is_fetched_only_when_it_is_needed_is_named_too(page: Page, address: str) -> None:
    page.route("**/live/sealed.js", lambda route: route.abort())
    page.route("**/engine/worker.js", lambda route: route.abort())
    page.goto(f"{address}?path={FILE}")
    exhibit_in(page, "done")
    run = page.get_by_role("button", name="run it in your browser")
    open_panel(page, "more")
    run.click()
    expect(page.locator(".unloaded")).to_contain_text("live/sealed.js could not be loaded", timeout=PATIENCE)
    page.unroute("**/live/sealed.js")
    with page.expect_event("load"):
        page.locator(".unloaded button").click()
    exhibit_in(page, "done")
    open_panel(page, "more")
    run.click()
    expect(page.locator(".notice")).to_contain_text("a script of its worker could not be loaded", timeout=PATIENCE)


def test_another_s_script_is_none_of_it(page: Page, address: str) -> None:
    page.goto(f"{address}?path={FILE}")
    exhibit_in(page, "done")
    page.evaluate("""() => new Promise((resolve) => {
      const other = { src: "http://127.0.0.1:9/extension.js", onerror: resolve };
      document.head.append(Object.assign(document.createElement("script"), other));
    })""")
    assert page.locator(".unloaded").count() == 0
