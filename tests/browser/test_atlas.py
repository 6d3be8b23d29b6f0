"""The map and the table of the whole kernel, in Chromium, on what is shipped."""

import pytest
from playwright.sync_api import Page, expect

from laam.measure.atlas import read_atlases
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, OpenPage, exhibit_in, field, screenshot

FILE = "kernel/fork.c"


@pytest.fixture
def open_atlas(open_page: OpenPage) -> OpenPage:
    def open_(*arguments: object, **options: object) -> Page:
        page = open_page(*arguments, **options)
        page.locator(".atlas").scroll_into_view_if_needed()
        page.locator(".atlas .cell").first.wait_for(timeout=PATIENCE)
        return page

    return open_


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_every_file_is_shown(open_atlas: OpenPage, width: int, scheme: str) -> None:
    page = open_atlas(width, scheme=scheme)
    [*atlases] = read_atlases(Settings().assets)
    assert page.locator(".atlas .cell").count() == sum(len(atlas.rows) for atlas in atlases)
    assert page.locator(".atlas .identical").count() == sum(row.identical for atlas in atlases for row in atlas.rows)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    screenshot(page, f"atlas-{width}-{scheme}")


def written(page: Page) -> str:
    exhibit_in(page, "done")
    return field(page, "file")


def test_a_click_on_the_map_lets_the_model_write_the_file(open_atlas: OpenPage) -> None:
    page = open_atlas()
    page.locator(f'.atlas .cell[data-path="{FILE}"]').click()
    assert written(page) == f"linux/{FILE}"


def test_the_table_is_searched_sorted_and_followed_by_keyboard(open_atlas: OpenPage) -> None:
    page = open_atlas()
    page.get_by_label("Find a file").fill("kernel/ fork")
    expect(page.locator(".atlas .shown")).to_have_text("1 of 506 files")
    page.get_by_label("Find a file").fill("kernel/")
    heads = page.locator(".atlas .files thead th")
    rows = page.locator(".atlas .files tbody tr:visible")
    page.get_by_role("button", name="bytes").focus()
    page.keyboard.press("Enter")
    expect(heads.nth(1)).to_have_attribute("aria-sort", "descending")
    sizes = [int(text.replace(",", "")) for text in rows.locator("td:nth-child(2)").all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True)
    page.keyboard.press("Enter")
    expect(heads.nth(1)).to_have_attribute("aria-sort", "ascending")
    assert rows.locator("td:nth-child(2)").all_inner_texts() == [f"{size:,}" for size in sorted(sizes)]
    page.get_by_role("link", name=FILE).press("Enter")
    assert written(page) == f"linux/{FILE}"
