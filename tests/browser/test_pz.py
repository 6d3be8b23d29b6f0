"""The strip of p_z along the file, in Chromium."""

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, OpenPage, exhibit_in, screenshot


def test_a_strip_below_the_panes_leads_to_its_lines(open_page: OpenPage) -> None:
    page = open_page(query="?path=kernel/info.c")
    exhibit_in(page)
    button, strip = page.locator('[data-action="pz"]'), page.locator(".pz > .heat")
    expect(strip).to_be_hidden()
    button.press("Enter")
    expect(strip.locator("i").first).to_be_attached(timeout=PATIENCE)
    assert (strip.get_attribute("aria-label") or "").startswith("p_z along the file: ")
    expect(page.locator(".pz .signs")).to_contain_text("of the characters with 50 % or more")
    heights = strip.locator("i").evaluate_all("marks => new Set(marks.map((mark) => getComputedStyle(mark).backgroundImage)).size")
    assert heights > 1  # colour and height of a stretch tell how likely it is
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] - 1, "y": 5})
    lines = int(page.locator(".exhibit .row[data-o]").last.get_attribute("data-o") or 0)
    ticks = strip.locator("i").count()
    assert page.evaluate("location.hash") == f"#L{(ticks - 1) * lines // ticks + 1}"  # where the last stretch begins
    screenshot(page, "pz")
    button.press("Enter")
    expect(strip).to_be_hidden()


def test_a_model_with_fewer_bits_has_no_such_strip(open_page: OpenPage) -> None:
    page = open_page(query="?path=kernel/info.c&bits=6")
    exhibit_in(page)
    expect(page.locator('[data-action="pz"]')).to_be_hidden()
