"""Links and the share panel, in Chromium: every copied text is tried where it belongs."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.corpus.sealed import SealedManifest
from laam.settings import Settings
from tests.browser.conftest import chip, exhibit_in, screenshot

NAME = "kernel/fork.c"
PATIENCE = 120_000  # milliseconds, for a slow machine
QUERY = f"?path=linux/{NAME}&model=embedded"

Visit = Callable[[str], Page]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Opens an address of the exhibit in a context that may copy; no page may have had an error."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]
    )
    faults: list[str] = []

    def open_(query: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address + query)
        page.locator("#emit").wait_for(state="attached")
        return page

    yield open_
    context.close()
    assert faults == []


def finished(page: Page) -> None:
    exhibit_in(page, "done")


def copied(page: Page, what: str) -> str:
    page.locator(".panel").get_by_role("button", name=what, exact=True).click()
    expect(page.locator(".panel output")).to_have_text("Copied.")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_the_address_bar_holds_what_is_shown_and_a_link_shows_it_again(visit: Visit, address: str) -> None:
    page = visit("")
    chip(page, NAME).click()
    finished(page)
    assert page.url == address + QUERY
    page.locator('.row[data-o="20"] .n').first.click()
    assert page.url == f"{address}{QUERY}#L20"
    page.reload()
    finished(page)
    assert page.locator('[data-field="reproduced"]').inner_text() == "100 %"
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ")
    expect(page.locator(".row.current")).to_have_attribute("data-o", "20")
    assert page.url == f"{address}{QUERY}#L20"
    expect(page.locator("#path input")).to_have_value(NAME)


def test_a_link_carries_all_settings(visit: Visit) -> None:
    page = visit(f"?path={NAME}&t=0.3&k=5&seed=11&n=40")
    finished(page)
    assert page.locator('[data-field="settings"]').inner_text() == "Temperature 0.3, top-k 5, seed 11."
    assert "path=linux/kernel/fork.c&model=embedded&t=0.3&k=5&seed=11&n=40" in page.url


@pytest.mark.parametrize("join", ["&amp;", "&amp;amp;", "&#038;", "%26amp%3B"])
def test_a_link_that_was_escaped_too_often_shows_what_was_cited(visit: Visit, join: str) -> None:
    page = visit(join.join([f"?path={NAME}", "temperature=0.3", "seed=11", "n=40"]))
    finished(page)
    assert page.locator('[data-field="settings"]').inner_text() == "Temperature 0.3, seed 11."
    page.wait_for_url("**/?path=linux/kernel/fork.c&model=embedded&t=0.3&seed=11&n=40")


def test_an_unknown_key_is_named_as_long_as_its_link_is_shown(visit: Visit) -> None:
    page = visit(f"?path={NAME}&n=40&heat=0.7&utm_source=x")
    finished(page)
    expect(page.locator(".of-link")).to_have_text("This link has a key that the exhibit doesn’t know: heat.", timeout=PATIENCE)
    chip(page, "drivers/net/3c503.c").click()
    expect(page.locator(".of-link")).to_be_hidden(timeout=PATIENCE)


def test_back_leads_to_the_emission_before(visit: Visit, address: str) -> None:
    page = visit(QUERY)
    finished(page)
    chip(page, "drivers/net/3c503.c").click()
    expect(page.locator('[data-field="file"]')).to_have_text("linux/drivers/net/3c503.c", timeout=PATIENCE)
    finished(page)
    page.go_back()
    expect(page.locator('[data-field="file"]')).to_have_text(f"linux/{NAME}", timeout=PATIENCE)
    finished(page)
    assert page.url == address + QUERY


def test_a_link_that_makes_no_sense_says_so(visit: Visit) -> None:
    page = visit("?path=kernel/shed.c<img src=x onerror=window.hacked=1>")
    expect(page.locator(".notice")).to_contain_text("shed.c<img src=x", timeout=PATIENCE)
    assert page.evaluate("window.hacked") is None


def test_what_the_panel_copies_and_saves(visit: Visit, address: str) -> None:
    page = visit(QUERY)
    finished(page)
    link = copied(page, "link")
    assert link == address + QUERY
    assert f'<meta property="og:title" content="linux/{NAME}: 100 % reproduced' in page.request.get(link).text()
    frame, markdown = copied(page, "embed"), copied(page, "Markdown")
    screenshot(page, "panel")
    assert markdown.startswith("[![linux/kernel/fork.c: 100 %](")
    digest = SealedManifest.open(Settings().manifest_file).original(NAME).file.sha256
    for name, suffix in (("text", "fork.c"), ("JSON", "fork.c.json"), ("patch", "fork.c.patch"), ("card", "fork.c.png")):
        with page.expect_download() as download:
            page.locator(".panel").get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename == suffix
        data = Path(download.value.path()).read_bytes()
        if name == "text":
            assert sha256(data).hexdigest() == digest
        if name == "JSON":
            assert json.loads(data)["score"]["emitted_sha256"] == digest
        if name == "card":
            assert data.startswith(b"\x89PNG")

    page.set_content(f"<!doctype html>{frame}")  # what was copied, pasted into another page
    inner = page.frame_locator("iframe")
    inner.get_by_role("button", name="Let the model write it").click()
    exhibit_in(inner, "done")
