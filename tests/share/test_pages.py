"""The share routes, read with the parsers that other sites read them with."""

import json
from dataclasses import replace
from html import unescape
from urllib.parse import quote

import micawber
import pytest
from fastapi.testclient import TestClient
from linkpreview import Link, LinkPreview
from linkpreview.preview import OpenGraph, TwitterCard

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Prompted
from laam.exhibit.fonts import card_fonts
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving import recordings
from laam.serving.limits import Limits
from laam.serving.summary import Summaries
from laam.settings import Settings
from laam.share.card import Cards
from laam.share.oembed import iframe, oembed_routes
from laam.share.pages import cut, preview, share_routes
from laam.templates import template_environment
from tests.reading import elements, extracted, opengraph
from tests.serving.made_up import client_of, services_of
from tests.share.hostile import FILLED_IN, HOSTILE

PATH = "linux/kernel/sched.c"
TEMPLATES = Settings().assets / "share"
CARDS = Cards(card_fonts())


@pytest.fixture(scope="module")
def summaries(model: Model, manifest: SealedManifest) -> Summaries:
    return Summaries(services_of(model, manifest))


@pytest.fixture(scope="module")
def client(summaries: Summaries) -> TestClient:
    return client_of(share_routes(summaries, TEMPLATES, CARDS), oembed_routes(summaries))


def linked(html: str) -> LinkPreview:
    return LinkPreview(Link("http://testserver/share", html), parser="lxml")


def test_the_parsers_of_open_graph_and_twitter_read_all(client: TestClient) -> None:
    html = client.get(f"/share/{PATH}").text
    properties = opengraph(html)
    assert properties["og:title"] == f"{PATH}: 100 % reproduced – Linux as a Model"
    assert properties["og:image"] == f"http://testserver/card/{PATH}.png"
    assert properties["og:url"] == f"http://testserver/share/{PATH}"
    assert (properties["og:image:width"], properties["og:image:height"]) == ("1200", "630")

    found = linked(html)
    for source in (found, *(source for source in found.sources if isinstance(source, OpenGraph | TwitterCard))):
        assert (source.title, source.description, source.image) == tuple(
            properties[f"og:{name}"] for name in ("title", "description", "image")
        )
    assert found.site_name == "Linux as a Model"
    assert [tag["content"] for tag in extracted(html, "meta", "name", "twitter:card")] == ["summary_large_image"]
    assert len(properties["og:title"]) <= 80
    assert len(properties["og:description"]) <= 250


def test_what_a_lossy_copy_wrote_is_said_to_be_its_own(client: TestClient) -> None:
    query = "bits=2&n=90"
    html = client.get(f"/share/{PATH}?{query}").text
    properties = opengraph(html)
    assert properties["og:title"].startswith(f"{PATH}, rounded to 2 bits a weight: ")
    assert "100 %" not in properties["og:title"]
    assert "Written by our own model rounded to 2 bits a weight, " in properties["og:description"]
    assert properties["og:url"] == f"http://testserver/share/{PATH}?{query}"
    assert properties["og:image"] == f"http://testserver/card/{PATH}.png?{query}"
    text = " ".join(html.split())
    assert "Reproduced by our own model rounded to 2 bits a weight, " in text
    assert "<dd>Greedy. Rounded to 2 bits a weight.</dd>" in text
    told = client.get("/oembed", params={"url": properties["og:url"]}).json()
    assert told["title"] == properties["og:title"]
    assert f"path={PATH}&amp;bits=2&amp;n=90" in told["html"]
    assert client.get(f"/card/{PATH}.png?{query}").content != client.get(f"/card/{PATH}.png?n=90").content


def test_what_was_written_instead_is_said_on_page_and_previews(
    model: Model, manifest: SealedManifest, made_up_files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [Prompted(0, "x"), Emitted(made_up_files[PATH]), Ended("end of file", 9)]
    monkeypatch.setattr(recordings, "emit", lambda *_: (event for event in written))
    client = client_of(share_routes(Summaries(services_of(model, manifest)), TEMPLATES, CARDS))
    html = client.get("/share/init/main.c").text
    said = "It was asked for init/main.c and wrote kernel/sched.c (GPL-2), whole, byte for byte."
    assert opengraph(html)["og:title"] == "linux/init/main.c: it wrote kernel/sched.c – Linux as a Model"
    assert opengraph(html)["og:description"].startswith(said)
    assert said in html
    [link] = [link["href"] for link in elements(html, "a") if "against" in link.get("href", "")]
    assert link == f"http://testserver/?path=linux/init/main.c&model=embedded&against={PATH}"
    for asked, query in (("init/main.c", ""), ("no/file.c", "&anyway=1")):
        held = opengraph(client.get(f"/share/{asked}?against={PATH}{query}").text)
        assert held["og:title"] == f"{PATH}: 100 % reproduced – Linux as a Model"
        assert f"given: the path {asked} and the numbers 0, 1, 2 …" in held["og:description"]


def test_an_oembed_consumer_finds_and_reads_the_endpoint(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    [link] = extracted(client.get(f"/share/{PATH}").text, "link", "type", "application/json+oembed")
    assert link["href"].startswith("http://testserver/oembed?url=")

    def fetched(_: micawber.Provider, url: str) -> str:
        return client.get(url.replace("http://testserver", "")).text

    monkeypatch.setattr(micawber.Provider, "fetch", fetched)
    registry = micawber.ProviderRegistry()
    registry.register(r"http://testserver/share/\S*", micawber.Provider("http://testserver/oembed"))
    record = registry.request(f"http://testserver/share/{PATH}", maxwidth=400, maxheight=300)
    assert (record["version"], record["type"], record["width"], record["height"]) == ("1.0", "rich", 400, 300)
    [frame] = extracted(record["html"], "iframe", "height", "300")
    assert frame["src"] == f"http://testserver/embed?path={PATH}"
    assert "thumbnail_url" not in record  # larger than what was asked for


def test_oembed_without_limits(client: TestClient) -> None:
    record = client.get("/oembed", params={"url": f"http://testserver/?path={PATH}"}).json()
    assert (record["width"], record["height"]) == (700, 480)
    assert (record["thumbnail_width"], record["thumbnail_height"]) == (1200, 630)
    assert client.get(record["thumbnail_url"].removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"url": f"http://testserver/share/{PATH}", "format": "xml"}, 501),
        ({"url": "https://example.org/share/x.c"}, 404),
        ({"url": "http://testserver/share/nothing.c"}, 404),
        ({"url": "http://testserver/health"}, 404),
        ({}, 404),
    ],
)
def test_oembed_refuses_as_the_protocol_says(client: TestClient, query: dict[str, str], status: int) -> None:
    answer = client.get("/oembed", params=query)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_the_page_reads_well_without_a_script(client: TestClient) -> None:
    answer = client.get("/share/sched.c")
    assert "<script" not in answer.text
    assert [link["href"] for link in extracted(answer.text, "link", "rel", "canonical")] == [f"http://testserver/share/{PATH}"]
    assert [link["href"] for link in extracted(answer.text, "a", "class", "go")] == [f"http://testserver/?path={PATH}"]
    for words in ("100 %", "sha256 identical ✓", "GPL-2", "Greedy.", "Linux 1.0, 14 March 1994", "not legal advice"):
        assert words in answer.text
    assert "set-cookie" not in answer.headers


def test_settings_go_along(client: TestClient) -> None:
    answer = client.get(f"/share/{PATH}?t=0.2&seed=3&n=4")
    assert opengraph(answer.text)["og:image"] == f"http://testserver/card/{PATH}.png?t=0.2&seed=3&n=4"
    assert "Temperature 0.2, seed 3." in answer.text


def test_behind_a_proxy_the_links_are_the_visitor_s(client: TestClient, summaries: Summaries) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "laam.example"}
    assert f"https://laam.example/card/{PATH}.png" in client.get(f"/share/{PATH}", headers=headers).text
    fixed = client_of(share_routes(summaries, TEMPLATES, CARDS, "https://fixed.example"))
    assert f"https://fixed.example/card/{PATH}.png" in fixed.get(f"/share/{PATH}", headers=headers).text


@pytest.mark.parametrize("path", ["nothing.c", "kernel/shed.c", quote(HOSTILE), f"{PATH}?t=9", f"{PATH}?model=other", ""])
def test_unknown_addresses_get_a_page_and_a_card_that_say_so(client: TestClient, path: str) -> None:
    answer = client.get(f"/share/{path}")
    assert answer.status_code == 404
    assert "<script" not in answer.text
    assert FILLED_IN not in answer.text
    assert str(linked(answer.text).image).startswith("http://testserver/card/")
    name, _, query = path.partition("?")
    card = client.get(f"/card/{name}.png?{query}")
    assert (card.status_code, card.headers["content-type"]) == (404, "image/png")
    assert card.content.startswith(b"\x89PNG")


def test_an_unknown_name_gets_links_to_what_was_meant(client: TestClient) -> None:
    assert f'href="http://testserver/share/{PATH}"' in client.get("/share/kernel/shed.c").text


def test_the_card(client: TestClient) -> None:
    answer = client.get(f"/card/{PATH}.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"] == "public, max-age=3600"


def test_whoever_comes_when_all_places_are_taken_is_told_to_come_again(model: Model, manifest: SealedManifest) -> None:
    summaries = Summaries(services_of(model, manifest, Limits(previews=0, previews_waiting=0)))
    client = client_of(share_routes(summaries, TEMPLATES, CARDS), oembed_routes(summaries))
    for route in (f"/share/{PATH}", f"/card/{PATH}.png", f"/oembed?url=http://testserver/share/{PATH}"):
        answer = client.get(route)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


def test_every_value_is_escaped(summaries: Summaries) -> None:
    found = summaries.find(Ask(PATH))
    found = replace(
        found,
        model=HOSTILE,
        marks="=x.·",
        file=replace(found.file, path=HOSTILE, notices=(HOSTILE, HOSTILE), unsettled=HOSTILE, licence=HOSTILE, sha256=HOSTILE),
    )
    names = ("lines", "longest_run", "decoding", "exhibit", "note", "asks")
    values = {"summary": found, "release": replace(found.release, exhibit_name=HOSTILE, noun=HOSTILE), **dict.fromkeys(names, HOSTILE)}
    html = template_environment(TEMPLATES).get_template("share.html").render(**preview(found, "http://x"), base="http://x", **values)
    assert "<script" not in html
    assert FILLED_IN not in html
    assert extracted(html, "a", "class", "go")[0]["href"] == HOSTILE
    [frame] = extracted(iframe(Ask(HOSTILE, model=HOSTILE), "http://x", HOSTILE), "iframe", "width", "700")
    assert "<" not in frame["src"]


def test_titles_and_descriptions_keep_their_bounds(summaries: Summaries) -> None:
    found = summaries.find(Ask(PATH))
    tags = preview(replace(found, model="m" * 300, file=replace(found.file, path="p" * 300)), "http://x")
    assert (len(tags["title"]), len(tags["description"])) == (80, 250)
    assert cut("abc", 3) == "abc"


def test_a_draw_has_its_settings_in_every_address(summaries: Summaries) -> None:
    found = replace(summaries.find(Ask(PATH)), ask=Ask(PATH, model="m", decoding=Decoding(0.5, 2, 1)))
    tags = preview(found, "http://x")
    assert tags["url"] == f"http://x/share/{PATH}?model=m&t=0.5&k=2&seed=1"
    assert json.dumps(tags)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("t=9", "temperature 9 is outside 0 to 1.5"),
        ("t=nan", "temperature 'nan' is not a number; give one from 0 to 1.5"),
        ("slide=2", "slide '2' is neither on nor off; give 1 or 0"),
    ],
)
def test_a_link_out_of_bounds_is_refused_in_a_sentence(client: TestClient, query: str, sentence: str) -> None:
    page = client.get(f"/share/{PATH}?{query}")
    assert (page.status_code, sentence in unescape(page.text)) == (404, True)
    link = quote(f"http://testserver/share/{PATH}?{query}", safe="")
    answer = client.get(f"/oembed?url={link}")
    assert answer.status_code == 404
    assert sentence in answer.json()["error"]


def test_one_card_serves_all_names_that_no_file_has(summaries: Summaries) -> None:
    drawn: list[str] = []

    class Counted(Cards):
        def draw_missing(self, heading: str, message: str) -> bytes:
            drawn.append(message)
            return b"a picture"

    client = client_of(share_routes(summaries, TEMPLATES, Counted(card_fonts())))
    answers = [client.get(f"/card/made/up{number}.c.png") for number in range(5)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"a picture")}
    assert len(drawn) == 1
