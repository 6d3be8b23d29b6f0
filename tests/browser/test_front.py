"""How much the front page asks of a visitor and of a network, and what holds for every page."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage, exhibit_in, go, open_panel, screenshot, visiting

FILE = "kernel/info.c"  # short
CONTROLS = """[...document.querySelectorAll("button, input, select, textarea, [role=slider]")].filter((each) =>
  each.checkVisibility({ visibilityProperty: true }) && each.getBoundingClientRect().top < 800)
  .map((each) => each.innerText || each.ariaLabel || each.id)"""
WORDS = """(() => { const words = (node) => node.innerText.split(/\\s+/).filter(Boolean).length;
  return words(document.body) - words(document.querySelector(".rows")); })()"""
ROUTES = ("", f"?path={FILE}", "map", "lab", "trace", "question", "api", f"embed?path={FILE}", f"share/{FILE}")


def test_the_opening_leaves_a_visitor_ten_controls_and_few_words_and_takes_few_requests(browser: Browser, address: str) -> None:
    size = {"width": 1280, "height": 800}
    with visiting(browser, address, viewport=size, reduced_motion="no-preference") as page:
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        came: list[int] = []
        wire.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
        page.goto(address)
        exhibit_in(page, "running")
        assert len(page.evaluate(CONTROLS)) <= 10
        page.locator('[data-action="end"]').click()
        exhibit_in(page)
        assert len(page.evaluate(CONTROLS)) <= 10
        assert page.evaluate(WORDS) <= 900
        assert 1 < len(came) <= 25
        assert sum(came) <= 120_000


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("route", ROUTES)
def test_no_page_scrolls_sideways_or_breaks_its_policy(open_page: OpenPage, route: str, width: int, scheme: str) -> None:
    page = open_page(width, scheme=scheme, query=route)
    if route.startswith("?"):
        exhibit_in(page)
    screenshot(page, f"{route.partition('?')[0].split('/')[0] or ('done' if route else 'front')}-{width}-{scheme}")


def test_each_page_leads_to_the_others_and_says_where_it_is(open_page: OpenPage, address: str) -> None:
    page = open_page()
    for name in ("The map", "The lab", "Trace any text", "The question"):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
        expect(page.locator("nav [aria-current]")).to_have_text([name])
        page.get_by_role("link", name="Linux as a Model", exact=True).click()
        page.wait_for_url(address)


def test_the_api_is_described_on_a_page_of_its_own(open_page: OpenPage, address: str) -> None:
    page = open_page()
    page.get_by_role("contentinfo").get_by_role("link", name="Use via API").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["/emit", "/score", "/files"])
    expect(page.locator("pre").first).to_contain_text(f'Client("{address}")')


@pytest.mark.parametrize("scripts", [True, False])
def test_without_scripts_a_visitor_is_led_to_pages_that_need_none(browser: Browser, address: str, scripts: bool) -> None:
    with visiting(browser, address, java_script_enabled=scripts, viewport={"width": 390, "height": 844}) as page:
        page.goto(address)
        link = page.get_by_role("link", name="All 506 files, each with its score")
        if scripts:
            return expect(link).to_have_count(0)
        link.click()
        page.locator(f'.files a[data-path="{FILE}"]').click()
        expect(page.locator(".number")).to_have_text("100 %")


def test_a_panel_opens_by_keyboard_and_gives_the_focus_to_its_first_field(open_page: OpenPage, address: str) -> None:
    page = open_page()
    for name, first in (("paste code", "#source"), ("by ", "#models input:checked"), ("more", "#temperature")):
        button = page.locator(".quiet").get_by_role("button", name=name)
        button.press("Enter")
        expect(page.locator(first)).to_be_focused()
        expect(page.locator(".choice:visible")).to_have_count(1)
        expect(button).to_have_attribute("aria-expanded", "true")
    page.locator(".quiet").get_by_role("button", name="more").click()
    expect(page.locator(".choice:visible")).to_have_count(0)
    go(page, f"{address}?path={FILE}&t=0.7&k=5&seed=3")  # what a link asks for stands in the fields
    exhibit_in(page)
    open_panel(page, "more")
    assert [page.locator(f"#{name}").input_value() for name in ("temperature", "top_k", "seed")] == ["0.7", "5", "3"]
