"""The static twin in Chromium, from a sub-folder of a plain file server, with nothing else behind it."""

import functools
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.settings import Settings
from tests.browser.conftest import screenshot

FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries()[0].startTime))
  .observe({type: 'paint', buffered: true}))"""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two recordings of the shipped model, as a site in a sub-folder."""
    root = tmp_path_factory.mktemp("host")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAAM_CACHE", str(tmp_path_factory.mktemp("cache")))
        assert main(["export", str(root / "some" / "where"), "--only", "kernel/fork.c", "net/inet/udp.c"]) == 0

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/some/where/"
    server.shutdown()
    server.server_close()
    thread.join()


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
    page.locator(".ask button").click()
    expect(page.locator('.exhibit[data-state="done"]')).to_be_attached(timeout=60_000)
    assert page.locator('[data-field="reproduced"]').inner_text() == "100 %"
    assert page.locator('[data-field="emitted_sha256"]').inner_text() == original.file.sha256
    expect(page.locator(".mode")).to_contain_text("Replay of the run of ")
    assert page.locator(".opened .row").count() == original.file.lines
    assert page.url.endswith("/some/where/?path=kernel/fork.c")
    with page.expect_download() as download:
        page.locator("[data-action=download]").click()
    assert download.value.suggested_filename == "fork.c"
    assert sha256(Path(download.value.path()).read_bytes()).hexdigest() == original.file.sha256
    screenshot(page, "twin")


def test_a_link_replays_and_so_does_the_map_and_the_way_back(page: Page, twin: str) -> None:
    page.goto(f"{twin}?path=net/inet/udp.c")
    expect(page.locator('.exhibit[data-state="done"]')).to_be_attached(timeout=60_000)
    assert page.locator(".seal").count() > 5
    page.locator(".map").get_by_role("link", name="fork.c").click()
    expect(page.locator('[data-field="file"]')).to_have_text("linux/kernel/fork.c")
    page.go_back()
    expect(page.locator('[data-field="file"]')).to_have_text("linux/net/inet/udp.c")


def test_a_name_without_a_recording_is_said_and_is_no_markup(page: Page) -> None:
    page.get_by_label("A file of Linux 1.0").fill("<img src=x onerror=window.hacked=1>")
    page.locator(".ask button").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no recording of “<img src=x")
    assert page.evaluate("window.hacked") is None
    assert page.evaluate(FIRST_PAINT) > 0
