"""The map and the table of the whole kernel, in Chromium, on what is shipped."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.corpus.sealed import SealedManifest
from laam.measure.atlas import read_atlases
from laam.measure.bits import read_all_bits
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, OpenPage, exhibit_in, go, saved, screenshot, visiting

FILE = "kernel/fork.c"
CELL = f'.cell[data-path="{FILE}"]'
ATLASES = list(read_atlases(Settings().assets))
ROWS = [row for atlas in ATLASES for row in atlas.rows]
PLACE = "document.activeElement.getBoundingClientRect().toJSON()"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(query="map")


def is_written(page: Page) -> None:
    """The front page shows the file."""
    exhibit_in(page, file=f"linux/{FILE}")


def test_every_file_is_shown_and_a_click_on_one_leads_to_the_front_page_which_writes_it(page: Page, address: str) -> None:
    assert page.locator(".cell").count() == len(ROWS)
    assert page.locator(".identical").count() == sum(row.identical for row in ROWS)
    page.locator(CELL).click()
    is_written(page)
    assert page.url.startswith(f"{address}?path=linux/{FILE}")
    page.go_back()
    page.wait_for_url(f"{address}map")


def test_arrow_keys_go_from_file_to_file_and_enter_writes_one(page: Page) -> None:
    cell = page.locator(CELL)
    cell.focus()
    expect(page.locator(".pointed")).to_contain_text(f"{FILE} sha256 identical; 233 lines, GPL-2")
    for key, edge, way in (("Right", "left", 1), ("Down", "top", 1), ("Left", "left", -1), ("Up", "top", -1)):
        before = page.evaluate(PLACE)
        page.keyboard.press(f"Arrow{key}")
        assert (page.evaluate(PLACE)[edge] - before[edge]) * way > 0, key
    assert page.locator('.cell[tabindex="0"]').count() == 1
    cell.focus()
    page.keyboard.press("Enter")
    is_written(page)


def test_a_first_touch_points_at_a_file_and_a_folder_fills_the_map(browser: Browser, address: str) -> None:
    with visiting(browser, address, viewport={"width": 390, "height": 844}, has_touch=True) as page:
        go(page, address)
        page.get_by_role("heading", name="The map").get_by_role("link").tap()
        cell = page.locator(CELL)
        cell.tap()
        expect(page.locator(".pointed b")).to_have_text(FILE)
        small = cell.bounding_box()
        page.get_by_role("button", name="zoom to kernel").tap()
        expect(page.locator(".cell:visible")).to_have_count(page.locator('[data-folder="kernel"] .cell').count())
        large = cell.bounding_box()
        assert small and large and large["width"] * large["height"] > 10 * small["width"] * small["height"]
        expect(cell).to_have_text("fork.c")
        page.get_by_role("button", name="← the whole kernel").tap()
        assert cell.bounding_box()["width"] == pytest.approx(small["width"], abs=1)  # type: ignore[index]
        page.locator(".pointed").get_by_role("button", name="write it").tap()
        is_written(page)


def test_colour_is_by_score_or_by_licence(page: Page) -> None:
    colour = "(name) => getComputedStyle(document.querySelector(`.cell[data-path='${name}']`)).backgroundColor"
    score = {row.path: row.reproduced for row in ATLASES[0].rows}
    same, other = "kernel/sched.c", "drivers/sound/gus_wave.c"  # in their licence, beside FILE
    for name in (same, other):
        assert (page.evaluate(colour, FILE) == page.evaluate(colour, name)) is (score[f"linux/{FILE}"] == score[f"linux/{name}"])
    expect(page.locator(".legend")).to_be_hidden()
    page.get_by_role("button", name="licence", exact=True).press("Enter")
    assert page.evaluate(colour, FILE) == page.evaluate(colour, same)
    assert page.evaluate(colour, FILE) != page.evaluate(colour, other)
    expect(page.locator(".legend li")).to_have_text(["GPL-2", "GPL-2 or later", "2-clause BSD", "GPL, no version named", "other terms"])


def test_the_poster_is_taken_away(page: Page) -> None:
    for name, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        assert saved(page, page.locator(".map").get_by_role("link", name=name)).read_bytes().startswith(begins)


def test_the_table_opens_with_the_best_and_is_searched_sorted_and_followed_by_keyboard(page: Page) -> None:
    heads, rows = page.locator(".files thead th"), page.locator(".files tbody tr:visible")
    value = "cells => cells.map((cell) => Number(cell.dataset.value))"
    expect(heads.nth(3)).to_have_attribute("aria-sort", "descending")
    shares = rows.locator("td:nth-child(4)").evaluate_all(value)
    assert shares == sorted(shares, reverse=True)
    page.get_by_label("Find a file").fill("kernel/ fork")
    expect(page.locator(".shown")).to_have_text("1 of 506 files")
    page.get_by_label("Find a file").fill("kernel/")
    for way in ("descending", "ascending"):
        page.get_by_role("button", name="bytes").press("Enter")
        expect(heads.nth(1)).to_have_attribute("aria-sort", way)
        sizes = rows.locator("td:nth-child(2)").evaluate_all(value)
        assert sizes == sorted(sizes, reverse=way == "descending")
    page.get_by_role("link", name=FILE, exact=True).press("Enter")
    is_written(page)


def test_the_map_fills_as_the_files_come_until_the_visitor_has_enough(page: Page) -> None:
    page.get_by_role("button", name="The whole kernel, please").click()
    page.locator("[data-filling] .cell.came").first.wait_for(timeout=PATIENCE)
    status = page.locator(".whole [role=status]")
    expect(status).to_have_text(
        re.compile(r"^[1-9]\d* of 506 files by our own model, each with the sha256 of the original$"), timeout=PATIENCE
    )
    assert page.locator(".cell.came").count() < page.locator(".cell").count()
    page.get_by_role("button", name="stop", exact=True).click()
    expect(status).to_have_text("Stopped.")
    expect(page.get_by_role("button", name="The whole kernel, please")).to_be_focused()
    assert page.locator("[data-filling]").count() == 0
    assert page.locator(".tar").is_hidden()


def test_a_slider_colours_the_map_by_what_fewer_bits_leave(page: Page) -> None:
    [measured] = read_all_bits(Settings().assets, SealedManifest.open(Settings().manifest_file)).values()
    slider, said, cell = page.get_by_label("Bits a weight"), page.locator(".by-bits output"), page.locator(CELL)
    expect(said).to_have_text("as shipped")
    label, count = cell.get_attribute("aria-label"), page.locator(".map .identical").count()
    for _ in range(4):
        slider.press("ArrowRight")
    [at] = [at for at, step in enumerate(measured.steps) if step.bits == 5]
    [file] = [file for file in measured.files if file.path == f"linux/{FILE}"]
    expect(said).to_contain_text(f"5 bits: {measured.steps[at].identical} of 506 files whole")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^5 bits: "))
    assert page.locator(".map .identical").count() == measured.steps[at].identical
    assert float(cell.evaluate("cell => parseFloat(cell.style.getPropertyValue('--share'))")) == pytest.approx(
        100 * file.reproduced(file.left[at]), abs=0.1
    )
    expect(cell).to_have_attribute("aria-label", re.compile(f"^{FILE}: .* with 5 bits; 233 lines, GPL-2$"))
    screenshot(page, "map-5-bits")
    slider.press("Home")
    expect(cell).to_have_attribute("aria-label", label or "")
    assert page.locator(".map .identical").count() == count
    slider.press("End")
    cell.click()
    page.wait_for_url(re.compile(rf"path=(linux/)?{FILE}&.*bits=3$"))
