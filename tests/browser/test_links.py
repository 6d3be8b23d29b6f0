"""Links and the share panel, in Chromium: every copied text is tried where it belongs."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, chip, copied, exhibit_in, field, go, original, saved, screenshot, visiting
from tests.browser.engine_host import blog

NAME, OTHER = "kernel/fork.c", "drivers/net/3c503.c"
QUERY = f"?path=linux/{NAME}&model=embedded"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The front page in a tab that may copy."""
    with visiting(browser, address, permissions=["clipboard-read", "clipboard-write"]) as page:
        go(page, address)
        yield page


def test_the_address_bar_holds_what_is_shown_and_a_link_shows_it_again(page: Page, address: str) -> None:
    chip(page, NAME).click()
    exhibit_in(page)
    assert page.url == address + QUERY
    assert page.title() == f"linux/{NAME}: 100 % reproduced – Linux as a Model"
    page.locator('.row[data-o="20"] .n').first.click()
    assert page.url == f"{address}{QUERY}#L20"
    assert copied(page, "link") == page.url
    page.reload()
    exhibit_in(page)
    assert field(page, "reproduced") == "100 %"
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ")
    expect(page.locator(".row.current")).to_have_attribute("data-o", "20")
    assert page.url == f"{address}{QUERY}#L20"
    expect(page.locator("#path")).to_have_value(NAME)


def test_a_link_carries_all_settings(page: Page, address: str) -> None:
    go(page, f"{address}?path={NAME}&t=0.3&k=5&seed=11&n=40")
    exhibit_in(page)
    page.get_by_role("button", name="details").click()
    assert field(page, "settings") == "Temperature 0.3, top-k 5, seed 11."
    assert "path=linux/kernel/fork.c&model=embedded&t=0.3&k=5&seed=11&n=40" in page.url


def test_a_lossy_copy_has_a_row_of_its_own_and_the_one_above_leads_to_the_model_as_shipped(page: Page, address: str) -> None:
    go(page, f"{address}?path={NAME}&bits=2&pruned=0.1&n=40")
    exhibit_in(page)
    lossy = "without the smallest 10 % of its weights and rounded to 2 bits a weight"
    rows = page.locator(".compared li")
    expect(rows.locator(".model > :first-child")).to_have_text([re.compile("^our own model, "), f"our own model {lossy}"])
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    assert page.title() == f"linux/{NAME}, {lossy}: {field(page, 'reproduced')} reproduced – Linux as a Model"
    assert "path=linux/kernel/fork.c&model=embedded&bits=2&pruned=0.1&n=40" in page.url
    rows.nth(0).get_by_role("link").click()
    page.wait_for_url("**/?path=linux/kernel/fork.c&model=embedded&n=40")
    exhibit_in(page)
    expect(rows).to_have_count(1)
    expect(page.locator("#bits")).to_have_value("0")
    expect(page.locator("#pruned")).to_have_value("0")


@pytest.mark.parametrize("join", ["&amp;", "&amp;amp;", "&#038;", "%26amp%3B"])
def test_a_link_that_was_escaped_too_often_shows_what_was_cited(page: Page, address: str, join: str) -> None:
    page.goto(address + join.join([f"?path={NAME}", "temperature=0.3", "seed=11", "n=40"]))
    page.wait_for_url("**/?path=linux/kernel/fork.c&model=embedded&t=0.3&seed=11&n=40")
    exhibit_in(page)
    assert field(page, "settings") == "Temperature 0.3, seed 11."


def test_an_unknown_key_is_named_as_long_as_its_link_is_shown(page: Page, address: str) -> None:
    go(page, f"{address}?path={NAME}&n=40&heat=0.7&utm_source=x")
    exhibit_in(page)
    expect(page.locator(".of-link")).to_have_text("This link has a key that the exhibit doesn’t know: heat.", timeout=PATIENCE)
    chip(page, OTHER).click()
    expect(page.locator(".of-link")).to_be_hidden(timeout=PATIENCE)


def test_back_and_forward_lead_to_the_emissions_before_and_after(page: Page, address: str) -> None:
    go(page, address + QUERY)
    exhibit_in(page)
    chip(page, OTHER).click()
    exhibit_in(page, file=f"linux/{OTHER}")
    page.go_back()
    exhibit_in(page, file=f"linux/{NAME}")
    assert page.url == address + QUERY
    page.go_forward()
    exhibit_in(page, file=f"linux/{OTHER}")
    expect(page.locator("#path")).to_have_value(OTHER)


def test_what_the_panel_copies_and_saves(page: Page, browser: Browser, address: str) -> None:
    go(page, address + QUERY)
    exhibit_in(page)
    link = copied(page, "link")
    assert link == address + QUERY
    assert f'<meta property="og:title" content="linux/{NAME}: 100 % reproduced' in page.request.get(link).text()
    assert copied(page, "Markdown").startswith("[![linux/kernel/fork.c: 100 % reproduced](")
    assert copied(page, "BibTeX").startswith("@")
    assert f"{address}share/linux/{NAME}?model=embedded" in copied(page, "plain")
    frame = copied(page, "embed")
    screenshot(page, "panel")
    digest = original(NAME).file.sha256
    texts = {
        name: saved(page, page.locator(".panel").get_by_role("link", name=name, exact=True)) for name in ("text", "JSON", "patch", "card")
    }
    assert [file.name for file in texts.values()] == ["fork.c", "fork.c.json", "fork.c.patch", "fork.c.png"]
    assert sha256(texts["text"].read_bytes()).hexdigest() == digest
    assert json.loads(texts["JSON"].read_bytes())["score"]["emitted_sha256"] == digest
    assert texts["card"].read_bytes().startswith(b"\x89PNG")
    with blog(frame) as site, visiting(browser, site, address) as post:  # what was copied, pasted into another page
        post.goto(site)
        inner = post.frame_locator("iframe")
        inner.get_by_role("button", name="Let the model write it").click()
        exhibit_in(inner)


def test_a_shared_link_reads_well_without_a_script(browser: Browser, address: str) -> None:
    with visiting(browser, address, allowed="status of 404", viewport={"width": 390, "height": 800}, java_script_enabled=False) as page:
        page.goto(f"{address}share/{NAME}")
        expect(page.locator(".number")).to_have_text("100 %")
        expect(page.get_by_role("link", name="Watch it being written")).to_have_attribute("href", f"{address}?path=linux/{NAME}")
        assert page.locator(".ticks i").first.bounding_box()
        answer = page.goto(f"{address}share/kernel/shed.c")
        assert answer is not None
        assert answer.status == 404
        page.get_by_role("link", name="linux/kernel/sched.c").click()
        expect(page.locator("h1")).to_have_text("linux/kernel/sched.c")
