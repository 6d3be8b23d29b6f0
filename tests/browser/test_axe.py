"""axe on each kind of page, wide and narrow, light and dark: no violation of any grade."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, exhibit_in, go, open_panel, visiting

PATH = "kernel/info.c"
VIOLATIONS = {"resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SIZES = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}-{size[1]}")
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that lets axe's own script in, which the exhibit's policy would keep out; axe looks for style sheets in the wrong place."""
    width, scheme = request.param
    with visiting(browser, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, allowed="status of 404") as page:
        yield page


def hold(page: Page) -> None:
    """What axe finds is nothing. The dark differs by its colours alone, so that is all that is looked at there: the rest takes seconds."""
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    found = Axe().run(page, options=VIOLATIONS | (COLOURS if is_dark else {})).response["violations"]
    assert [f"{each['id']} ({each['impact']}): {node['html'][:120]}" for each in found for node in each["nodes"]] == []


def test_pages_without_an_emission_have_no_fault(page: Page, address: str) -> None:
    for route in ("map", "trace", "question", "api", f"share/{PATH}"):
        go(page, address + route)
        hold(page)


def test_the_front_page_has_no_fault(page: Page, address: str) -> None:
    go(page, address)
    for panel in ("paste code", "by ", "more"):
        open_panel(page, panel)
        hold(page)
    page.locator("#path").fill("COPYING")
    page.locator("#path").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    hold(page)
    go(page, f"{address}?path={PATH}")
    exhibit_in(page)
    page.get_by_role("button", name="details").click()
    page.locator(".panel").get_by_role("button", name="link", exact=True).click()
    page.locator('[data-action="pz"]').click()
    page.locator(".pz > .heat i").first.wait_for(state="attached", timeout=PATIENCE)
    hold(page)


def test_the_lab_has_no_fault(page: Page, address: str) -> None:
    go(page, f"{address}lab?path={PATH}")
    page.get_by_role("button", name="Measure it").click()
    page.locator(".literature dl").wait_for(timeout=PATIENCE)
    hold(page)


def test_what_a_model_must_lose_has_no_fault(page: Page, address: str) -> None:
    go(page, f"{address}?path={PATH}")
    page.locator(".losing button").first.click()  # that of a row which isn't written yet
    page.locator(".losing li.done").first.wait_for(timeout=PATIENCE)
    hold(page)


def test_the_embed_has_no_fault(page: Page, address: str) -> None:
    go(page, f"{address}embed?path={PATH}")
    hold(page)
    page.locator(".run").click()
    exhibit_in(page)
    hold(page)


def test_the_exported_site_has_no_fault(page: Page, recorded_site: str) -> None:
    go(page, recorded_site)
    open_panel(page, "more")
    page.locator("[value=replay]").click()
    exhibit_in(page)
    hold(page)
    for other in (f"embed.html?path={PATH}", "question.html"):
        page.goto(recorded_site + other)
        hold(page)
