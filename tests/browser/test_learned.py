"""How it learned: a map that fills pass by pass."""

from dataclasses import replace

from playwright.sync_api import Page, Route, expect

from laam.measure.learned import LearnedFile
from laam.measure.story import render_story
from laam.measure.treemap import Box
from laam.settings import Settings
from tests.browser.conftest import OpenPage, go, screenshot
from tests.measure.test_story import STORY

FILES = [LearnedFile(f"linux/fs/{n}.c", Box(n % 8 * 125, n // 8 * 140, 125, 140), n % 5) for n in range(32)]
WHOLE = [sum(0 < file.since <= number for file in FILES) for number in range(1, 5)]
STATUS = "After pass {} of 4: {} of 32 files whole for good, {} of 100 segments exact."


def with_story(route: Route) -> None:
    """The lab, with the story of a run that wrote down when files came."""
    story = render_story(replace(STORY, learned=FILES), Settings().assets / "measure")
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("</main>", f"{story}</main>"))


def learned(open_page: OpenPage, address: str, width: int, *, motion: bool) -> Page:
    page = open_page(width, motion=motion, query="api")
    page.route("**/lab", with_story)
    page.clock.install()
    go(page, f"{address}lab")
    return page


def shows(page: Page, number: int) -> None:
    expect(page.locator(".learned [role=status]")).to_have_text(STATUS.format(number, WHOLE[number - 1], STORY.curve[number - 1]))
    expect(page.locator(".learned .whole")).to_have_count(WHOLE[number - 1])


def test_the_map_goes_by_the_slider_and_the_keyboard(open_page: OpenPage, address: str) -> None:
    page = learned(open_page, address, 390, motion=False)
    shows(page, 4)
    slider = page.locator(".learned").get_by_role("slider", name="Pass")
    slider.press("Home")
    shows(page, 1)
    slider.press("ArrowRight")
    shows(page, 2)
    page.locator(".learned").scroll_into_view_if_needed()
    screenshot(page, "learned-390")
    expect(page.locator(".learned button")).to_be_hidden()  # who wants no motion has the slider


def test_the_map_plays_to_the_last_pass_and_can_be_stopped(open_page: OpenPage, address: str) -> None:
    page = learned(open_page, address, 1280, motion=True)
    page.locator(".learned").get_by_role("button", name="Play").click()
    page.clock.run_for(2500)
    shows(page, 2)
    page.locator(".learned").get_by_role("button", name="Stop").click()
    page.clock.run_for(9000)
    shows(page, 2)
    page.locator(".learned").get_by_role("button", name="Play").press("Enter")
    page.clock.run_for(9000)
    shows(page, 4)
    expect(page.locator(".learned").get_by_role("button", name="Play")).to_be_visible()
