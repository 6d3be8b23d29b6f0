"""The exported site in a real Chromium: the model runs in the browser's own workers, and the panes are the exhibit's."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.__main__ import main
from laam.corpus.catalog import SourceFile
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, exhibit_in, field, screenshot
from tests.browser.engine_host import plain_host
from tests.known import smaller_exact_files

STOP_AT_ONCE = """() => new MutationObserver(() => document.querySelector("#stop").click())
  .observe(document.body, { attributes: true, attributeFilter: ["data-writing"] })"""


@pytest.fixture(scope="module")
def files() -> list[SourceFile]:
    return smaller_exact_files(6)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, files: list[SourceFile]) -> Iterator[tuple[Path, str]]:
    """A folder and its address: the site in `open`, which any page may read, and again in `closed`."""
    root = tmp_path_factory.mktemp("host")
    settings = Settings(cache=tmp_path_factory.mktemp("cache"))
    assert main(["export", str(root / "open"), "--only", *(file.path for file in files)], settings) == 0
    shutil.copytree(root / "open", root / "closed")
    with plain_host(root) as address:
        yield root, address


@pytest.fixture
def page(browser: Browser, host: tuple[Path, str]) -> Iterator[Page]:
    _, address = host
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((address, "data:", "blob:")) else faults.append(request.url))
    page.goto(f"{address}/open/")
    yield page
    context.close()
    assert faults == []


def write(page: Page, path: str) -> None:
    page.get_by_label("A file of Linux 1.0").fill(path)
    page.get_by_role("button", name="Write it").click()


def test_files_of_many_sizes_are_identical(page: Page, files: list[SourceFile]) -> None:
    for file in files:
        write(page, file.path)
        expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(file.sha256, timeout=PATIENCE)
        expect(page.locator(".verdict")).to_contain_text("byte for byte")
        assert page.locator(".opened .row.ke").count() == file.lines
    expect(page.locator(".mode")).to_have_text("Live the model wrote this just now, in your browser")
    assert page.url.endswith(f"?path={files[-1].path.removeprefix('linux/')}")
    with page.expect_download() as download:
        page.locator("[data-action=download]").click()
    assert Path(download.value.path()).stat().st_size == files[-1].size
    screenshot(page, "live")


def test_nothing_is_fetched_before_somebody_asks(page: Page, files: list[SourceFile]) -> None:
    fetched = "performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.safetensors')).length"
    page.locator('.exhibit[data-state="idle"]').wait_for()
    assert page.evaluate(fetched) == 0
    page.goto(f"{page.url}?path={files[0].path}")  # who follows a link has asked
    exhibit_in(page, "done")
    assert page.get_by_label("A file of Linux 1.0").input_value() == files[0].path.removeprefix("linux/")
    assert page.evaluate(fetched) == 2


def test_what_comes_out_wrong_shows_its_differences(page: Page, files: list[SourceFile]) -> None:
    page.get_by_role("button", name="settings").click()
    page.locator("#temperature").fill("1.5")
    write(page, files[len(files) // 2].path)
    page.locator("[data-field=sha256]", has_text="sha256").wait_for(timeout=PATIENCE)
    assert field(page, "verdict").startswith("At temperature 1.5, given only the file’s name")
    assert field(page, "sha256") == "sha256 differs"
    assert page.locator(".row .seal").count() > 0
    assert page.locator(".row.kd, .row.ki").count() > 0


def test_stop_ends_it(page: Page, files: list[SourceFile]) -> None:
    page.evaluate(STOP_AT_ONCE)
    write(page, files[-1].path)
    expect(page.locator(".verdict")).to_contain_text("It was stopped before its end.", timeout=PATIENCE)
    page.get_by_role("button", name="Write it").wait_for(timeout=PATIENCE)


@pytest.mark.parametrize("folder", ["open", "closed"])
def test_the_embed_in_a_sandboxed_frame(page: Page, host: tuple[Path, str], files: list[SourceFile], folder: str) -> None:
    root, address = host
    file = files[4]
    (root / "frame.html").write_text(
        f'<iframe sandbox="allow-scripts" src="{folder}/embed.html?path={file.path}" width="700"></iframe>', "utf-8"
    )
    page.goto(f"{address}/frame.html")
    frame = page.frame_locator("iframe")
    frame.locator('.exhibit[data-state="ready"] .seal').first.wait_for()
    frame.get_by_role("button", name="Let your browser write it").click()
    if folder == "open":
        expect(frame.locator('[data-field="emitted_sha256"]')).to_have_text(file.sha256, timeout=PATIENCE)
        expect(frame.get_by_role("button", name="Write it again")).to_be_enabled()
        return
    told = "The model can't be fetched: there is no connection, or its host doesn't let this page read it."
    expect(frame.locator(".run")).to_have_text(told, timeout=PATIENCE)
    expect(frame.locator(".run")).to_be_enabled()


@pytest.mark.parametrize("folder", ["open", "closed"])
def test_the_site_in_a_sandboxed_frame(page: Page, host: tuple[Path, str], files: list[SourceFile], folder: str) -> None:
    root, address = host
    (root / "frame.html").write_text(
        f'<iframe sandbox="allow-scripts" src="{folder}/index.html" width="700" height="900"></iframe>', "utf-8"
    )
    page.goto(f"{address}/frame.html")
    frame = page.frame_locator("iframe")
    if folder == "closed":
        expect(frame.get_by_role("alert")).to_contain_text("stands in a sandboxed frame, where it can’t load its scripts: its host")
        return
    for file, key in ((files[2], "Enter"), (files[3], "")):
        frame.get_by_label("A file of Linux 1.0").fill(file.path)
        if key:
            frame.get_by_label("A file of Linux 1.0").press(key)
        else:
            frame.get_by_role("button", name="Write it").click()
        expect(frame.locator('[data-field="emitted_sha256"]')).to_have_text(file.sha256, timeout=PATIENCE)
    assert page.frames[1].evaluate("origin") == "null"
