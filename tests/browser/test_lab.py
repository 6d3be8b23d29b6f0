"""The lab: what is asked of the file in its field, and a slider over archives that were measured before."""

import re

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from laam.corpus.sealed import SealedManifest
from laam.measure.archives import read_archives
from laam.measure.lossy_picture import HEIGHT, WIDTH
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, OpenPage, go, screenshot, visiting

FILE = "kernel/info.c"  # short


def lab(open_page: OpenPage, path: str = FILE) -> Page:
    """By a link that names the file."""
    page = open_page(390, scheme="dark", query=f"lab?path={path}")
    expect(page.locator("#path")).to_have_value(path)
    return page


def test_the_literature_s_measures_come_when_asked_for_and_go_with_the_file(open_page: OpenPage) -> None:
    page = lab(open_page)
    section = page.locator(".literature")
    section.get_by_role("button", name="Measure it").click()
    section.locator("dt", has_text="adversarial compression ratio").wait_for(timeout=PATIENCE)
    assert section.locator("dt").count() == section.locator('dd a[href^="https://arxiv.org/abs/"]').count() == 8
    assert "k = 50: " in section.locator("dd").nth(1).inner_text()
    section.scroll_into_view_if_needed()
    screenshot(page, "literature-390")
    page.locator("#path").fill("fs/exec.c")
    expect(section.locator("dl")).to_be_hidden()


def test_what_is_asked_of_no_file_is_refused_in_words(browser: Browser, address: str) -> None:
    with visiting(browser, address, allowed="status of 404") as page:
        go(page, f"{address}lab")
        for name, told in (("", "Choose a file first."), ("<img src=x>", "<img src=x>")):
            page.locator("#path").fill(name)
            page.get_by_role("button", name="Measure it").click()
            expect(page.locator(".literature [role=status]")).to_contain_text(told)
            expect(page.locator(".literature dl *")).to_have_count(0)


def test_a_visitor_drops_files_and_sees_what_comes_back(open_page: OpenPage) -> None:
    archives = read_archives(Settings().assets, SealedManifest.open(Settings().manifest_file))
    assert archives is not None
    page = lab(open_page)
    section = page.locator(".lab")
    row, slider = section.locator('[data-packer="xz"]'), section.get_by_label("Drop so many percent of the files")

    def shows(order: str, percent: int) -> None:
        [step] = [step for step in archives.steps[order] if step.percent == percent]
        expect(section.locator("output")).to_have_text(f"{percent} %")
        expect(row.locator(".bytes")).to_have_text(f"{step.xz:,}")
        expect(row.locator(".whole")).to_have_text(f"{step.files:,} of {archives.files:,}")
        expect(section.locator(".said")).to_contain_text(f"With {archives.files - step.files:,} of {archives.files:,} files dropped")

    shows("smallest", 5)
    section.get_by_label("the largest").check()
    shows("largest", 5)
    slider.press("ArrowRight")
    shows("largest", 10)
    slider.press("End")
    shows("largest", 100)
    expect(section.locator(".said")).to_contain_text("gives back 0.0 % of the characters: less than our own model does.")
    section.get_by_role("button", name="the post’s 5 %").click()
    shows("largest", 5)


def test_the_picture_of_the_lossy_copy_is_saved_as_it_is_shown(open_page: OpenPage) -> None:
    page = lab(open_page)
    section = page.locator(".lossy")
    section.scroll_into_view_if_needed()
    with page.expect_download() as saved:
        section.get_by_role("button", name="Save as PNG").click()
    assert saved.value.suggested_filename == "lossy-copy.png"
    with Image.open(saved.value.path()) as picture:
        colours = picture.convert("RGB").getcolors(picture.width * picture.height) or []
        assert picture.size == (WIDTH * 3, HEIGHT * 3)
    drawn = {colour for count, colour in colours if count > 500}
    shown = [section.locator(f"svg {part}").evaluate("part => getComputedStyle(part).color") for part in (".archive", ".model")]
    for colour in (*shown, page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")):
        assert tuple(map(int, re.findall(r"\d+", colour))) in drawn
