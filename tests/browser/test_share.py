"""The exhibit outside itself: what a link shows, and a host page on another port that embeds it twice."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import WRONG, chip, exhibit_in, screenshot

PATH = "kernel/fork.c"
PATIENCE = 120_000  # milliseconds, for a slow machine


@pytest.fixture(scope="module")
def host(address: str) -> Iterator[str]:
    """A page of another site, which embeds the exhibit as a frame and as a web component."""
    html = f"""<!doctype html><title>A post</title><link rel="stylesheet" href="{address}page/page.css">
      <link rel="stylesheet" href="{address}page/atlas.css"> <link rel="stylesheet" href="{address}page/lab.css">
      <iframe src="{address}embed?path={PATH}" width="390" height="480"></iframe>
      <script type="module" src="{address}gradio.js"></script> <script type="module" src="{address}page/component.js"></script>
      <gradio-app src="{address}"></gradio-app>"""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    opened = []

    def open_(**settings: object) -> BrowserContext:
        opened.append(browser.new_context(reduced_motion="reduce", **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


def visited(context: BrowserContext, url: str) -> tuple[Page, list[str]]:
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    return page, errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_host_on_another_port_embeds_the_frame_and_the_component(
    host: str, address: str, context: Callable[..., BrowserContext], scheme: str
) -> None:
    visit = context(viewport={"width": 1280, "height": 1300}, color_scheme=scheme)
    page, errors = visited(visit, host)
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Let the model write it").click()
    exhibit_in(frame, "done")
    assert frame.locator('[data-field="reproduced"]').inner_text() == "100 %"
    inner = page.frames[1]
    assert inner.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [390, 480]
    assert inner.evaluate("document.cookie") == ""
    paper = inner.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(247, 245, 240)", "dark": "rgb(22, 21, 19)"}[scheme]

    page.locator("#emit").wait_for(timeout=PATIENCE)
    chip(page, PATH).click()
    exhibit_in(page, "done")
    assert page.locator('gradio-app [data-field="reproduced"]').inner_text() == "100 %"
    screenshot(page, f"host-{scheme}")
    page.get_by_role("button", name="settings").click()
    page.get_by_label("number input for Temperature").fill("1.5")
    box = page.locator("gradio-app #path input")
    box.click()
    box.fill("net/inet/udp.c")  # whose diff is drawn anew at the end, by a request of its own
    box.press("Tab")
    page.get_by_role("button", name="Write it").click()
    expect(page.locator('gradio-app [data-field="file"]')).to_have_text("linux/net/inet/udp.c", timeout=PATIENCE)
    exhibit_in(page, "done")
    assert page.locator("gradio-app .seal").count() > 5
    assert page.locator('gradio-app [data-action="download"]').get_attribute("href").startswith(address)  # type: ignore[union-attr]
    page.get_by_role("radio", name="neither").check()
    assert page.evaluate("[location.search, document.title]") == ["", "A post"]
    box.fill("COPYING")
    box.press("Enter")
    page.locator(".notice", has_text="No model here ever saw COPYING").wait_for(timeout=PATIENCE)
    assert visit.cookies() == []
    assert errors == []


def test_an_embed_can_be_read_before_it_has_ended_and_shows_differences(address: str, context: Callable[..., BrowserContext]) -> None:
    page, errors = visited(context(viewport={"width": 390, "height": 480}), f"{address}embed?path=net/inet/udp.c{WRONG}")
    page.locator('.exhibit[data-state="ready"] .seal').first.wait_for()
    screenshot(page, "embed-390-ready")
    assert page.locator(".row.shut .seal").count() > 20
    assert page.locator(".row code").all_inner_texts() == [""] * page.locator(".row code").count()
    assert page.locator('[data-field="licence"]').inner_text().startswith("GPL-2")
    page.get_by_role("button", name="Let the model write it").click()
    exhibit_in(page, "done")
    assert page.locator(".seal").count() > 5
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    screenshot(page, "embed-390")
    assert errors == []


def test_a_shared_link_reads_well_without_a_script(address: str, context: Callable[..., BrowserContext]) -> None:
    page, _ = visited(context(viewport={"width": 390, "height": 800}, java_script_enabled=False), f"{address}share/{PATH}")
    expect(page.locator(".number")).to_have_text("100 %")
    expect(page.get_by_role("link", name="Watch it being written")).to_have_attribute("href", f"{address}?path=linux/{PATH}")
    assert page.locator(".ticks i").first.bounding_box()
    screenshot(page, "share-390")
    page.goto(f"{address}card/{PATH}.png")
    screenshot(page, "card")
    answer = page.goto(f"{address}share/kernel/shed.c")
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("link", name="linux/kernel/sched.c").wait_for(timeout=PATIENCE)
