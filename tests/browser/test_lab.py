"""The lab below the map: a slider over archives that were measured before."""

from playwright.sync_api import expect

from laam.corpus.sealed import SealedManifest
from laam.measure.archives import read_archives
from laam.settings import Settings
from tests.browser.conftest import OpenPage, screenshot


def test_a_visitor_drops_files_and_sees_what_comes_back(open_page: OpenPage) -> None:
    archives = read_archives(Settings().assets, SealedManifest.open(Settings().manifest_file))
    assert archives is not None
    page = open_page(390)
    lab = page.locator(".lab")
    row = lab.locator('[data-packer="xz"]')
    slider = lab.get_by_label("Drop so many percent of the files")

    def shows(order: str, percent: int) -> None:
        [step] = [step for step in archives.steps[order] if step.percent == percent]
        expect(lab.locator("output")).to_have_text(f"{percent} %")
        expect(row.locator(".bytes")).to_have_text(f"{step.xz:,}")
        expect(row.locator(".whole")).to_have_text(f"{step.files:,} of {archives.files:,}")
        expect(lab.locator(".said")).to_contain_text(f"With {archives.files - step.files:,} of {archives.files:,} files dropped")

    shows("smallest", 5)
    lab.get_by_label("the largest").check()
    shows("largest", 5)
    slider.focus()
    page.keyboard.press("ArrowRight")
    shows("largest", 10)
    page.keyboard.press("End")
    shows("largest", 100)
    expect(lab.locator(".said")).to_contain_text("gives back 0.0 % of the characters: less than the model does.")
    lab.get_by_role("button", name="the post’s 5 %").click()
    shows("largest", 5)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    lab.scroll_into_view_if_needed()
    screenshot(page, "lab")
