"""What is said of which model: the sentences of every page, tag and card, read against the facts of the model that each is about.

Four exhibits: a published model under its name with ours beside it, ours alone, a model of somebody's own folder, and one that knows
nothing.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from fastapi.testclient import TestClient

from laam.corpus.releases import SHIPPED
from laam.emission.wording import numbers
from laam.exhibit import server
from laam.measure.controls import untrained_copy
from laam.model import obtain
from laam.model.model import Model
from laam.model.spec import PUBLISHED
from laam.settings import Settings
from laam.share.card import Cards
from tests.exhibit.conftest import built
from tests.reading import events, opengraph

SHORT, LONG = "linux/lib/ctype.c", "linux/kernel/sched.c"
NAME = "somebodys"  # of the folder
ABOUT = {"published": "Bommarito|was published|His model", "ours": "[Oo]ur own|(?:was )?made for this exhibit", "theirs": f"model {NAME}"}
"""How a sentence names its model; one that names none goes on about the model of the sentence before."""
ALL = r"\ball \d+|\bevery one\b"
NO_FACTS = (
    r"“[^”]*”|In June 2024|[\w/-]+\.[chS]\b|\b\d+M\b|© [^·]*|[0-9a-f]{12}…"
    rf"|{re.escape(SHIPPED.heading)}|{SHIPPED.title}|GPL-?2|GPL2|sha256"
)
"""What has digits, and says nothing of a model."""


@dataclass(frozen=True)
class Exhibit:
    """`shown`: the kind of the model that answers, a key of ABOUT; `knows`: whether it knows the made-up files; `facts`: by kind, all
    numbers that may be said of a model; `drawn`: what cards say."""

    client: TestClient
    shown: str
    knows: bool
    name: str
    folder: Path
    facts: dict[str, set[str]]
    drawn: list[str]

    def text(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        return answer.text


@pytest.fixture(scope="module", params=["published", "ours", "theirs", "nothing"])
def shown(
    request: pytest.FixtureRequest, settings: Settings, model: Model, published: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exhibit]:
    kind, folder = request.param, tmp_path_factory.mktemp("of") / NAME
    if kind == "nothing":
        folder.mkdir()
        untrained_copy(published, folder, 3)
    else:
        copytree(published.folder, folder)
    wanted = {"published": "auto", "ours": "embedded"}.get(kind, str(folder))
    drawn: list[str] = []
    draw = Cards._draw_fitting

    def noted(self: Cards, *given: Any, **more: Any) -> None:
        drawn.append(given[2])
        draw(self, *given, **more)

    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(server, "_warm_up", lambda *_: None)
        patch.setattr(Cards, "_draw_fitting", noted)
        patch.setattr(obtain, "cached_folder", lambda spec, _: folder if kind == "published" and spec == PUBLISHED[0] else None)
        client = stack.enter_context(TestClient(built(replace(settings, model=wanted, offline=True))))
        most = [spec.publication for spec in PUBLISHED if spec.publication]
        size = numbers(published.parameters)
        facts = {
            "published": {
                *("2024", "76", "142", *re.findall(r"[\d.]+", size)),
                *(
                    words
                    for each in most
                    for words in (numbers(each.parameters).split()[0], each.ceiling.share.split()[0], f"{each.window}")
                ),
                *(f"{each.ceiling.of_files}" for each in most),
            },
            "ours": {numbers(model.parameters).split()[0], "3", "0", "1", "2"},  # the numbers that it is given
            "theirs": {size.split()[0], f"{published.window}"},
        }
        yield Exhibit(
            client,
            "theirs" if kind == "nothing" else kind,
            kind != "nothing",
            "published-5m" if kind == "published" else NAME,
            folder,
            facts,
            drawn,
        )


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def part(html: str, pattern: str) -> str:
    found = re.search(pattern, html, re.DOTALL)
    assert found, pattern
    return plain(found[1])


def said_on(exhibit: Exhibit) -> Iterator[str]:
    """Every text that says something of a model: on the front page, in tags, on cards, on the share page, and in the embed."""
    front = exhibit.text("/")
    yield part(front, r'<p class="question">(.*?)</p>')
    yield part(front, r"<noscript>.*?<p>(.*?)</p>")
    [about] = re.findall(r'<div id="about">(.*?)</div>', front, re.DOTALL)
    yield from map(plain, re.findall(r"<p>(.*?)</p>", about, re.DOTALL)[:2])
    state = exhibit.client.get("/state.json").json()
    yield " ".join(state["lead"])
    yield from (choice["label"] for choice in state["choices"])
    for path in (SHORT, LONG):
        share = exhibit.text(f"/share/{path}")
        yield part(share, r"<main class=\"share\">\s*<header>(.*?)</header>")
        yield part(share, r"</p>\s*<p>(.*?)</p>")
        yield from (opengraph(exhibit.text(address))["og:description"] for address in (f"/share/{path}", f"/?path={path}"))
        yield part(exhibit.text(f"/embed?path={path}"), r"<span>([^<]*)</span></footer>")
        exhibit.drawn.clear()
        assert exhibit.client.get(f"/card/{path}.png").status_code == 200
        yield " · ".join(exhibit.drawn)
    yield opengraph(front)["og:description"]
    exhibit.drawn.clear()
    assert exhibit.client.get("/card.png").status_code == 200
    yield " ".join(exhibit.drawn)


def sentences(exhibit: Exhibit) -> Iterator[tuple[str, str]]:
    """Each sentence, and the kind of the model that it is about: the one that is shown until a sentence names another."""
    for text in said_on(exhibit):
        kind = exhibit.shown
        for sentence in re.split(r"(?<=[.?:;]) ", re.sub(NO_FACTS, "", text)):
            kind = next((each for each, words in ABOUT.items() if re.search(words, sentence)), kind)
            yield kind, sentence


def test_every_number_of_a_sentence_is_a_fact_of_its_model(shown: Exhibit) -> None:
    found = list(sentences(shown))
    assert len(found) > 40
    for kind, sentence in found:
        stated = set(re.findall(r"\d[\d,.]*\d|\d", sentence))
        results = set(re.findall(r"(\d[\d.]*) %", sentence)) - shown.facts["published"]
        counted = {number for pair in re.findall(r"(\d+) of (?:the )?(\d+) lines?", sentence) for number in pair}
        assert stated - results - counted <= shown.facts[kind], f"{kind}: {sentence}"


def test_only_of_ours_it_is_said_that_it_writes_all_files_and_only_of_the_published_one_that_it_is_mit(shown: Exhibit) -> None:
    for kind, sentence in sentences(shown):
        assert kind == "ours" or not re.search(ALL, sentence), sentence
        asked = shown.shown == "published" and sentence.endswith("?")  # about both at once
        assert kind == "published" or asked or "MIT" not in sentence, sentence
    front = " ".join(said_on(shown))
    assert ("Is that page MIT, or GPL-2?" in front, "under which licence are the numbers?" in front) == (
        shown.shown == "published",
        shown.shown == "ours",
    )


def test_a_file_that_the_model_did_not_know_is_asked_nothing(shown: Exhibit) -> None:
    questions = {
        "published": "Is that file MIT, or is it GPL-2?",
        "ours": "the weights’: not settled.",
        "theirs": "the weights’: not known.",
    }
    share = shown.text(f"/share/{LONG}")
    assert (questions[shown.shown] in unescape(share)) == shown.knows
    assert not [words for kind, words in questions.items() if kind != shown.shown and words in unescape(share)]


def test_no_folder_of_the_server_goes_out_and_a_link_names_the_model(shown: Exhibit) -> None:
    addresses = ["/", "/state.json", "/health", "/map", "/lab", "/api", f"/share/{LONG}", f"/embed?path={LONG}", f"/compare?path={LONG}"]
    name = "embedded" if shown.shown == "ours" else shown.name
    *_, (_, last) = events(shown.text(f"/stream?path={SHORT}&model={name}"))
    assert f"model={name}" in last["fields"]["address"]
    assert last["fields"]["model_digest"].startswith(f"{name} ")
    everything = [*(shown.text(address) for address in addresses), shown.text(f"/stream?path={LONG}"), str(last)]
    assert not [text for text in everything if str(shown.folder.parent) in text]


def test_only_of_a_model_that_is_known_it_is_said_what_it_never_saw(shown: Exhibit) -> None:
    [(_, typed)] = events(shown.text("/stream?path=COPYING"))
    *_, (_, last) = events(shown.text("/stream?path=COPYING&anyway=1&n=20"))
    line = "This model never saw COPYING. It was trained on files under the GPL, and never read the GPL’s text."
    assert [line in said for said in (typed["refused"], last["fields"]["verdict"])] == [shown.shown != "theirs"] * 2
    assert last["fields"]["file"] == "linux/COPYING"
