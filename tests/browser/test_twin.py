"""The static site's recordings in Chromium, from a sub-folder of a plain file server, with nothing else behind it."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, cache_in, exhibit_in, screenshot
from tests.browser.engine_host import plain_host

FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries()[0].startTime))
  .observe({type: 'paint', buffered: true}))"""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two recordings of the shipped model, as a site in a sub-folder."""
    root = tmp_path_factory.mktemp("host")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAAM_CACHE", str(cache_in(tmp_path_factory.mktemp("cache"))))
        assert main(["export", str(root / "some" / "where"), "--recordings", "--only", "kernel/fork.c", "kernel/info.c"]) == 0

    with plain_host(root) as address:
        yield f"{address}/some/where/"


@pytest.fixture
def page(browser: Browser, twin: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda answer: faults.append(answer.url) if answer.status >= 400 else None)
    page.on("request", lambda request: None if request.url.startswith((twin, "data:", "blob:")) else faults.append(request.url))
    page.goto(twin)
    yield page
    context.close()
    assert faults == []


def test_a_recording_is_replayed_with_its_rows_and_score(page: Page) -> None:
    original = SealedManifest.open(Settings().manifest_file).original("kernel/fork.c")
    page.get_by_label("A file of Linux 1.0").fill("fork.c")
    page.locator(".ask").get_by_role("button", name="Replay").click()
    exhibit_in(page, "done")
    expect(page.locator('[data-field="reproduced"]')).to_have_text("100 %")
    expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(original.file.sha256)
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ")
    expect(page.locator(".opened .row")).to_have_count(original.file.lines)  # which the page may play by itself when it was clicked on
    assert page.url.endswith("/some/where/?path=kernel/fork.c")
    with page.expect_download() as download:
        page.locator("[data-action=download]").click()
    assert download.value.suggested_filename == "fork.c"
    assert sha256(Path(download.value.path()).read_bytes()).hexdigest() == original.file.sha256
    screenshot(page, "twin")


def test_a_link_replays_and_so_does_the_map_and_the_way_back(page: Page, twin: str) -> None:
    page.goto(f"{twin}?path=kernel/info.c")
    exhibit_in(page, "done")
    page.locator(".map").get_by_role("link", name="fork.c").click()
    expect(page.locator('[data-field="file"]')).to_have_text("linux/kernel/fork.c")
    page.go_back()
    expect(page.locator('[data-field="file"]')).to_have_text("linux/kernel/info.c")


def test_a_name_without_a_file_is_said_and_is_no_markup(page: Page) -> None:
    page.get_by_label("A file of Linux 1.0").fill("<img src=x onerror=window.hacked=1>")
    page.locator(".ask").get_by_role("button", name="Replay").click()
    expect(page.locator(".notice")).to_contain_text("There is no file “<img src=x")
    assert page.evaluate("window.hacked") is None
    assert page.evaluate(FIRST_PAINT) > 0


def test_the_same_page_writes_the_file_and_says_which_of_both_it_shows(page: Page) -> None:
    sha256_of_file = SealedManifest.open(Settings().manifest_file).original("kernel/fork.c").file.sha256
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ", timeout=PATIENCE)
    page.get_by_role("button", name="Write it").click()
    expect(page.locator(".mode")).to_have_text("Live the model wrote this just now, in your browser", timeout=PATIENCE)
    expect(page.locator('[data-field="emitted_sha256"]')).to_have_text(sha256_of_file)


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
    expect(page.get_by_role("alert")).to_have_text(f"{told} What follows is the recording.", timeout=PATIENCE)
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ", timeout=PATIENCE)
    exhibit_in(page, "done")
