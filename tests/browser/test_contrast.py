"""A contrast theme of the visitor's system, in which the browser draws no background: what is only a background must show all the same."""

from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import PATIENCE, WRONG, exhibit_in, screenshot, visiting

FILE = "kernel/fork.c"


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with visiting(browser, color_scheme=request.param, forced_colors="active") as page:
        yield page


def colours(part: Locator) -> Counter[tuple[int, ...]]:
    """How many pixels of each colour a part of the page has."""
    data = Image.open(BytesIO(part.screenshot())).convert("RGB").tobytes()
    return Counter(zip(data[::3], data[1::3], data[2::3], strict=True))


def drawn(part: Locator) -> float:
    """The share of a part's pixels that are not the theme's background."""
    found = colours(part)
    canvas = part.page.evaluate(
        "() => { const d = document.createElement('div'); d.style.color = 'Canvas'; document.body.append(d);"
        "const c = getComputedStyle(d).color; d.remove(); return c.match(/\\d+/g).slice(0, 3).map(Number); }"
    )
    return 1 - found[tuple(canvas)] / found.total()


def test_bars_ticks_and_the_legend_s_swatch_are_seen(page: Page, address: str) -> None:
    page.goto(f"{address}?path={FILE}{WRONG}")
    exhibit_in(page, "done")
    assert drawn(page.locator(".signs .seal")) > 0.8
    assert drawn(page.locator(".rows .kd .seal").first) > 0.8
    same, differs = (drawn(page.locator(f".ticks .{name}").first) for name in ("same", "differs"))
    assert same > 0.6  # the gap beside it belongs to it
    assert 0.2 < differs < 0.8 * same
    screenshot(page, "contrast")


def test_the_bars_of_an_embed_are_seen_before_anybody_clicks(page: Page, address: str) -> None:
    page.goto(f"{address}embed?path={FILE}")
    assert drawn(page.locator(".bars .seal").nth(3)) > 0.8


def test_the_map_keeps_the_colours_of_the_licences(page: Page, address: str) -> None:
    page.goto(f"{address}map")
    cells = page.locator(".atlas .cells").first
    cells.wait_for(timeout=PATIENCE)
    page.locator(".map").first.get_by_role("button", name="licence").click()
    shown = colours(cells)
    tints = [colours(swatch).most_common(1)[0][0] for swatch in page.locator(".legend").first.locator("i").all()]
    assert len(set(tints)) == len(tints) > 3
    assert all(shown[tint] > 500 for tint in tints[:2])
