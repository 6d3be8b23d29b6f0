import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.exhibit.headers import NO_SCRIPTS, SafeHeaders
from laam.model.model import open_model
from laam.settings import Settings
from laam.share.question import (
    FOLLOWS,
    NEAREST,
    NOT_FOLLOWS,
    OPEN,
    PRIMARY,
    Question,
    facts_of,
    question_routes,
    read_question,
    render_question,
)
from tests.reading import extracted
from tests.serving.made_up import client_of
from tests.share.hostile import FILLED_IN, HOSTILE

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Settings().assets / "share"
DATA = TEMPLATES / "question.json"


@pytest.fixture(scope="module")
def question() -> Question:
    return read_question(DATA, facts())


@cache
def facts() -> Mapping[str, str]:
    settings = Settings()
    found = facts_of(open_model("embedded", settings), SealedManifest.open(settings.manifest_file))
    assert found
    return found


def test_both_sides_have_the_same_room(question: Question) -> None:
    sides = [question.of(side) for side in (FOLLOWS, NOT_FOLLOWS)]
    assert len(sides[0]) == len(sides[1]) > 0
    words = [sum(len(said.sentence.split()) for said in side) for side in sides]
    assert abs(words[0] - words[1]) <= 0.03 * max(words)


def test_each_row_of_the_checklists_is_checked(question: Question) -> None:
    assert {checklist.version: sum(row.required for row in checklist.rows) for checklist in question.checklists} == {"0.0.8": 11, "1.0": 5}
    assert [model.id for model in question.models] == ["mjbommar/linux-as-a-model-5M", "assets/model"]
    draft = question.checklists[0]
    assert draft.summary(0) == "8 of 11 required rows met, 3 open, 0 not met"
    assert draft.summary(1) == "7 of 11 required rows met, 3 open, 1 not met"


def test_files_that_are_named_as_evidence_exist(question: Question) -> None:
    [own] = [number for number, model in enumerate(question.models) if not model.files_at]
    files = {file for checklist in question.checklists for row in checklist.rows for file in row.models[own].files}
    assert files
    assert not [file for file in files if not (ROOT / file).exists()]


def test_the_page(question: Question) -> None:
    answer = client_of(question_routes(TEMPLATES, facts())).get("/question")
    page = unescape(answer.text)
    assert answer.status_code == 200
    assert "It asks, but doesn’t answer." in page
    assert "<script" not in answer.text
    assert extracted(answer.text, "link", "rel", "stylesheet")[0]["href"] == "http://testserver/page/question.css"
    for said in question.statements:
        for words in (said.sentence, said.who, said.title, said.quotation, said.note):
            assert words in page
        assert extracted(answer.text, "article", "id", said.id)
        assert extracted(answer.text, "a", "href", said.url)
    not_read = [said for said in question.statements if said.seen != PRIMARY]
    nearest = [said for said in question.statements if said.id in NEAREST]
    assert answer.text.count('href="#seen" title') == len([*not_read, *(said for said in nearest if said.seen != PRIMARY)]) > 20
    for id_ in ("gpl2-0-work", "gpl2-1", "gpl2-2b", "gpl2-3", "gpl2-6", "mit", "fsf-2024", "debian-gr-2025"):
        assert f'id="{id_}"' in answer.text
    for id_ in ("gema-openai", "getty", "bartz", "kadrey-2025", "doe-github", "usco-2025"):
        assert f'id="{id_}"' in answer.text


def test_of_a_lossy_copy_it_has_only_what_stands_among_the_statements(question: Question) -> None:
    page = client_of(question_routes(TEMPLATES, facts())).get("/question").text
    _, _, section = page.partition('<h3 id="lossy">')
    items = [unescape(item) for item in re.findall(r'<li><a href="#([^"]+)">', section)]
    assert items == list(NEAREST)
    assert {said.id for said in question.statements} >= set(NEAREST)
    assert "none that does is known here" in section


def test_what_is_said_of_the_exhibit_s_own_model_is_in_the_files_that_it_names(question: Question) -> None:
    own = [row.models[1] for checklist in question.checklists for row in checklist.rows]
    figures = 0
    for check in own:
        texts = "".join((ROOT / file).read_text("utf-8") for file in check.files if file == "NOTICE" or file.endswith((".md", ".json")))
        for figure in re.findall(r"\b\d[\d,]*\d{2}\b", check.evidence):  # of at least three digits
            figures += 1
            assert figure in texts or figure.replace(",", "") in texts
        if check.files:
            assert "kernel.org" in texts or "kernel.org" not in check.evidence
    assert figures > 4


def test_without_facts_only_the_published_model_is_checked() -> None:
    page = client_of(question_routes(TEMPLATES)).get("/question").text
    assert "the published 5M" in page
    assert "assets/model" not in page


def test_no_note_tells_an_editor_what_to_do(question: Question) -> None:
    words = " ".join(f"{said.note} {said.read}" for said in question.statements) + question.reach
    assert not re.search(r"(?:^|[.;] )(?:Write|Open|Check|Read|Use) |still to be|with a network|stored pages|opened", words)


def test_no_script_may_run_on_it() -> None:
    client = TestClient(SafeHeaders(client_of(question_routes(TEMPLATES)).app))
    assert client.get("/question").headers["content-security-policy"].startswith(NO_SCRIPTS)


def test_every_value_is_escaped(question: Question) -> None:
    fields = ("id", "date", "who", "sentence", "quotation", "title", "read", "note", "checked")
    said = replace(question.statements[0], url=f"https://x/{HOSTILE}", **dict.fromkeys(fields, HOSTILE))
    model = replace(question.models[0], name=HOSTILE, id=HOSTILE, terms=HOSTILE, files_at=HOSTILE)
    row = question.checklists[0].rows[0]
    check = replace(row.models[0], evidence=HOSTILE, files=[HOSTILE])
    checklist = replace(
        question.checklists[0],
        title=HOSTILE,
        url=HOSTILE,
        note=HOSTILE,
        rows=[replace(row, part=HOSTILE, item=HOSTILE, terms=HOSTILE, models=[check, check])],
    )
    hostile = Question(HOSTILE, HOSTILE, [model, model], [checklist], [said, replace(said, side=OPEN)])
    page = render_question(hostile, TEMPLATES, "http://x")
    assert "<script" not in page
    assert FILLED_IN not in page
    assert page.count("&lt;script&gt;") > 20


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("side", "mine", "side 'mine' is none of follows"),
        ("seen", "heard", "seen 'heard' is none of primary text read"),
        ("kind", "rumour", "kind 'rumour' is none of licence"),
        ("url", "javascript:alert(1)", "must start with https://"),
        ("more", "", "unexpected keyword argument 'more'"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: str, message: str, tmp_path: Path) -> None:
    record = json.loads(DATA.read_text("utf-8"))
    record["statements"][0][field] = value
    file = tmp_path / "question.json"
    file.write_text(json.dumps(record), "utf-8")
    with pytest.raises(ValueError, match=r"question\.json") as error:
        read_question(file)
    assert message in str(error.value)


def test_a_statement_that_is_there_twice_is_named(tmp_path: Path) -> None:
    record = json.loads(DATA.read_text("utf-8"))
    record["statements"].append(record["statements"][0])
    file = tmp_path / "question.json"
    file.write_text(json.dumps(record), "utf-8")
    with pytest.raises(ValueError, match="is there twice"):
        read_question(file)
