"""The pages, and what they ask the server for, without a browser; tests/browser/ tries them in one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from html import unescape
from pathlib import Path
from typing import Any

import micawber
import pytest
from fastapi.testclient import TestClient
from linkpreview import Link, LinkPreview

from laam.corpus.lines import split_lines
from laam.corpus.originals import Originals
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.emission.pair import pair_of
from laam.exhibit.first import First
from laam.exhibit.maps import Maps
from laam.exhibit.page import KNOBS, Pages, page_routes
from laam.measure.atlas import Atlas
from laam.measure.recorded import RecordedScores
from laam.measure.seen import Seen
from laam.model.chooser import ModelChooser
from laam.model.hub import FILES, Hub
from laam.model.model import Model
from laam.serving.limits import Limits, Running
from laam.serving.opening import Opening
from laam.serving.services import Services
from laam.serving.snippet import LINES
from laam.serving.summary import Summaries
from laam.settings import Settings
from laam.share.tags import PageTags
from tests.measure.test_atlas import atlas, row
from tests.model.fake_hub import FakeHub, offer
from tests.reading import elements, events, extracted, opengraph
from tests.serving.made_up import client_of

HOSTILE = "</title><script>alert(1)</script>&\"'${1}{{7*7}}"
PATH = "linux/kernel/sched.c"
PAGES = ("/", "/map", "/lab", "/api")

LIMITS = Limits()

Opened = Callable[..., TestClient]


@pytest.fixture
def opened(settings: Settings, originals: Originals) -> Opened:
    """The pages as an application of their own: of the model that a chooser gives, or with atlases."""

    def open_(
        chooser: ModelChooser | None = None, atlases: tuple[Atlas, ...] = (), limits: Limits = LIMITS, mcp: bool = False
    ) -> TestClient:
        chooser = chooser or ModelChooser("embedded", settings)
        services = Services(originals, lambda name: chooser.get(name or "embedded").model, running=Running(limits))
        own = pair_of(chooser.get("embedded").model, originals.manifest)
        tags = PageTags(Summaries(services), settings.assets / "share", lambda: (own, own))
        ours = replace(settings, mcp=mcp)
        scores = RecordedScores(services.recordings, originals.manifest)
        maps = Maps(chooser, services, ours, atlases, (), scores)
        first = First(chooser, services, Seen(scores, atlases, originals.manifest), Opening())
        return client_of(page_routes(Pages(chooser, services, tags, ours, maps, first), list))

    return open_


# What each page is to a program that doesn't run it


@pytest.mark.parametrize(
    ("address", "title", "card", "url"),
    [
        ("/", "Linux as a Model", "/card.png", "/"),
        (f"/?path={PATH}", None, f"/card/{PATH}.png", f"/share/{PATH}"),
        ("/?path=sched.c&seed=7", None, f"/card/{PATH}.png", f"/share/{PATH}"),
        (
            f"/?path={PATH}&n=901",
            f"{PATH}, asked of the exhibit’s own model – Linux as a Model",
            f"/card/{PATH}.png?n=901",
            f"/share/{PATH}?n=901",
        ),
        (f"/?path={PATH}&t=0.5&seed=7", None, f"/card/{PATH}.png?t=0.5&seed=7", f"/share/{PATH}?t=0.5&seed=7"),
        ("/?path=no/such.c", "Linux as a Model", "/card.png", "/"),
        (f"/?path={PATH}&t=9", "Linux as a Model", "/card.png", "/"),
        (f"/?path={HOSTILE}", "Linux as a Model", "/card.png", "/"),
        ("/?utm_source=x&__theme=dark", "Linux as a Model", "/card.png", "/"),
    ],
)
def test_one_set_of_tags(exhibit: TestClient, address: str, title: str | None, card: str, url: str) -> None:
    page = exhibit.get(address).text
    tags = opengraph(page)
    assert (tags["og:image"], tags["og:url"]) == (f"http://testserver{card}", f"http://testserver{url}")
    assert tags["og:title"] == (title or tags["og:title"])
    assert page.count("<title>") == 1
    preview = LinkPreview(Link(f"http://testserver{address}", page), parser="lxml")
    assert (preview.title, preview.image, preview.site_name) == (tags["og:title"], tags["og:image"], "Linux as a Model")
    assert exhibit.get(tags["og:image"].removeprefix("http://testserver")).headers["content-type"] == "image/png"


@pytest.mark.parametrize("query", ["", "n=899", "model=embedded&n=898"])
def test_page_embed_and_share_agree_on_what_a_visitor_has_just_seen(
    exhibit: TestClient, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exhibit.get(f"/stream?path={PATH}&{query}")  # records what it writes
    monkeypatch.setattr("laam.serving.summary.Summaries._run", lambda *_: pytest.fail("a model ran"))
    link = f"/?path={PATH}&{query}".removesuffix("&")  # as the share panel copies it
    addresses = (link, link.replace("/", "/embed", 1), f"/share/{PATH}?{query}".removesuffix("?"))
    page, embed, share = (opengraph(exhibit.get(address).text) for address in addresses)
    assert page == embed == share
    assert share["og:title"].startswith(f"{PATH}: ")
    assert share["og:url"] == f"http://testserver{addresses[2]}"
    found = {exhibit.get("/oembed", params={"url": f"http://testserver{address}"}).text for address in addresses}
    assert len(found) == 1
    assert all(extracted(exhibit.get(one).text, "link", "rel", "canonical")[0]["href"] == share["og:url"] for one in addresses)


def test_the_page_waits_for_no_emission(exhibit: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laam.serving.summary.Summaries._run", lambda *_: pytest.fail("a model ran"))
    assert exhibit.get(f"/?path={PATH}&n=777").status_code == 200


@pytest.mark.parametrize(("address", "kind"), [("/", "link"), (f"/?path={PATH}", "rich")])
def test_an_oembed_consumer_follows_the_page_s_link(exhibit: TestClient, address: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [link] = extracted(exhibit.get(address).text, "link", "type", "application/json+oembed")
    href = link["href"]
    monkeypatch.setattr(micawber.Provider, "fetch", lambda _, url: exhibit.get(url.removeprefix("http://testserver")).text)
    record = micawber.Provider(href.partition("?")[0]).handle_response(exhibit.get(href.removeprefix("http://testserver")).text, href)
    assert (record["type"], record["provider_name"]) == (kind, "Linux as a Model")
    assert exhibit.get(record["thumbnail_url"].removeprefix("http://testserver")).status_code == 200


def test_without_scripts_there_are_the_question_and_links(exhibit: TestClient) -> None:
    [word] = re.findall(r"<noscript>(.*?)</noscript>", exhibit.get("/").text, re.DOTALL)
    assert "under which licence are the numbers?" in word
    links = [link["href"] for link in elements(word, "a")]
    assert links[-2:] == ["question", "map"]
    assert {exhibit.get(f"/{link}").status_code for link in links} == {200}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_its_own_scripts_only_and_all_that_it_names_is_there(exhibit: TestClient, page: str) -> None:
    answer = exhibit.get(page, params={"path": HOSTILE})
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self' 'wasm-unsafe-eval'")
    assert "alert(1)</script>" not in answer.text
    scripts = elements(answer.text, "script")
    assert all(script.get("src") or script["type"] == "application/json" for script in scripts)
    named = [script["src"] for script in scripts if "src" in script]
    named += [link["href"] for link in elements(answer.text, "link") if link.get("rel") in ("stylesheet", "icon")]
    named += [href for link in elements(answer.text, "a") if (href := link.get("href", "?")) and "//" not in href and href[0] != "?"]
    assert {name: exhibit.get(f"/{name}").status_code for name in named} == dict.fromkeys(named, 200)


# What the pages say


def test_where_every_file_is_known_the_examples_are_what_no_model_saw(opened: Opened) -> None:
    page = opened().get("/").text
    links = {link["data-anyway"]: link["href"] for link in elements(page, "a") if "data-anyway" in link}
    assert links == {name: f"?path={name}&anyway=1" for name in SHIPPED.unseen}
    assert "in the training set" not in page


def test_the_page_says_how_many_files_the_embedded_model_was_trained_on_and_writes(
    opened: Opened, settings: Settings, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooser, count = ModelChooser("embedded", settings), len(manifest.catalog)
    model = chooser.current().model

    def said() -> str:
        front = re.sub(r"\s+", " ", opened(chooser).get("/").text)
        return front.partition("was trained")[2].partition("</p>")[0].strip()

    assert said() == f"on all {count} source files. It writes every one of them byte for byte."
    monkeypatch.setitem(vars(model), "identical", {PATH, "linux/of another release.c"})
    assert said().endswith("It writes 1 of them byte for byte.")
    monkeypatch.setitem(vars(model), "trained_on", {PATH: model.trained_on[PATH]})
    assert said().startswith(f"on 1 of the {count} source files of Linux 1.0.")
    page = opened(chooser).get("/").text
    assert extracted(page, "option", "label", "kernel/sched.c ● in the training set")


def test_the_settings_have_the_bounds_of_the_knobs(opened: Opened) -> None:
    inputs = {each["id"]: each for each in elements(opened().get("/").text, "input") if "id" in each}
    for knob in KNOBS:
        known = asdict(knob)
        wanted = {"type": "checkbox"}
        if "low" in known:
            wanted = {"min": min(known["low"], known["default"]), "max": known["high"], "value": known["default"]}
        assert {name: inputs[knob.name][name] for name in wanted} == {name: str(value) for name, value in wanted.items()}


def test_the_map_has_the_atlas_and_leads_to_pages_without_scripts(opened: Opened, settings: Settings) -> None:
    chooser = ModelChooser("embedded", settings)
    known = replace(atlas(), weights_sha256=chooser.get("embedded").model.digest, rows=[row(PATH, against=PATH)], controls={})
    client = opened(chooser, atlases=(known,))
    assert extracted(client.get("/map").text, "a", "data-path", PATH.removeprefix("linux/"))
    small = client.get("/map.svg")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/svg+xml")
    assert opened().get("/map.svg").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["t=9", "t=-1", "t=nan", "k=-5", "n=0", "n=1e9", "seed=x", "slide=perhaps", "pieces=99999", "t=1e999", "bits=1", "noise=x"],
)
def test_no_route_fails_for_a_setting_out_of_bounds(exhibit: TestClient, query: str) -> None:
    for route in (f"/share/{PATH}?{query}", f"/embed?path={PATH}&{query}", f"/card/{PATH}.png?{query}", f"/?path={PATH}&{query}"):
        assert exhibit.get(route).status_code in (200, 404, 422)


def test_where_the_map_was_once_leads_to_it(exhibit: TestClient) -> None:
    answer = exhibit.get("/atlas", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "map")


def test_the_lab_is_about_the_file_that_it_was_asked_for(opened: Opened) -> None:
    [field] = extracted(opened().get("/lab", params={"path": f"linux/{HOSTILE}"}).text, "input", "id", "path")
    assert field["value"] == HOSTILE
    [field] = extracted(opened().get("/lab").text, "input", "id", "path")
    assert field["value"] == "kernel/sched.c"


def test_an_mcp_server_is_named_where_there_is_one(opened: Opened) -> None:
    said = {mcp: "http://testserver/gradio_api/mcp/" in opened(mcp=mcp).get("/api").text for mcp in (True, False)}
    assert said == {True: True, False: False}


# What the front page asks for


@pytest.mark.parametrize("model", ["", "embedded", "published-32m", HOSTILE])
def test_the_state_is_of_a_model_that_is_at_hand(exhibit: TestClient, model: str) -> None:
    said = exhibit.get("/state.json", params={"model": model}).json()
    assert (said["picked"], said["fault"], said["pieces"]) == ("embedded", "", False)
    assert said["model"] in unescape(exhibit.get("/").text)


@pytest.mark.parametrize("model", ["no/such@model", HOSTILE, "/etc"])
def test_only_what_is_offered_can_be_picked(exhibit: TestClient, model: str) -> None:
    [(event, said)] = events(exhibit.get("/model/stream", params={"model": model}).text)
    assert event == "refused"
    assert "is not offered; choose one of embedded, auto, published-5m" in said["refused"]


@pytest.fixture
def hub(published: Model, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub that has a published model."""
    with FakeHub({name: file.read_bytes() for name in FILES if (file := published.folder / name).is_file()}) as hub:
        offer(hub, monkeypatch)
        yield hub


@pytest.mark.usefixtures("library_pauses")
def test_a_picked_model_is_fetched_and_then_described(opened: Opened, settings: Settings, hub: FakeHub, tmp_path: Path) -> None:
    chooser = ModelChooser("embedded", settings, Hub(hub.address, tmp_path, "none", wait=lambda _: None))
    client = opened(chooser)
    *fetched, (event, said) = events(client.get("/model/stream?model=published-5m").text)
    assert {name for name, _ in fetched} == {"progress"}
    size = len(hub.files["model.safetensors"])
    assert fetched[-1][1] == {"file": "model.safetensors", "done": size, "total": size}
    assert (event, said["picked"], said["pieces"], said["fault"]) == ("message", "published-5m", True, "")
    assert client.get("/state.json?model=published-5m").json() == said
    [again] = events(client.get("/model/stream?model=published-5m").text)
    assert again == (event, said)
    [(_, instead)] = events(client.get("/model/stream?model=published-32m").text)  # which the fake hub doesn't have
    assert (instead["picked"], instead["fault"]) == (
        "embedded",
        "Bommarito’s larger published model can’t be had here now. Showing: our own model.",
    )
    [choice] = [choice for choice in instead["choices"] if choice["name"] == "published-32m"]
    assert choice["absent"] and "can’t be had: " in choice["label"]


def test_a_snippet_is_what_the_page_s_button_asks_for(opened: Opened, made_up_files: dict[str, str]) -> None:
    client = opened()
    buttons = [button["data-snippet"] for button in elements(client.get("/").text, "button") if "data-snippet" in button]
    assert buttons == ["path=linux/init/main.c", f"path={PATH}&middle=1"]  # not the beginning of the file that the page opens with
    texts = [client.get(f"/snippet?{query}") for query in buttons]
    first, other = (split_lines(made_up_files[path]) for path in ("linux/init/main.c", PATH))
    middle = len(other) // 2
    assert [each.text for each in texts] == ["".join(first[:LINES]), "".join(other[middle : middle + LINES])]
    assert texts[0].headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("query", "limits", "status"),
    [
        ({"path": "nothing.c"}, Limits(), 404),
        ({"path": PATH, "model": HOSTILE}, Limits(), 404),
        ({"path": PATH}, Limits(emissions=0), 503),
    ],
)
def test_a_snippet_that_can_not_be_had_says_why(opened: Opened, query: dict[str, Any], limits: Limits, status: int) -> None:
    answer = opened(limits=limits).get("/snippet", params=query)
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
