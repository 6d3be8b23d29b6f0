"""A survey in the exhibit: the table, its map, and a row beside its original, for everybody, wide and narrow, light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from laam.__main__ import main
from laam.settings import Settings
from tests.browser.conftest import converted_model, go, screenshot, serving, visiting
from tests.browser.test_axe import SIZES, hold
from tests.conftest import made_up_file

PLAN = """
title = "Made-up files & others"
[files]
source = "tree"
[[models]]
name = "embedded"
[[contexts]]
given = "path"
[[contexts]]
given = "first"
lines = 5
write = 4
"""


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("survey")
    for name in ("pot", "pan"):
        (folder / "tree").mkdir(exist_ok=True)
        (folder / "tree" / f"{name}.c").write_text(made_up_file(name, 1), "utf-8")
    (folder / "plan.toml").write_text(PLAN, "utf-8")
    assert main(["survey", str(folder / "plan.toml"), "--out", str(folder / "out")], Settings(cache=converted_model())) == 0
    with serving(["app.py"], folder, LAAM_MODEL="embedded", LAAM_SURVEY=str(folder / "out")) as address:
        yield address


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}-{size[1]}")
def test_each_page_of_a_survey_can_be_used_by_everybody(browser: Browser, surveyed: str, size: tuple[int, str]) -> None:
    width, scheme = size
    with visiting(browser, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True) as page:
        go(page, surveyed)
        page.get_by_role("link", name="The survey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Made-up files & others")
        page.wait_for_load_state()  # or its style may not be there yet
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hold(page)
        screenshot(page, f"survey-{width}-{scheme}")
        page.get_by_role("row", name="embedded").get_by_role("link").last.press("Enter")
        expect(page.get_by_role("heading", level=2)).to_have_text("embedded: first 5 lines, then 4, greedy")
        page.get_by_role("link", name="pan.c").last.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("pan.c")
        expect(page.locator(".row").first).to_be_visible()
        page.wait_for_load_state()  # or its style may not be there yet
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hold(page)
        screenshot(page, f"survey-row-{width}-{scheme}")
