"""The map and the table of the whole kernel, in Chromium, on what is shipped."""

import pytest
from playwright.sync_api import Browser, Page, expect

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


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
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


def test_arrow_keys_go_from_file_to_file_and_enter_writes_one(open_atlas: OpenPage) -> None:
    page = open_atlas()
    cell = page.locator(f'.atlas .cell[data-path="{FILE}"]')
    cell.focus()
    expect(page.locator(".atlas .pointed")).to_contain_text(f"{FILE} sha256 identical; 233 lines, GPL-2")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        before = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
        page.keyboard.press(key)
        after = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
        edge, way = (
            ("left", 1 if key == "ArrowRight" else -1) if key in ("ArrowLeft", "ArrowRight") else ("top", 1 if key == "ArrowDown" else -1)
        )
        assert (after[edge] - before[edge]) * way > 0, key
    assert page.locator('.atlas .cell[tabindex="0"]').count() == 1
    cell.focus()
    page.keyboard.press("Enter")
    assert written(page) == f"linux/{FILE}"


def test_a_first_touch_points_at_a_file_and_a_folder_fills_the_map(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="The map of all 506 files").tap()
    cell = page.locator(f'.atlas .cell[data-path="{FILE}"]')
    cell.tap(timeout=PATIENCE)
    expect(page.locator(".atlas .pointed b")).to_have_text(FILE)
    small = cell.bounding_box()
    page.get_by_role("button", name="zoom to kernel").tap()
    expect(page.locator(".atlas .cell:visible")).to_have_count(page.locator('.atlas [data-folder="kernel"] .cell').count())
    large = cell.bounding_box()
    assert small and large and large["width"] * large["height"] > 10 * small["width"] * small["height"]
    expect(cell).to_have_text("fork.c")
    page.get_by_role("button", name="← the whole kernel").tap()
    assert cell.bounding_box()["width"] == pytest.approx(small["width"], abs=1)  # type: ignore[index]
    page.locator(".pointed").get_by_role("button", name="write it").tap()
    assert written(page) == f"linux/{FILE}"
    context.close()


def test_colour_is_by_score_or_by_licence(open_atlas: OpenPage) -> None:
    page = open_atlas()
    colour = "(name) => getComputedStyle(document.querySelector(`.atlas .cell[data-path='${name}']`)).backgroundColor"
    [atlas] = read_atlases(Settings().assets)
    score = {row.path: row.reproduced for row in atlas.rows}
    same, other = "kernel/sched.c", "drivers/sound/gus_wave.c"  # in their licence, beside FILE
    for name in (same, other):
        assert (page.evaluate(colour, FILE) == page.evaluate(colour, name)) is (score[f"linux/{FILE}"] == score[f"linux/{name}"])
    expect(page.locator(".atlas .legend")).to_be_hidden()
    page.get_by_role("button", name="licence", exact=True).press("Enter")
    assert page.evaluate(colour, FILE) == page.evaluate(colour, same)
    assert page.evaluate(colour, FILE) != page.evaluate(colour, other)
    assert page.locator(".atlas .legend").inner_text().split("\n") == [
        "GPL-2", "GPL-2 or later", "2-clause BSD", "GPL, no version named", "other terms",
    ]  # fmt: skip


def test_the_poster_is_taken_away(open_atlas: OpenPage) -> None:
    page = open_atlas()
    for name, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as download:
            page.locator(".atlas .map").get_by_role("link", name=name).click()
        assert download.value.path().read_bytes().startswith(begins)


def test_the_table_opens_with_the_best(open_atlas: OpenPage) -> None:
    page = open_atlas()
    expect(page.locator(".atlas .files thead th").nth(3)).to_have_attribute("aria-sort", "descending")
    shares = page.locator(".atlas .files tbody td:nth-child(4)").evaluate_all("cells => cells.map((cell) => Number(cell.dataset.value))")
    assert shares == sorted(shares, reverse=True)


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
    page.get_by_role("link", name=FILE, exact=True).press("Enter")
    assert written(page) == f"linux/{FILE}"
