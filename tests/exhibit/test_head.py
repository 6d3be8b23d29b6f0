"""The page's own link, read with the parsers that other sites read it with."""

import re
from html.parser import HTMLParser

import extruct
import micawber
import pytest
from fastapi.testclient import TestClient
from laam.exhibit.head import policy, rewritten
from linkpreview import Link, LinkPreview

HOSTILE = "</title><script>alert(1)</script>&\"'${1}{{7*7}}"
FILE = "linux/kernel/sched.c"


class Tags(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.found if name == tag and attributes.items() <= found.items()]


def opengraph(page: str) -> list[tuple[str, str]]:
    [found] = extruct.extract(page, "http://testserver/", syntaxes=["opengraph"])["opengraph"]
    return list(found["properties"])


@pytest.mark.parametrize(
    ("address", "title", "card", "url"),
    [
        ("/", "Linux as a Model", "/card.png", "/"),
        (f"/?path={FILE}", None, f"/card/{FILE}.png", f"/share/{FILE}"),
        ("/?path=sched.c&seed=7", None, f"/card/{FILE}.png", f"/share/{FILE}"),
        (f"/?path={FILE}&n=901", f"{FILE}, written by a model – Linux as a Model", f"/card/{FILE}.png?n=901", f"/share/{FILE}?n=901"),
        (f"/?path={FILE}&t=0.5&seed=7", None, f"/card/{FILE}.png?t=0.5&seed=7", f"/share/{FILE}?t=0.5&seed=7"),
        ("/?path=no/such.c", "Linux as a Model", "/card.png", "/"),
        (f"/?path={FILE}&t=9", "Linux as a Model", "/card.png", "/"),
        (f"/?path={HOSTILE}", "Linux as a Model", "/card.png", "/"),
        ("/?utm_source=x&__theme=dark", "Linux as a Model", "/card.png", "/"),
    ],
)
def test_one_set_of_tags(exhibit: TestClient, address: str, title: str | None, card: str, url: str) -> None:
    page = exhibit.get(address).text
    properties = opengraph(page)
    assert len(dict(properties)) == len(properties), "a tag stands there twice"
    tags = dict(properties)
    assert tags["og:image"] == f"http://testserver{card}"
    assert tags["og:url"] == f"http://testserver{url}"
    assert title is None or tags["og:title"] == title
    assert "radio" not in page.partition("<style>")[0]
    assert "Click to try" not in page
    assert page.count("<title>") == 1
    preview = LinkPreview(Link(f"http://testserver{address}", page), parser="lxml")
    assert (preview.title, preview.image, preview.site_name) == (tags["og:title"], tags["og:image"], "Linux as a Model")
    assert exhibit.get(tags["og:image"].removeprefix("http://testserver")).headers["content-type"] == "image/png"


def test_what_has_been_reproduced_is_said_once_it_is_known(exhibit: TestClient) -> None:
    assert exhibit.get(f"/card/{FILE}.png?n=900").status_code == 200
    assert dict(opengraph(exhibit.get(f"/?path={FILE}&n=900").text))["og:title"].startswith(f"{FILE}: ")


@pytest.mark.parametrize("query", ["", "n=899", "model=embedded&n=898"])
def test_page_embed_and_share_agree_on_what_a_visitor_has_just_seen(
    exhibit: TestClient, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = f"/?path={FILE}&{query}".removesuffix("&")  # as the share panel copies it
    exhibit.get(f"/embed/stream?path={FILE}&{query}")  # records what it writes
    monkeypatch.setattr("laam.serving.summary.Summaries._run", lambda *_: pytest.fail("a model ran"))
    addresses = (link, link.replace("/", "/embed", 1), f"/share/{FILE}?{query}".removesuffix("?"))
    page, embed, share = (dict(opengraph(exhibit.get(address).text)) for address in addresses)
    assert page == embed == share
    assert share["og:title"].startswith(f"{FILE}: ")
    assert share["og:url"] == f"http://testserver{addresses[2]}"
    found = {exhibit.get("/oembed", params={"url": f"http://testserver{address}"}).text for address in addresses}
    assert len(found) == 1
    assert all(Tags(exhibit.get(address).text).named("link", rel="canonical")[0]["href"] == share["og:url"] for address in addresses)


def test_the_page_waits_for_no_emission(exhibit: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laam.serving.summary.Summaries._run", lambda *_: pytest.fail("a model ran"))
    assert exhibit.get(f"/?path={FILE}&n=777").status_code == 200


@pytest.mark.parametrize("address", ["/", f"/?path={FILE}"])
def test_an_oembed_consumer_follows_the_page_s_link(exhibit: TestClient, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Tags(exhibit.get(address).text)
    [link] = page.named("link", type="application/json+oembed")
    href = str(link["href"])
    monkeypatch.setattr(micawber.Provider, "fetch", lambda _, url: exhibit.get(url.removeprefix("http://testserver")).text)
    record = micawber.Provider(href.partition("?")[0]).handle_response(exhibit.get(href.removeprefix("http://testserver")).text, href)
    assert (record["type"], record["provider_name"]) == ("link" if address == "/" else "rich", "Linux as a Model")
    assert exhibit.get(record["thumbnail_url"].removeprefix("http://testserver")).status_code == 200


def test_icons(exhibit: TestClient) -> None:
    [icon] = Tags(exhibit.get("/").text).named("link", rel="icon")
    assert exhibit.get(f"/{icon['href']}").headers["content-type"].startswith("image/svg")
    assert exhibit.get("/favicon.ico").content.startswith(b"\0\0\1\0")


def test_without_scripts_there_are_the_question_and_links(exhibit: TestClient) -> None:
    [word] = re.findall(r"<noscript>(.*?)</noscript>", exhibit.get("/").text, re.DOTALL)
    assert "MIT, or is it GPL-2?" in word
    assert [link["href"] for link in Tags(word).named("a")][-1] == "atlas"


def test_only_the_page_s_own_scripts_may_run(exhibit: TestClient) -> None:
    answer = exhibit.get(f"/?path={HOSTILE}")
    said = answer.headers["content-security-policy"]
    [nonce] = re.findall(r"'nonce-([\w-]+)'", said)
    scripts = Tags(answer.text).named("script")
    assert scripts
    assert all(script["nonce"] == nonce for script in scripts)
    assert nonce not in exhibit.get("/").text
    assert "alert(1)" not in answer.text
    assert "'unsafe-inline'" not in policy("x").partition("script-src")[2].partition(";")[0]


def test_gradio_s_page_is_the_one_that_is_rewritten() -> None:
    with pytest.raises(ValueError, match=r"not laid out as gradio_internals\.py knows it"):
        rewritten("<html><head></head></html>", "", "", "")


@pytest.mark.parametrize("address", ["/", "/page/page.css", "/page/exhibit.js"])
def test_what_is_long_is_sent_compressed(exhibit: TestClient, address: str) -> None:
    answer = exhibit.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.text == exhibit.get(address, headers={"Accept-Encoding": "identity"}).text or address == "/"
    assert "content-encoding" not in exhibit.get("/card.png", headers={"Accept-Encoding": "gzip"}).headers
