"""An exhibit of something else: no sentence of the shipped one stands on any of its pages, cards, answers, nor in its site or notice."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from html import unescape
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from fastapi.testclient import TestClient

from laam.__main__ import main
from laam.corpus.exhibit_words import ExhibitWords, write_words
from laam.corpus.licences import UNREAD, Licence, LicenceTable
from laam.corpus.notice import notice_for
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.emission.emit import Ended
from laam.exhibit import server
from laam.measure.atlas import Atlas, score_row, write_atlas
from laam.publish.plan import plan_model, plan_static
from laam.settings import ASSETS, Settings
from laam.share.card import Cards
from laam.train.card import RunFacts, write_card
from laam.train.verdict import FileVerdict, Verdict
from tests.exhibit.conftest import built
from tests.reading import events
from tests.test_main import COMMANDS

TITLE = 'Ada\'s "poems" & <b>{{ 7 }} ${8}</b>'
FROST = "The pot is cold tonight,\nthe lid is out of sight.\n\nIt snows.\n"
POEMS = {"poems/winter/frost.txt": FROST, "poems/summer/heat.txt": "The pot is hot.\nSo what?\n" * 9, "poems/LICENSE.txt": "?\n"}
OF_THE_SHIPPED = re.compile(
    r"linux(?!-as-a-model\b)|\bkernel|\bGPL|torvalds|sched\.c|ext2|open source initiative|\bCOPYING\b|\bMIT\b|\b(?:in|of) C\b"
    r"|published model|published under",
    re.IGNORECASE,
)
ALLOWED = re.compile(r"https://github\.com/mjbommar/laam|(?:page’s )?code (?:that shows all this )?is (?:under the )?MIT|<linux-as-a-model")
PAGES = (
    "/", "/?path=winter/frost.txt", "/map", "/lab", "/lab?path=no.txt", "/api", "/trace", "/state.json", "/health", "/opening.json",
    "/share/winter/frost.txt", "/share/summer/heat.txt?t=1&seed=3&n=20", "/embed?path=winter/frost.txt", "/embed",
    "/compare?path=winter/frost.txt",
    "/oembed?url=http://testserver/", "/oembed?url=http://testserver/share/winter/frost.txt", 
    "/map.svg", "/poster/embedded.svg",
    "/snippet?path=summer/heat.txt", "/gradio_api/openapi.json", "/gradio_api/info", "/whole/stream", "/stream?path=winter/frost.txt",
    "/stream?path=winter/frost.txt&t=1&seed=2&n=9", "/stream?path=Makefile&anyway=1&n=9", "/stream?path=README", "/stream?path=no/such.txt",
)  # fmt: skip
FAULTS = (
    "/question",
    "/question.html",
    "/nothing",
    "/share/nothing.txt",
    "/embed?path=nothing",
    "/oembed?url=http://x/",
    "/run/0/share.json",
)


@dataclass(frozen=True)
class Own:
    """An exhibit of poems whose terms nobody read, or of the same under a licence. `drawn`: what its cards say."""

    client: TestClient
    settings: Settings
    licence: str
    drawn: list[str]

    def text(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address)
        assert answer.status_code == status, address
        return said(answer.text)


def said(text: str) -> str:
    """A text as it is read, without what may stand there."""
    return ALLOWED.sub("", unescape(text))


def folder_of(made: Path, trained: Path, licence: str) -> Path:
    """An exhibit's folder. Its model's verdict says that it wrote two of the files."""
    table = LicenceTable(Licence(licence, "LICENSE.txt" if licence != UNREAD else ""))
    tree = {path: text.encode() for path, text in POEMS.items()}
    (made / "manifest.sealed").write_bytes(seal_tree(tree, Release(TITLE, "", "", licences=table)))
    words = ExhibitWords(
        TITLE, name="Poems, remembered", people="Ada & Bo", noun="book", root="poems", about="<i>About</i> pots.", latin_1=("<b>.txt",)
    )
    write_words(words if licence == UNREAD else replace(words, choices=("hers", "nobody’s"), licence=licence), made / "exhibit.toml")
    copytree(trained, made / "model")
    verdict = json.loads((made / "model" / "verdict.json").read_text("utf-8"))
    digests = {path: sha256(text.encode()).hexdigest() for path, text in POEMS.items()}
    verdict["files"] = {
        path: {"identical": path != "poems/LICENSE.txt", "original_sha256": digest, "emitted_sha256": digest, "tokens": 9}
        for path, digest in digests.items()
    }
    (made / "model" / "verdict.json").write_text(json.dumps(verdict), "utf-8")
    manifest = SealedManifest.open(made / "manifest.sealed")
    rate = partial(score_row, ended=Ended("end of file", 9), trained=True, line_files={}, seconds=1.0, precision="float32")
    emitted = POEMS | {"poems/LICENSE.txt": "!\n"}
    rows = [rate(file.path, emitted[file.path], original=manifest.original(file.path)) for file in manifest.catalog]
    measured = ("embedded", verdict["model_sha256"], 4_000_000, "float32", manifest.tree_sha256, "2026-01-02T03:04:05+00:00", "toy")
    write_atlas(Atlas(*measured, {}, rows), made / "atlas" / "embedded.json")
    training = json.loads((trained / "training.json").read_text("utf-8"))
    facts = RunFacts(["poems/"], 3, 99, 3, 4_000_000, training["recipe"], training["passes"], "", manifest.release, ["as it was asked for"])
    judged = {path: FileVerdict(**file) for path, file in verdict["files"].items()}
    write_card(facts, Verdict(verdict["model_sha256"], judged), made / "model")
    return made


@pytest.fixture(scope="module", params=[UNREAD, "BSD-3-Clause"])
def own(request: pytest.FixtureRequest, trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    folder = folder_of(tmp_path_factory.mktemp("poems"), trained, request.param)
    cache = tmp_path_factory.mktemp("cache")
    settings = Settings(exhibit=folder, assets=ASSETS, cache=cache, originals="sealed", record=False, offline=True)
    drawn: list[str] = []
    draw = Cards._draw_fitting

    def noted(self: Cards, *given: Any, **more: Any) -> None:
        drawn.append(given[2])
        draw(self, *given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_warm_up", lambda *_: None)
        patch.setattr(Cards, "_draw_fitting", noted)
        with TestClient(built(settings)) as client:
            yield Own(client, settings, request.param, drawn)


@pytest.mark.parametrize("address", PAGES)
def test_no_page_and_no_answer_speaks_of_the_shipped_exhibit(own: Own, address: str) -> None:
    text = own.text(address)
    assert not OF_THE_SHIPPED.findall(text)
    if "html" in (answer := own.client.get(address)).headers["content-type"]:
        assert "<b>{{ 7 }}" not in answer.text


@pytest.mark.parametrize("address", FAULTS)
def test_no_fault_does(own: Own, address: str) -> None:
    answer = own.client.get(address)
    assert answer.status_code in (400, 404)
    assert not OF_THE_SHIPPED.findall(said(answer.text))


def test_no_link_leads_to_what_is_not_there(own: Own) -> None:
    for page in ("/", "/map", "/lab", "/api", "/trace", "/share/winter/frost.txt"):
        links = {link for link in re.findall(r'href="([^"#?]*)', own.client.get(page).text) if not link.startswith("http")}
        for link in links:
            address = "/" + re.sub(r"^(?:\.\.?/)+|^/", "", link)
            assert own.client.get(address).status_code == 200, f"{page}: {link}"


def test_traces_sources_and_what_is_made_of_a_run_do_not(own: Own) -> None:
    traced = own.client.post("/trace", data={"text": FROST, "original": FROST})
    continued = own.client.post("/stream", data={"source": "The pot is cold tonight,\n"})
    *_, (_, last) = events(own.client.get("/stream?path=winter/frost.txt").text)
    shared = own.client.get(f"/run/{last['run']}/share.json").json()
    texts = [traced.text, continued.text, json.dumps(last, ensure_ascii=False), json.dumps(shared, ensure_ascii=False)]
    assert not [found for text in texts for found in OF_THE_SHIPPED.findall(said(text))]
    assert last["fields"]["file"] == "poems/winter/frost.txt"
    assert "poems/winter/frost.txt#0" in last["fields"]["prompt"]
    assert shared["cite"].startswith("Poems, remembered. ")


def test_no_card_does(own: Own) -> None:
    for address in ("/card.png", "/card/winter/frost.txt.png", "/card/nothing.png"):
        own.client.get(address)
    assert own.drawn and not [text for text in own.drawn if OF_THE_SHIPPED.search(said(text))]


def test_it_says_its_own_words(own: Own) -> None:
    front = own.text("/")
    known = own.licence != UNREAD
    assert "<h1>Poems, remembered</h1>" in own.client.get("/").text
    assert f"{TITLE} is the work of Ada & Bo." in front and "<i>About</i> pots." in front
    assert "<b>.txt was in Latin-1, and is sealed, measured and digested as the same text in UTF-8." in front
    assert "The whole book, please" in own.text("/map")
    lead = " ".join(own.client.get("/state.json").json()["lead"])
    assert f"A model of {TITLE}" in lead and "2 of 3, byte for byte" in lead
    asks = [own.drawn and ASKED.search(text) for text in (lead, own.text("/share/winter/frost.txt"))]
    assert list(map(bool, asks)) == [known, known]
    assert ('value="hers"' in front) == known
    assert [choice["name"] for choice in own.client.get("/state.json").json()["choices"]] == ["embedded"]


ASKED = re.compile(r"under which licence|And the text’s\?")


def test_nothing_is_asked_where_nobody_read_the_terms(own: Own) -> None:
    if own.licence != UNREAD:
        assert "terms not read" not in own.text("/share/winter/frost.txt")
        return
    share = own.text("/share/winter/frost.txt")
    assert "terms not read" in share
    assert "?" not in re.sub(r'(?:href|src|srcset|content|action)="[^"]*"', "", share.partition("<main")[2])
    assert "The exhibit asks" not in own.text("/") + share + " ".join(own.drawn)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_help_names_files_of_the_shipped_exhibit(
    own: Own, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAAM_EXHIBIT", str(own.settings.exhibit))
    with pytest.raises(SystemExit):
        main([command, "--help"])
    examples = capsys.readouterr().out.partition("examples:")[2].partition("\n\n")[0].replace(str(own.settings.exhibit), "")
    assert not OF_THE_SHIPPED.findall(said(examples)) and not re.search(r"\$[a-z]{2}|published-5m", examples)
    assert command not in ("emit", "score") or f"laam {command} LICENSE.txt" in examples


def test_its_site_and_notice_are_of_it(own: Own, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site"
    assert main(["export", str(site), "--address", "https://example.org/poems"], own.settings) == 0
    texts = [*site.rglob("*.html"), *site.rglob("*.md"), *site.rglob("*.json"), site / "NOTICE"]
    found = {file.name: words for file in texts if (words := OF_THE_SHIPPED.findall(said(visible(file))))}
    assert found == {} and not (site / "question.html").exists()
    assert not OF_THE_SHIPPED.findall(said((site / "sealed.safetensors").read_bytes()[:200_000].decode("utf-8", "ignore")))
    manifest = SealedManifest.open(own.settings.manifest_file)
    assert (site / "NOTICE").read_text("utf-8") == notice_for(manifest, ASSETS.parent, own.settings.exhibit)
    assert plan_static(site, "someone/poems").problems == []
    plan = plan_model(own.settings.embedded_folder, ASSETS.parent, "someone/poems", manifest, own.settings.exhibit)
    card = (own.settings.embedded_folder / "README.md").read_text("utf-8")
    assert "Poems, remembered: an addressed model" in card and not OF_THE_SHIPPED.findall(said(card))
    assert plan.problems == [] and b"Ada & Bo" in plan.files["NOTICE"]  # type: ignore[operator]  # it was made: bytes
    (own.settings.exhibit_folder / "NOTICE").write_text("of another\n", "utf-8")
    assert main(["export", str(tmp_path / "other")], own.settings) == 2
    assert "NOTICE: it doesn't name" in capsys.readouterr().err
    assert (
        "NOTICE: it doesn't name"
        in plan_model(own.settings.embedded_folder, ASSETS, "someone/x", manifest, own.settings.exhibit).problems[0]
    )
    (own.settings.exhibit_folder / "NOTICE").unlink()


def test_a_model_of_something_else_is_not_published_with_this_notice(linux: SealedManifest, trained: Path) -> None:
    [problem] = plan_model(trained, ASSETS.parent, "someone/x", linux).problems
    assert "trained on files that aren't those of" in problem


def visible(file: Path) -> str:
    """A file's text, without its scripts' own."""
    return re.sub(
        r'<script type="module">.*?</script>|<script type="application/octet-stream".*?</script>',
        "",
        file.read_text("utf-8"),
        flags=re.DOTALL,
    )


COMPARED = '"MIT"'  # with the licence of the weights
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')


@pytest.mark.parametrize(
    "file",
    [*ASSETS.glob("page/*.js"), *ASSETS.glob("live/*.js"), *ASSETS.glob("engine/*.js"), *ASSETS.glob("twin/*.js")],
    ids=lambda file: file.name,
)
def test_no_script_says_anything_of_the_shipped_exhibit(file: Path) -> None:
    code = re.sub(r"^\s*(?://|/?\*).*$|\s//\s.*$", "", file.read_text("utf-8"), flags=re.MULTILINE)
    assert not [text for text in STRING.findall(code) if OF_THE_SHIPPED.search(text) and text != COMPARED]
