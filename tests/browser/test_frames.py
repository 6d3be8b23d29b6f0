"""The exhibit inside pages of others: in frames, without an origin as well, and as a web component beside wild styles."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.share.oembed import SANDBOX
from tests.browser.conftest import WRONG, OpenPage, exhibit_in, field, screenshot, visiting
from tests.browser.engine_host import blog

FILE = "kernel/fork.c"
PAPER = {"light": "rgb(247, 245, 240)", "dark": "rgb(22, 21, 19)"}
WILD = """<style>html { font-size: 31px } body { background: rgb(1, 2, 3); color: rgb(4, 5, 6); padding: 7px; font: 9px/3 fantasy }
  #mine { color: rgb(9, 9, 9); background: rgb(8, 8, 8) } .dark { color-scheme: light }</style>
  <p id="mine">A post with <a id="link" href="#x">a link</a></p>"""
MEASURED = """['html', 'body', '#mine', '#link'].map((name) => {
  const look = getComputedStyle(document.querySelector(name));
  return [look.backgroundColor, look.color, look.fontSize, look.fontFamily, look.padding, look.colorScheme,
    look.margin, look.lineHeight, look.boxSizing, look.overflow, look.maxWidth, look.minHeight, look.display, look.borderTopWidth];
})"""


@contextmanager
def posted(browser: Browser, address: str, html: str) -> Iterator[Page]:
    """A post of another site with some HTML in it, in a tab in which no page may set a cookie."""
    with blog(html) as site, visiting(browser, site, address, viewport={"width": 1280, "height": 1300}) as page:
        page.goto(site)
        yield page
        assert page.context.cookies() == []


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"', f'sandbox="{SANDBOX}"'])
def test_an_embed_in_a_frame_fits_and_works_without_an_origin_too(browser: Browser, address: str, sandbox: str) -> None:
    html = f'<iframe {sandbox} src="{address}embed?path={FILE}" width="390" height="480" style="border:0"></iframe>'
    with posted(browser, address, html) as page:
        frame, inner = page.frame_locator("iframe"), page.frames[1]
        frame.get_by_role("button", name="Let the model write it").click()
        exhibit_in(frame)
        assert field(frame, "reproduced") == "100 %"
        assert (inner.evaluate("origin") == "null") is bool(sandbox)
        assert inner.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [390, 480]
        expect(frame.locator(".rows")).to_be_focused()
        expect(frame.get_by_role("button", name="Write it again")).to_be_enabled()


@pytest.mark.parametrize(("script", "tag"), [("gradio.js", "gradio-app"), ("page/component.js", "linux-as-a-model")])
def test_the_component_leaves_the_page_around_it_as_it_is(browser: Browser, address: str, script: str, tag: str) -> None:
    with posted(browser, address, WILD) as page:
        alone = page.evaluate(MEASURED)
    html = f'{WILD}<script type="module" src="{address}{script}"></script><{tag} src="{address}"></{tag}><{tag} path="{FILE}"></{tag}>'
    with posted(browser, address, html) as page:
        for frame in (page.frame_locator("iframe >> nth=0"), page.frame_locator("iframe >> nth=1")):
            frame.locator(".run").click()
            exhibit_in(frame)
        assert page.evaluate(MEASURED) == alone
        assert page.evaluate("[location.search, document.title]") == ["", "A post"]
        assert page.frames[1].evaluate("getComputedStyle(document.body).backgroundColor") in PAPER.values()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_embed_can_be_read_before_it_is_begun_and_shows_differences(open_page: OpenPage, scheme: str) -> None:
    page = open_page(390, 480, scheme, query=f"embed?path=net/inet/udp.c{WRONG}")
    page.locator('.exhibit[data-state="ready"] .seal').first.wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
    assert page.locator(".row.shut .seal").count() > 20
    assert set(page.locator(".row code").all_inner_texts()) == {""}
    assert field(page, "licence").startswith("GPL-2")
    page.get_by_role("button", name="Let the model write it").click()
    exhibit_in(page)
    assert page.locator(".seal").count() > 5
    screenshot(page, f"embed-390-{scheme}")
