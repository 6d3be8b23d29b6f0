"""The exhibit inside pages of others that want something of it, or keep something from it: the Hub, WordPress, an isolated page."""

from collections.abc import Iterator
from xml.etree import ElementTree

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from laam.share.oembed import SANDBOX
from tests.browser.conftest import PATIENCE, chip, exhibit_in, field, visiting
from tests.browser.engine_host import blog

FILE = "kernel/fork.c"
TOLD = "<script>told = []; addEventListener('message', ({ data }) => data.queryString !== undefined && told.push(data))</script>"
WORDPRESS_KEEPS = ("src", "width", "height", "frameborder", "marginwidth", "marginheight", "scrolling", "title")
"""The attributes of a frame that WordPress leaves in the oEmbed answer of a site that it doesn't know (wp_filter_oembed_result)."""
WORDPRESS_FOLLOWS = """<script>told = []; addEventListener('message', ({ data, source }) => {
  const frame = document.querySelector(`iframe[data-secret="${data.secret}"]`);
  if (frame && source === frame.contentWindow) told.push([data.message, data.value]);
})</script>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visiting(browser, allowed="frame-ancestors") as page:
        yield page


@pytest.mark.parametrize("sandbox", ["", f'sandbox="{SANDBOX}"'])
def test_an_isolated_page_shows_card_and_embed(address: str, page: Page, sandbox: str) -> None:
    """A page that loads nothing of other sites unless they say that it may, as one needs that shares memory with its workers."""
    html = f'<img src="{address}card/{FILE}.png"><iframe src="{address}embed?path={FILE}" width="390" height="480" {sandbox}></iframe>'
    with blog(html, Cross_Origin_Embedder_Policy="require-corp", Cross_Origin_Opener_Policy="same-origin") as post:
        page.goto(post)
        assert page.evaluate("crossOriginIsolated")
        page.wait_for_function("document.querySelector('img').naturalWidth === 1200")
        frame = page.frame_locator("iframe")
        frame.locator("button.run").click()
        exhibit_in(frame)
        assert field(frame, "reproduced") == "100 %"


def test_no_page_but_an_embed_is_framed_by_another_site(address: str, page: Page) -> None:
    asked = page.expect_event("console", lambda message: "frame-ancestors" in message.text, timeout=PATIENCE)
    with blog(f'<iframe src="{address}question"></iframe>') as post, asked:
        page.goto(post)


def framed_by_anybody(route: Route) -> None:
    """The page as a Space serves it, which the Hub may frame."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=headers)


def test_the_hub_s_page_around_a_space_is_told_of_each_address(address: str, browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce", permissions=["local-network-access"])  # a Space is no local server
    page = context.new_page()
    sandbox = "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts"
    frame = f'<iframe src="{address}?__theme=dark&__sign=secret" sandbox="{sandbox}" width="1200" height="900"></iframe>'
    page.route("https://huggingface.co/**", lambda route: route.fulfill(body=f"<!doctype html>{TOLD}{frame}", content_type="text/html"))
    page.route(f"{address}?**", framed_by_anybody)
    page.goto("https://huggingface.co/spaces/some/one")
    inner = page.frame_locator("iframe")
    chip(inner, FILE).click()
    exhibit_in(inner, file=f"linux/{FILE}")
    query = f"path=linux/{FILE}&model=embedded"
    page.wait_for_function("told.length > 0")
    assert page.evaluate("told.at(-1)") == {"queryString": query, "hash": ""}
    inner.locator('.row[data-o="20"] .n').first.click()
    page.wait_for_function("told.at(-1).hash === '#L20'")
    assert page.evaluate("told.at(-1)") == {"queryString": query, "hash": "#L20"}
    context.close()


def test_no_other_page_is_told(address: str, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.route(f"{address}?**", framed_by_anybody)
    with blog(f'{TOLD}<iframe src="{address}?path={FILE}" width="1200" height="900"></iframe>') as site:
        page.goto(site)
        exhibit_in(page.frame_locator("iframe"))
    assert page.evaluate("told") == []
    assert [text for text in said if "postMessage" in text] == []


def wordpress(html: str, *, secret: str) -> str:
    """The frame of an oEmbed answer as WordPress puts it into a post."""
    kept = ElementTree.fromstring(html)
    assert kept.tag == "iframe"
    for name in set(kept.attrib) - set(WORDPRESS_KEEPS):
        del kept.attrib[name]
    kept.attrib.update({"sandbox": "allow-scripts", "security": "restricted"})
    if secret:
        kept.attrib.update({"src": f"{kept.attrib['src']}#?secret={secret}", "data-secret": secret})
    return ElementTree.tostring(kept, encoding="unicode", method="html")


def oembed_html(address: str) -> str:
    return str(httpx2.get(f"{address}oembed", params={"url": f"{address}share/linux/{FILE}"}).json()["html"])


def test_wordpress_embeds_it_and_follows_its_link(address: str, page: Page) -> None:
    with blog(WORDPRESS_FOLLOWS + wordpress(oembed_html(address), secret="s3cret")) as site:
        page.goto(site)
        frame = page.frame_locator("iframe")
        frame.locator("button.run").click()
        exhibit_in(frame)
        assert field(frame, "reproduced") == "100 %"
        assert page.evaluate("getComputedStyle(document.querySelector('iframe')).borderTopWidth") == "0px"
        assert page.evaluate("told") == [["height", 480]]
        frame.get_by_role("link", name="Linux as a Model").click()
        page.wait_for_function("told.length === 2")
        assert page.evaluate("told.at(-1)") == ["link", f"{address}?path=linux/{FILE}"]


@pytest.mark.parametrize("may_open", [False, True])
def test_a_frame_opens_the_exhibit_or_shows_its_address(address: str, browser: Browser, may_open: bool) -> None:
    html = oembed_html(address)
    with blog(html if may_open else wordpress(html, secret="")) as site, visiting(browser, allowed="Blocked opening") as page:
        page.goto(site)
        link = page.frame_locator("iframe").locator(".foot a")
        if not may_open:
            link.click()
            expect(link).to_have_text(f"{address}?path=linux/{FILE}")
            return
        with page.expect_popup() as opened:
            link.click()
        opened.value.wait_for_url(f"{address}?path=linux/{FILE}**")
        assert opened.value.evaluate("opener") is None
        expect(link).to_have_text("Linux as a Model ↗")
