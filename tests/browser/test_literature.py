"""*As the literature measures it*, in Chromium."""

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, OpenPage, chip, exhibit_in, screenshot

FILE = "kernel/info.c"  # short


def test_the_measures_come_when_asked_for_and_go_with_the_file(open_page: OpenPage) -> None:
    page = open_page(query=f"?path={FILE}", width=390)
    exhibit_in(page, "done")
    section = page.locator(".literature")
    expect(section.locator(".name")).to_have_text("info.c")
    section.get_by_role("button", name="Measure it").click()
    section.locator("dt", has_text="adversarial compression ratio").wait_for(timeout=PATIENCE)
    assert section.locator("dt").count() == section.locator('dd a[href^="https://arxiv.org/abs/"]').count() == 5
    assert "k = 50: " in section.locator("dd").nth(1).inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    section.scroll_into_view_if_needed()
    screenshot(page, "literature-390")
    chip(page, "exec.c").click()
    expect(section.locator("dl")).to_be_hidden()
    expect(section.locator(".name")).to_have_text("exec.c", timeout=PATIENCE)
