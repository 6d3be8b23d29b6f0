"""The page of a survey, and each row beside its original."""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from laam.corpus.releases import SHIPPED
from laam.survey.formats import FORMATS
from laam.survey.opened import OpenSurvey
from laam.survey.page import POLICY, survey_routes
from tests.serving.made_up import client_of
from tests.share.hostile import HOSTILE
from tests.survey.conftest import KNOWN, REFUSED, SERVER, Surveys

SCHED = "linux/kernel/sched.c"


def client(surveys: Surveys, out: str = "out") -> TestClient:
    settings = surveys.settings
    return client_of(survey_routes(OpenSurvey(surveys.folder / out, settings), settings.assets, SHIPPED))


def key(surveys: Surveys, out: str = "out", **wanted: object) -> str:
    [row] = [
        row
        for row in surveys.rows(out)
        if all(row[name] == value for name, value in wanted.items() if name != "label") and row["model"]["label"] == wanted["label"]
    ]
    return str(row["key"])


def test_the_page_has_table_plot_map_and_rows_and_no_script(done: Surveys) -> None:
    answer = client(done).get("/survey")
    page = unescape(answer.text)
    assert answer.headers["content-security-policy"] == POLICY and "script-src" not in POLICY
    assert "<script" not in answer.text
    assert "A <made-up> survey" in page and "A <made-up> survey" not in answer.text
    assert "3 of 10 files" in page and 'class="plot"' in page
    assert page.count('<rect class="s') == 10
    assert ">linux/kernel</text>" in page and ">others</text>" in page
    assert page.count('<th scope="row"><a href="http://testserver/survey/row/') == 10
    assert f"{len(done.rows('out')):,} answers of {len(done.rows('out')):,}, " in page and "ctranslate2 " in page


def test_a_model_and_a_column_are_chosen_by_the_address(done: Surveys) -> None:
    page = unescape(client(done).get("/survey?model=3&column=2").text)
    assert "played: first 100 characters, greedy" in page
    assert page.count('<rect class="none"') == 2
    assert ">filtered<" in page and ">empty<" in page
    for address in ("/survey?model=3&column=0", "/survey?model=x", "/survey?model=-1&column=99999999999999999999"):
        assert "trained: path, greedy" in unescape(client(done).get(address).text)


def test_a_row_opens_beside_its_original(done: Surveys) -> None:
    found = key(done, file=SCHED, context="path", temperature=0.0, label="trained")
    page = unescape(client(done).get(f"/survey/row/{found}").text)
    assert "reproduced 100 % of the original" in page
    assert page.count('class="row ke"') == done.files[SCHED].count("\n")
    assert "What it was given" not in page
    part = unescape(
        client(done).get(f"/survey/row/{key(done, file=KNOWN, context='first 100 characters', temperature=0.0, label='played')}").text
    )
    assert f"reproduced 100 % of the {len(done.files[KNOWN]) - 100:,} characters that were asked for" in part
    assert f"<pre>{done.files[KNOWN][:100]}</pre>" in part
    assert f"Line 1 here is what follows in line {done.files[KNOWN][:100].count(chr(10)) + 1} of the file, after 100 characters." in part
    assert "· 100 characters in →" in part


def test_of_two_models_with_the_same_weights_a_row_is_of_the_one_that_led_to_it(surveys: Surveys) -> None:
    same = '[[models]]\nname = "./plain"\nlabel = "{}"\n'
    models, context = same.format("one") + same.format("two"), '[[contexts]]\ngiven = "first"\nlines = 1\nwrite = 1\n'
    surveys.write(f'[files]\nsource = "tree"\nfirst = 1\n{models}{context}')
    assert surveys.run("out") == 0
    [row] = surveys.rows("out")
    page = unescape(client(surveys).get("/survey?model=1&column=0").text)
    [address] = re.findall(rf'<th scope="row"><a href="http://testserver(/survey/row/{row["key"]}[^"]*)"', page)
    assert "all rows of two: " in client(surveys).get(address).text
    assert "all rows of one: " in client(surveys).get(f"/survey/row/{row['key']}").text


def test_what_was_not_measured_says_why_and_shows_what_came(done: Surveys) -> None:
    found = key(done, file=REFUSED, context="first 100 characters", temperature=0.0, label="played")
    page = unescape(client(done).get(f"/survey/row/{found}").text)
    assert "Not measured: in step 1, after " in page and "<pre>I can't, it is long.</pre>" in page
    assert 'class="row' not in page


def test_a_row_that_isn_t_there(done: Surveys) -> None:
    answer = client(done).get("/survey/row/..%2F..%2Fplan")
    assert answer.status_code == 404
    assert client(done).get("/survey/row/0123").status_code == 404
    assert client(done).get("/survey/table.exe").status_code == 404


def test_a_folder_that_somebody_else_made_leads_nowhere_else(done: Surveys, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(done.folder / "out", theirs)
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    row = done.rows("out")[0] | {"answer_sha256": "../../secret"}
    (theirs / "rows.jsonl").write_text(json.dumps(row) + '\n{"key": "1"}\n', "utf-8")
    served = client_of(survey_routes(OpenSurvey(theirs, done.settings), done.settings.assets, SHIPPED))
    assert served.get(f"/survey/row/{row['key']}").status_code == 404
    assert "Not asked for yet: " in served.get("/survey").text
    asked = json.loads((theirs / "survey.json").read_text("utf-8"))
    asked["cells"][0][2] = 99
    (theirs / "survey.json").write_text(json.dumps(asked), "utf-8")
    with pytest.raises(ValueError, match="not a readable survey"):
        OpenSurvey(theirs, done.settings)


@pytest.mark.parametrize("ending", list(FORMATS))
def test_the_table_in_each_form_is_the_file_that_the_run_left(ending: str, done: Surveys) -> None:
    assert client(done).get(f"/survey/table.{ending}").content == (done.folder / "out" / f"table.{ending}").read_bytes()


def test_rows_and_plot_can_be_taken_along(done: Surveys) -> None:
    lines = client(done).get("/survey/rows.jsonl").text.splitlines()
    assert [json.loads(line)["key"] for line in lines] == [row["key"] for row in done.rows("out")]
    assert client(done).get("/survey/plot.svg").text.startswith("<svg")


def test_hostile_text_is_text(surveys: Surveys) -> None:
    (surveys.folder / "tree" / "evil.c").write_text(HOSTILE * 20, "utf-8")
    surveys.write(
        f'title = {json.dumps(HOSTILE)}\n[files]\nsource = "tree"\ninclude = ["evil.c"]\n'
        f'[[models]]\nname = "./plain"\nlabel = {json.dumps(HOSTILE)}\n'
        '[[contexts]]\ngiven = "first"\ncharacters = 8\nwrite = 30\n'
    )
    assert surveys.run("out") == 0
    served = client(surveys)
    [row] = surveys.rows("out")
    (surveys.folder / "out" / "answers" / f"{row['answer_sha256']}.txt").write_text(HOSTILE, "utf-8")
    for address in ("/survey", f"/survey/row/{row['key']}"):
        page = served.get(address).text
        assert "<script" not in page.lower()
        assert HOSTILE in unescape(re.sub(r"<[^>]*>", "", page))


def test_a_run_that_goes_on_is_seen_at_once(surveys: Surveys) -> None:
    surveys.write(SERVER)
    assert surveys.run("out", "--max-requests", "0") == 1
    served = client(surveys)
    assert "Not asked for yet: " in served.get("/survey").text
    assert surveys.run("out") == 0
    assert "Not asked for yet: " not in served.get("/survey").text


def test_without_the_originals_the_rows_are_there_and_it_says_so(surveys: Surveys, tmp_path: Path) -> None:
    surveys.write(
        '[files]\nsource = "tree/others"\nfirst = 1\n[[models]]\nname = "./plain"\n'
        '[[contexts]]\ngiven = "first"\ncharacters = 9\nwrite = 9\n'
    )
    assert surveys.run("out") == 0
    (tmp_path / "tree").rename(tmp_path / "gone")
    served = client(surveys)
    assert "0 of 1 file" in unescape(served.get("/survey").text)
    [row] = surveys.rows("out")
    assert "can’t be shown beside its original: " in unescape(served.get(f"/survey/row/{row['key']}").text)


def test_of_a_sealed_original_only_what_was_written_is_shown(surveys: Surveys) -> None:
    surveys.write('[files]\nmanifest = "exhibit"\n[[models]]\nname = "./untrained"\n[[contexts]]\ngiven = "path"\n')
    assert surveys.run("out") == 0
    row = next(row for row in surveys.rows("out") if row["file"] == SCHED)
    page = unescape(client(surveys).get(f"/survey/row/{row['key']}").text)
    assert 'class="seal"' in page
    assert surveys.files[SCHED].split("\n")[7] not in page
