"""*Make it forget*, in Chromium: strips that fill in, a stop, and an end when another file is asked for."""

from playwright.sync_api import Page, expect

from laam.serving.forgetting import TEMPERATURES
from tests.browser.conftest import PATIENCE, OpenPage, chip, exhibit_in, screenshot

FILE = "kernel/info.c"  # short


def opened(open_page: OpenPage, path: str = FILE, **options: object) -> Page:
    page = open_page(query=f"?path={path}", **options)
    exhibit_in(page, "done")
    return page


def test_six_strips_fill_in_and_say_when_it_is_no_longer_a_copy(open_page: OpenPage) -> None:
    page = opened(open_page, width=390, scheme="dark")
    page.get_by_role("button", name="Make it forget").press("Enter")
    expect(page.locator(".forget [role=status]")).to_contain_text("identical", timeout=PATIENCE)
    rows = page.locator(".forget li.done")
    expect(rows).to_have_count(len(TEMPERATURES))
    assert rows.locator("a").all_inner_texts() == [f"{temperature:.2f}" for temperature in TEMPERATURES]
    assert all("%" in text for text in rows.locator(".score").all_inner_texts())
    expect(rows.locator("svg")).to_have_count(len(TEMPERATURES))
    assert rows.nth(1).locator("a").get_attribute("href").endswith("/?path=linux%2Fkernel%2Finfo.c&model=embedded&t=0.5")  # type: ignore[union-attr]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".forget").scroll_into_view_if_needed()
    screenshot(page, "forget-390-dark")


def test_it_ends_when_it_is_stopped_and_when_another_file_is_asked_for(open_page: OpenPage) -> None:
    page = opened(open_page, "kernel/sched.c")  # long enough to be stopped
    closed = "() => performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/forget/stream')).length"
    page.get_by_role("button", name="Make it forget").click()
    page.locator(".forget").get_by_role("button", name="stop").click()
    expect(page.locator(".forget [role=status]")).to_have_text("Stopped.")
    expect(page.get_by_role("button", name="Make it forget")).to_be_focused()
    page.get_by_role("button", name="Make it forget").click()
    chip(page, "exec.c").click()
    expect(page.locator(".forget li")).to_have_count(0)
    expect(page.locator(".forget .name")).to_have_text("the file")
    page.wait_for_function(f"({closed})() === 2", timeout=PATIENCE)  # both streams are over
