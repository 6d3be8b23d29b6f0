"""The exhibit inside pages of others: a frame without an origin, and the web component on a page with wild styles of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType

import pytest
from playwright.sync_api import Browser, Page

from laam.share.pages import SANDBOX
from tests.browser.conftest import chip, exhibit_in

FILE = "kernel/fork.c"
PATIENCE = 120_000  # milliseconds, for a slow machine
WILD = """html { font-size: 31px } body { background: rgb(1, 2, 3); color: rgb(4, 5, 6); padding: 7px; font: 9px/3 fantasy }
  #mine { color: rgb(9, 9, 9); background: rgb(8, 8, 8) } .dark { color-scheme: light }"""
MEASURED = """['html', 'body', '#mine', '#link'].map((name) => {
  const look = getComputedStyle(document.querySelector(name));
  return [look.backgroundColor, look.color, look.fontSize, look.fontFamily, look.padding, look.colorScheme,
    look.margin, look.lineHeight, look.boxSizing, look.overflow, look.maxWidth, look.minHeight, look.display, look.borderTopWidth];
})"""


@contextmanager
def blog(html: str, headers: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Another site, on a port of its own, with one page, sent with these headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>A post</title>{html}".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens an address in a context of its own, in which no cookie may be set and no page may have an error."""
    contexts, errors = [], []

    def open_(address: str) -> Page:
        contexts.append(browser.new_context(reduced_motion="reduce"))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield open_
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert (errors, cookies) == ([], [])


@pytest.mark.parametrize("sandbox", ["allow-scripts", SANDBOX])
def test_a_frame_without_an_origin_works(address: str, visit: Callable[[str], Page], sandbox: str) -> None:
    with blog(f'<iframe sandbox="{sandbox}" src="{address}embed?path={FILE}" width="390" height="480"></iframe>') as site:
        page = visit(site)
        frame = page.frame_locator("iframe")
        frame.locator("button.run").click()
        exhibit_in(frame, "done")
        assert frame.locator('[data-field="reproduced"]').inner_text() == "100 %"
        assert page.frames[1].evaluate("origin") == "null"


@pytest.mark.parametrize("sandbox", ["", f'sandbox="{SANDBOX}"'])
def test_an_isolated_page_shows_card_and_embed(address: str, visit: Callable[[str], Page], sandbox: str) -> None:
    """A page that loads nothing of other sites unless they say that it may, as one needs that shares memory with its workers."""
    html = f'<img src="{address}card/{FILE}.png"><iframe src="{address}embed?path={FILE}" width="390" height="480" {sandbox}></iframe>'
    isolated = {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}
    with blog(html, isolated) as post:
        page = visit(post)
        assert page.evaluate("crossOriginIsolated")
        page.wait_for_function("document.querySelector('img').naturalWidth === 1200")
        frame = page.frame_locator("iframe")
        frame.locator("button.run").click()
        exhibit_in(frame, "done")
        assert frame.locator('[data-field="reproduced"]').inner_text() == "100 %"


def test_no_page_but_an_embed_is_framed_by_another_site(address: str, visit: Callable[[str], Page]) -> None:
    with blog(f'<iframe src="{address}question"></iframe>') as post:
        page = visit("about:blank")
        with page.expect_event("console", lambda message: "frame-ancestors" in message.text, timeout=PATIENCE):
            page.goto(post)


def test_the_component_leaves_the_page_around_it_as_it_is(address: str, visit: Callable[[str], Page]) -> None:
    around = f'<style>{WILD}</style><p id="mine">A post with <a id="link" href="#x">a link</a></p>'
    component = (
        f'<link rel="stylesheet" href="{address}page/page.css"><link rel="stylesheet" href="{address}page/atlas.css">'
        f'<script type="module" src="{address}gradio.js"></script><gradio-app src="{address}"></gradio-app>'
    )
    with blog(around) as plain:
        alone = visit(plain).evaluate(MEASURED)
    with blog(around + component) as site:
        page = visit(site)
        page.locator("#emit").wait_for(timeout=PATIENCE)
        assert page.evaluate(MEASURED) == alone
        assert page.title() == "A post"
        assert page.evaluate("getComputedStyle(document.querySelector('.gradio-container')).backgroundColor") == "rgb(247, 245, 240)"
        chip(page, FILE).click()
        exhibit_in(page, "done")


def test_no_page_breaks_its_own_policy(address: str, visit: Callable[[str], Page]) -> None:
    said: list[str] = []
    for query in ("", f"?path={FILE}", f"share/{FILE}", f"embed?path={FILE}"):
        page = visit("about:blank")
        page.on("console", lambda message: said.append(message.text))
        page.goto(address + query)
        page.locator("#emit, .number, button.run").first.wait_for()
    assert [text for text in said if "Content Security Policy" in text] == []
