"""The marks of certainty, in Chromium."""

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, OpenPage, exhibit_in, screenshot


def test_each_written_line_gets_a_mark_if_the_visitor_wishes(open_page: OpenPage) -> None:
    page = open_page(query="?path=kernel/info.c")
    exhibit_in(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    marks, button = page.locator(".exhibit .sure"), page.get_by_role("button", name="certainty")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(marks).to_have_count(0)
    assert not [url for url in asked if "certainty" in url]
    button.press("Enter")
    marks.first.wait_for(timeout=PATIENCE)
    expect(marks).to_have_count(page.locator(".exhibit .row[data-e]").count())
    expect(page.locator(".sure-meaning")).to_contain_text("the least probability that the model gives to a token of the line")
    heights = marks.evaluate_all("rows => rows.map((row) => getComputedStyle(row, '::before').height)")
    assert all(float(height.removesuffix("px")) > 0.5 * 18 for height in heights)  # a file that it knows by heart
    screenshot(page, "certainty")
    button.press("Enter")
    expect(marks).to_have_count(0)
    expect(page.locator(".sure-meaning")).to_be_hidden()


def test_a_drawn_text_has_no_such_button(open_page: OpenPage) -> None:
    page = open_page(query="?path=kernel/info.c&t=0.5")
    exhibit_in(page)
    expect(page.locator('[data-action="certainty"]')).to_be_hidden()
