import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from laam.compare.credit import credit_text
from laam.compare.live import compare_text
from laam.compare.render import render_rows
from laam.corpus.lines import source_text
from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving.results import Results
from laam.serving.services import Services
from laam.serving.updates import stream_updates
from laam.share.downloads import download_routes
from tests.serving.made_up import client_of, result_of

PATH = "linux/kernel/sched.c"


@pytest.fixture
def results() -> Results:
    return Results()


@pytest.fixture
def client(results: Results) -> TestClient:
    return client_of(download_routes(results))


@pytest.fixture
def run(results: Results, model: Model, originals: Originals) -> str:
    """A run of the page, to its end."""
    return list(
        stream_updates(
            question_of(Ask(PATH), model, originals), model, Services(originals, lambda _: model, results=results), threading.Event()
        )
    )[-1].run


def test_all_that_can_be_taken_away(client: TestClient, run: str, model: Model) -> None:
    panel = client.get(f"/run/{run}/share.json").json()
    query = f"path={PATH}&model={model.name}"
    assert panel["link"] == f"http://testserver/?{query}"
    assert f'src="http://testserver/embed?{query.replace("&", "&amp;")}"' in panel["frame"]
    assert panel["card"] == f"http://testserver/card/{PATH}.png?model={model.name}"
    assert panel["markdown"].startswith(f"[![{PATH}: 100 % reproduced]({panel['moving']})]({panel['link']})")
    record = client.get(f"/{panel['json']}")
    assert record.json()["score"]["sha256_identical"] is True
    assert record.json()["ended"]["reason"] == "end of file"
    patch = client.get(f"/{panel['patch']}")
    assert Path(panel["patch"]).name == "sched.c.patch"
    for answer in (record, patch):
        assert answer.headers["content-disposition"] == "attachment"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_no_address_leads_to_has_no_link(client: TestClient, results: Results, manifest: SealedManifest) -> None:
    loose = result_of(credit_text("<b>\n", manifest), whole_file=False)
    results.keep("source", replace(loose, receipts=replace(loose.receipts, ask=Ask(source="int"))))
    assert set(client.get("/run/source/share.json").json()) == {"markdown", "cite", "bibtex", "patch", "json"}


def test_what_had_no_prompt_has_a_link_also_where_it_named_its_file(
    client: TestClient, run: str, results: Results, manifest: SealedManifest
) -> None:
    named = results.find(run)
    assert named is not None
    for asked in (named, result_of(credit_text("<b>\n", manifest), whole_file=False)):
        results.keep("free", replace(asked, receipts=replace(asked.receipts, ask=Ask(decoding=Decoding(0.2, seed=7)))))
        panel = client.get("/run/free/share.json").json()
        assert panel["link"] == "http://testserver/?t=0.2&seed=7"
        assert panel["link"] in panel["cite"]
        assert set(panel) == {"link", "markdown", "cite", "bibtex", "patch", "json"}


def test_a_name_that_no_file_has_has_a_link_but_neither_card_nor_frame(
    client: TestClient, results: Results, model: Model, originals: Originals
) -> None:
    question = question_of(Ask("[x](y)_COPYING", anyway=True, max_tokens=5), model, originals)
    run = list(stream_updates(question, model, Services(originals, lambda _: model, results=results), threading.Event()))[-1].run
    panel = client.get(f"/run/{run}/share.json").json()
    assert set(panel) == {"link", "markdown", "cite", "bibtex", "patch", "json"}
    assert panel["link"].startswith("http://testserver/?path=linux/")
    assert "anyway=1" in panel["link"]
    assert panel["markdown"].startswith(r"[linux/x\](y)\_COPYING](http")


def test_diff_and_text_of_what_the_model_wrote(client: TestClient, manifest: SealedManifest, results: Results) -> None:
    written = "a <b>&</b>\n\f🐧 " + source_text(b"caf\xe9 \xff")
    comparison = compare_text(written, manifest.original(PATH))
    results.keep("made-up", result_of(comparison))
    rows, text = client.get("/emission/made-up/rows"), client.get("/emission/made-up/any.name")
    for answer in (rows, text):
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert rows.text == re.sub("[\ud800-\udfff]", "\ufffd", render_rows(comparison.rows))
    assert "caf\ufffd \ufffd" in rows.text
    assert rows.text.count("\n") == len(comparison.rows) - 1
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in rows.text
    assert text.headers["content-disposition"] == "attachment"
    assert text.content == "a <b>&</b>\n\f🐧 ".encode() + b"caf\xe9 \xff"


@pytest.mark.parametrize(
    "path", ["run/other/share.json", "run/other/x.patch", "run/other/x.json", "emission/%3Cb%3E/rows", "emission/x/x.c"]
)
def test_a_run_that_is_no_longer_kept(client: TestClient, path: str) -> None:
    answer = client.get(f"/{path}")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "This emission is no longer kept. Run it again."}
