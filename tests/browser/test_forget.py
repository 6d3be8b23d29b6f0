"""What a model must lose until the file that is shown is no longer a copy: two rows of strips below the panes."""

from playwright.sync_api import Locator, expect

from laam.serving.forgetting import BITS, CHANCE, ROWS
from tests.browser.conftest import PATIENCE, OpenPage, exhibit_in, field, screenshot

FILE = "kernel/panic.c"  # short, and GPL-2
LINES = 34


def row(page: Locator, name: str) -> Locator:
    return page.locator(f'.losing[data-row="{name}"]')


def test_a_slider_follows_the_strips_and_a_strip_shows_its_text(open_page: OpenPage) -> None:
    page = open_page(query=f"?path={FILE}")
    bits = row(page.locator(".forget"), BITS)
    bits.get_by_role("button", name="Round it").press("Enter")
    expect(bits.locator("li.done svg")).to_have_count(len(ROWS[BITS]), timeout=PATIENCE)
    expect(bits.locator("[role=status]")).to_contain_text("no longer identical")
    expect(bits.get_by_role("button")).to_have_count(0)  # all is written
    slider, said = bits.get_by_role("slider"), bits.locator("output")
    slider.press("Home")
    expect(said).to_have_text(f"8 bits: {LINES} of {LINES} lines. Is it still GPL-2?")
    for _ in range(4):
        slider.press("ArrowRight")
    expect(said).to_contain_text("4 bits: ")
    expect(slider).to_have_attribute("aria-valuetext", said.inner_text())
    lines = said.inner_text().partition(": ")[2].partition(".")[0]
    bits.get_by_role("link", name="4 bits").click()
    expect(page.locator(".verdict")).to_contain_text(lines, timeout=PATIENCE)
    assert f"path=linux/{FILE}&" in page.url
    assert "&bits=4" in page.url
    assert field(page, "model").startswith("our own model rounded to 4 bits a weight")
    screenshot(page, "forget-1280")
    page.reload()  # what is known stands there, and the slider is where the address is
    exhibit_in(page)
    expect(bits.locator("li.done")).to_have_count(len(ROWS[BITS]))
    expect(said).to_contain_text(f"4 bits: {lines}.")


def test_chance_is_the_second_row_and_another_file_ends_it(open_page: OpenPage) -> None:
    page = open_page(390, scheme="dark", query="?path=kernel/sched.c")  # long enough to be stopped
    exhibit_in(page)
    chance = row(page.locator(".forget"), CHANCE)
    begin, stop, status = chance.locator("[data-action=begin]"), chance.locator("[data-action=stop]"), chance.locator("[role=status]")
    begin.press("Enter")
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Stopped.")
    expect(begin).to_be_focused()
    begin.click()
    chance.locator("li", has_text="writing").wait_for(timeout=PATIENCE)
    screenshot(page, "forget-390-dark")
    with page.expect_event("requestfailed", lambda request: "forget/stream" in request.url):  # it is over
        page.locator("#path").fill(FILE)
        page.locator("#path").press("Enter")
    exhibit_in(page, file=f"linux/{FILE}")
    expect(chance.locator("li.done")).to_have_count(0)


def test_where_there_is_no_copy_there_is_nothing_to_lose(open_page: OpenPage) -> None:
    page = open_page(query="?path=COPYING&anyway=1&n=50")
    exhibit_in(page, "done")
    expect(page.locator(".forget")).to_be_hidden()
