"""What a browser's own tools find on the page: copying, its search, its translation, the theme in the address, and a long paste."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenPage, chip, exhibit_in, go, open_panel, visiting

FILE = "kernel/fork.c"
SELECT = """([from, to, side]) => {
  const cell = (row) => document.querySelector(`.opened .row[data-o="${row}"]`).children[side];
  const end = (row) => [cell(row), cell(row).childNodes.length];
  getSelection().setBaseAndExtent(...(from > to ? [...end(from), cell(to), 0] : [cell(from), 0, ...end(to)]));
}"""
COPIED = """() => { let text = null;
  const set = (event) => { text = event.clipboardData.getData("text/plain"); };
  addEventListener("copy", set, { once: true });
  document.execCommand("copy");
  return text; }"""
TEXT = """([from, to, side]) => Array.from({ length: to - from + 1 }, (_, at) =>
  document.querySelector(`.opened .row[data-o='${from + at}']`).children[side].textContent)"""


@pytest.fixture(scope="module")
def shown(browser: Browser, address: str) -> Iterator[Page]:
    """The page with a whole file, for tests that only read it."""
    with visiting(browser, address) as page:
        go(page, f"{address}?path={FILE}&__theme=dark")
        exhibit_in(page)
        yield page


@pytest.mark.parametrize("side", [2, 4])
@pytest.mark.parametrize(("first", "last"), [(20, 23), (23, 20), (30, 30)])
def test_what_is_copied_is_the_text_of_one_pane(shown: Page, side: int, first: int, last: int) -> None:
    shown.evaluate(SELECT, [first, last, side])
    lines = [line.rstrip("\n") for line in shown.evaluate(TEXT, [min(first, last), max(first, last), side])]
    assert shown.evaluate(COPIED).split("\n") == lines


def test_the_theme_of_the_address_is_worn_and_stays(shown: Page) -> None:
    assert "path=linux/kernel/fork.c" in shown.url
    assert "__theme=dark" in shown.url
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 21, 19)"


def test_code_is_not_translated(shown: Page) -> None:
    assert shown.locator(".opened .row code").first.evaluate("cell => cell.closest('[translate]').translate") is False
    assert shown.locator('[data-field="file"]').get_attribute("translate") == "no"


def test_the_browser_s_search_opens_a_fold(shown: Page) -> None:
    shown.locator('[data-action="fold"]').click()
    row = shown.locator(".opened .folded").first
    expect(row).to_be_hidden()
    assert row.get_attribute("hidden") == "until-found"
    number = row.get_attribute("data-o")
    row.evaluate("row => row.dispatchEvent(new Event('beforematch', { bubbles: true }))")
    expect(shown.locator(f'.opened .row[data-o="{number}"]')).to_be_visible()


def test_a_paste_that_is_too_long_is_told_with_its_length(open_page: OpenPage) -> None:
    page = open_page()
    open_panel(page, "paste")
    for length in (4_001, 1_000_000):
        page.locator("#source").evaluate("(area, length) => { area.value = 'x'.repeat(length); }", length)
        page.locator("#continue").click()
        expect(page.get_by_role("alert")).to_have_text(f"You pasted {length:,} characters; give at most 4,000.")
    assert page.locator(".exhibit").get_attribute("data-state") == "idle"


@pytest.mark.parametrize(("query", "name"), [("t=1e999", "temperature"), ("pieces=99999", "pieces")])
def test_a_setting_out_of_bounds_is_refused_in_words(open_page: OpenPage, query: str, name: str) -> None:
    page = open_page(query=f"?path={FILE}&{query}")
    expect(page.get_by_role("alert")).to_contain_text(name)
    chip(page, FILE).click()
    exhibit_in(page)
