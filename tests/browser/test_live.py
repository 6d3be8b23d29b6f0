"""The exported site in a real Chromium: the model runs in the browser's own workers, and the panes are the exhibit's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from laam.corpus.catalog import SourceFile
from tests.browser.conftest import PATIENCE, exhibit_in, field, go, open_panel, saved, screenshot, visiting, write
from tests.known import smaller_exact_files

STOP_AT_ONCE = """() => new MutationObserver(() => document.querySelector("#stop").click())
  .observe(document.body, { attributes: true, attributeFilter: ["data-writing"] })"""


@pytest.fixture(scope="module")
def files() -> list[SourceFile]:
    return smaller_exact_files(6)


@pytest.fixture(scope="module")
def host(whole_site: tuple[Path, str]) -> tuple[Path, str]:
    """A folder and its address: the site in `open`, which any page may read, and again in `closed`."""
    folder, address = whole_site
    (folder.parent / "closed").symlink_to(folder)
    return folder.parent, address.removesuffix("/open/")


@pytest.fixture
def page(browser: Browser, host: tuple[Path, str]) -> Iterator[Page]:
    with visiting(browser, host[1]) as page:
        go(page, f"{host[1]}/open/")
        yield page


def framed(page: Page, host: tuple[Path, str], address: str) -> FrameLocator:
    """A page of the site in a frame of a page beside it that may only run scripts."""
    root, site = host
    frame = f'<iframe sandbox="allow-scripts" src="{address}" width="700" height="900"></iframe>'
    name = f"{abs(hash(address))}.html"  # what has the same name comes out of the cache
    (root / name).write_text(f'<link rel="icon" href="data:,">{frame}', "utf-8")
    page.goto(f"{site}/{name}")
    return page.frame_locator("iframe")


def test_files_of_many_sizes_are_identical(page: Page, files: list[SourceFile]) -> None:
    for file in files[1::2]:
        write(page, file.path)
        expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(file.sha256, timeout=PATIENCE)
        expect(page.locator(".verdict")).to_contain_text("byte for byte")
        assert page.locator(".opened .row.ke").count() == file.lines
    expect(page.locator(".mode")).to_have_text("Live the model wrote this just now, in your browser")
    assert page.url.endswith(f"?path={files[-1].path.removeprefix('linux/')}")
    assert saved(page, page.locator("[data-action=download]")).stat().st_size == files[-1].size
    screenshot(page, "live")


def test_nothing_is_fetched_before_somebody_asks(page: Page, files: list[SourceFile]) -> None:
    fetched = "performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.safetensors')).length"
    page.locator('.exhibit[data-state="idle"]').wait_for()
    assert page.evaluate(fetched) == 0
    go(page, f"{page.url}?path={files[0].path}")  # who follows a link has asked
    exhibit_in(page)
    assert page.locator("#path").input_value() == files[0].path.removeprefix("linux/")
    assert page.evaluate(fetched) == 2


def test_what_comes_out_wrong_shows_its_differences(page: Page, files: list[SourceFile]) -> None:
    open_panel(page, "more")
    page.locator("#temperature").fill("1.5")
    write(page, files[len(files) // 2].path)
    page.locator("[data-field=sha256]", has_text="sha256").wait_for(timeout=PATIENCE)
    assert field(page, "verdict").startswith("At temperature 1.5, given the file’s name")
    assert field(page, "sha256") == "sha256 differs"
    assert page.locator(".row .seal").count() > 0
    assert page.locator(".row.kd, .row.ki").count() > 0


def test_stop_ends_it(page: Page, files: list[SourceFile]) -> None:
    page.evaluate(STOP_AT_ONCE)
    write(page, files[-1].path)
    expect(page.locator(".verdict")).to_contain_text("It was stopped before its end.", timeout=PATIENCE)
    page.get_by_role("button", name="Write it").wait_for(timeout=PATIENCE)


def test_the_embed_in_a_sandboxed_frame(page: Page, host: tuple[Path, str], files: list[SourceFile]) -> None:
    frame = framed(page, host, f"open/embed.html?path={files[4].path}")
    frame.locator('.exhibit[data-state="ready"] .seal').first.wait_for()
    frame.get_by_role("button", name="Let your browser write it").click()
    expect(frame.locator('[data-field="emitted_sha256"]')).to_have_text(files[4].sha256, timeout=PATIENCE)
    expect(frame.get_by_role("button", name="Write it again")).to_be_enabled()


def test_the_site_in_a_sandboxed_frame(page: Page, host: tuple[Path, str], files: list[SourceFile]) -> None:
    frame = framed(page, host, "open/index.html")
    frame.locator("#path").fill(files[2].path)
    frame.locator("#path").press("Enter")
    expect(frame.locator('[data-field="emitted_sha256"]')).to_have_text(files[2].sha256, timeout=PATIENCE)
    write(frame, files[3].path)
    expect(frame.locator('[data-field="emitted_sha256"]')).to_have_text(files[3].sha256, timeout=PATIENCE)
    assert page.frames[1].evaluate("origin") == "null"


def test_in_a_frame_that_may_fetch_nothing_site_and_embed_say_so(browser: Browser, host: tuple[Path, str], files: list[SourceFile]) -> None:
    page = browser.new_page()
    expect(framed(page, host, "closed/index.html").locator(".unloaded")).to_contain_text("its host must let any page read them")
    run = framed(page, host, f"closed/embed.html?path={files[4].path}").locator(".run")
    run.click()
    told = "The model can't be fetched: there is no connection, or its host doesn't let this page read it."
    expect(run).to_have_text(told, timeout=PATIENCE)
    expect(run).to_be_enabled()
    page.close()
