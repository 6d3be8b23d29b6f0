"""The static site's recordings in Chromium, from a sub-folder of a plain file server, with nothing else behind it."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, exhibit_in, go, original, saved, screenshot, visiting

FILE, OTHER = "kernel/fork.c", "kernel/info.c"
FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries()[0].startTime))
  .observe({type: 'paint', buffered: true}))"""


@pytest.fixture
def page(browser: Browser, recorded_site: str) -> Iterator[Page]:
    with visiting(browser, recorded_site, allowed="ERR_FAILED") as page:
        go(page, recorded_site)
        yield page


def replay(page: Page, name: str) -> None:
    page.locator("#path").fill(name)
    page.locator("[value=replay]").click()


def test_a_recording_is_replayed_with_its_rows_and_score(page: Page) -> None:
    file = original(FILE).file
    replay(page, "fork.c")
    exhibit_in(page)
    expect(page.locator('[data-field="reproduced"]')).to_have_text("100 %")
    expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(file.sha256)
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ")
    expect(page.locator(".opened .row")).to_have_count(file.lines)  # which the page may play by itself when it was clicked on
    assert page.url.endswith("/open/?path=kernel/fork.c")
    text = saved(page, page.locator("[data-action=download]"))
    assert (text.name, sha256(text.read_bytes()).hexdigest()) == ("fork.c", file.sha256)
    screenshot(page, "twin")


def test_a_link_replays_and_so_does_the_map_and_the_way_back(page: Page, recorded_site: str) -> None:
    go(page, f"{recorded_site}?path={OTHER}")
    exhibit_in(page, file=f"linux/{OTHER}")
    expect(page.locator(".forget")).to_be_visible(timeout=PATIENCE)  # it comes above the map, which it moves
    page.locator(".map").get_by_role("link", name="fork.c").click()
    exhibit_in(page, file=f"linux/{FILE}")
    page.go_back()
    exhibit_in(page, file=f"linux/{OTHER}")
    replay(page, FILE)
    exhibit_in(page, file=f"linux/{FILE}")
    page.go_back()
    exhibit_in(page, file=f"linux/{OTHER}")
    assert page.url == f"{recorded_site}?path={OTHER}"


def test_every_link_of_the_site_leads_somewhere(page: Page, recorded_site: str) -> None:
    own = "all => all.map(({ href }) => href.split('#')[0]).filter((href) => href.startsWith('http://127.0.0.1'))"
    for name in ("", "question.html"):
        page.goto(recorded_site + name)
        links = set(page.locator("a[href]").evaluate_all(own))
        assert {link: page.request.get(link).status for link in links} == dict.fromkeys(links, 200)
    expect(page.locator("[aria-current]")).to_have_text("The question")


def test_a_name_without_a_file_is_said_and_is_no_markup(page: Page) -> None:
    replay(page, "<img src=x onerror=window.hacked=1>")
    expect(page.locator(".notice")).to_contain_text("There is no file “<img src=x")
    assert page.evaluate("window.hacked") is None
    assert page.evaluate(FIRST_PAINT) > 0


def test_the_same_page_writes_the_file_and_says_which_of_both_it_shows(page: Page) -> None:
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ", timeout=PATIENCE)
    page.get_by_role("button", name="Write it").click()
    expect(page.locator(".mode")).to_have_text("Live the model wrote this just now, in your browser", timeout=PATIENCE)
    expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(original(FILE).file.sha256)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("digest", "The model file is not the one that this page was made with: its sha256 is another. Reload the page."),
        ("missing", "The model can't be fetched: there is no connection, or its host doesn't let this page read it."),
        ("no simd", "This browser can't run the model: its WebAssembly has no SIMD. A newer one has."),
        ("no worker", "The model can't start: this browser gives the page no worker."),
    ],
)
def test_where_the_model_cannot_run_the_recording_is_shown(page: Page, broken: str, told: str) -> None:
    if broken == "digest":
        page.route("**/model.safetensors", lambda route: route.fulfill(body=b"another"))
    elif broken == "missing":
        page.route("**/model.safetensors", lambda route: route.abort())
    elif broken == "no simd":
        page.evaluate("WebAssembly.validate = () => false")
    else:
        page.evaluate("() => { Worker = class { constructor() { throw new Error(); } }; }")
    page.get_by_role("button", name="Write it").click()
    expect(page.locator(".notice")).to_have_text(f"{told} What follows is the recording.", timeout=PATIENCE)
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ", timeout=PATIENCE)
    exhibit_in(page)


def test_the_browser_rounds_the_model_and_draws_what_is_left(page: Page, recorded_site: str) -> None:
    go(page, f"{recorded_site}?path={OTHER}&bits=4")
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("Rounded to 4 bits a weight, given the file’s name", timeout=PATIENCE)
    exhibit_in(page, file=f"linux/{OTHER}")
    expect(page.locator('[data-field="model"]')).to_contain_text("rounded to 4 bits a weight, ")
    bits = page.locator('.losing[data-row="bits"]')
    bits.get_by_role("button", name="Round it").click()
    expect(bits.locator("li.done svg")).to_have_count(6, timeout=PATIENCE)
    slider, said = bits.get_by_role("slider"), bits.locator("output")
    expect(said).to_contain_text("4 bits: ")  # as in the address
    assert said.inner_text().removeprefix("4 bits: ").partition(".")[0] in verdict.inner_text()
    slider.press("Home")
    expect(said).to_have_text("8 bits: 42 of 42 lines. Is it still GPL-2?")
