import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from laam.compare.bounded import bounded_matches
from laam.corpus.sealed import SealedManifest
from laam.exhibit.headers import SafeHeaders
from laam.settings import Settings
from laam.share import trace as trace_module
from laam.share.trace import BODY_BYTES, POLICY, TEXT_CHARACTERS, TOO_LONG, trace_routes
from laam.words import say
from tests.reading import extracted
from tests.serving.made_up import client_of
from tests.share.hostile import FILLED_IN, HOSTILE

PATH = "linux/kernel/sched.c"
TEMPLATES = Settings().assets / "share"


@pytest.fixture(scope="module")
def client(manifest: SealedManifest) -> TestClient:
    return client_of(trace_routes(manifest, TEMPLATES))


def test_the_form_may_be_sent_and_runs_no_script(client: TestClient) -> None:
    answer = TestClient(SafeHeaders(client.app)).get("/trace")
    assert answer.headers["content-security-policy"] == f"{POLICY}; frame-ancestors 'self'"
    assert "script-src" not in POLICY and "default-src 'none'" in POLICY and "form-action 'self'" in POLICY
    assert "<script" not in answer.text
    assert extracted(answer.text, "form", "action", "trace")[0]["method"] == "post"  # relative: behind a proxy with a sub-path as well


def test_lines_of_the_release_are_found_as_a_browser_sends_them(client: TestClient, made_up_files: dict[str, str]) -> None:
    text = f"here it is\n{made_up_files[PATH]}"
    answer = client.post("/trace", data={"text": text.replace("\n", "\r\n"), "original": ""})
    page, lines = unescape(answer.text), text.count("\n")
    assert answer.status_code == 200
    assert f"<td>2–{lines}</td>" in page
    assert "GPL-2 (GPL-2.0-only)" in page
    assert f'href="http://testserver/?path={PATH.replace("/", "%2F")}#L1"' in page
    assert page.count('class="row kc"') == lines - 1
    assert page.count('class="row ki"') == 1
    assert answer.headers["cache-control"] == "no-store"


def test_an_original_of_one_s_own(client: TestClient) -> None:
    page = unescape(client.post("/trace", data={"text": "a = 1;\nb = 2;\n", "original": "a = 1;\nc = 3;\n"}).text)
    assert "reproduced 50.0 %" in page
    assert (page.count('class="row ke"'), page.count('class="row kd"')) == (1, 1)


def test_the_same_as_json(client: TestClient, made_up_files: dict[str, str]) -> None:
    form = {"text": made_up_files[PATH], "original": made_up_files[PATH]}
    record = client.post("/trace", data=form, headers={"Accept": "application/json"}).json()
    assert (record["traced_share"], record["passages"][0]["file"], record["score"]["reproduced"]) == (1.0, PATH, 1.0)


def test_what_is_sent_is_escaped(client: TestClient) -> None:
    page = client.post("/trace", data={"text": f"{HOSTILE}</textarea>", "original": f"{HOSTILE}</textarea> x"}).text
    assert "<script" not in page
    assert FILLED_IN not in page
    assert page.count("</textarea>") == 2


@pytest.mark.parametrize(
    ("text", "original", "sentence"),
    [
        (" \n", "", "there is no text"),
        ("x" * (TEXT_CHARACTERS + 1), "", "the text has 200,001 characters; give at most 200,000"),
        ("x", "x" * (TEXT_CHARACTERS + 1), "the original has 200,001 characters"),
        ("x" * BODY_BYTES, "", "more than 1,200,000 bytes"),
    ],
)
def test_what_makes_no_sense_is_named(client: TestClient, text: str, original: str, sentence: str) -> None:
    answer = client.post("/trace", data={"text": text, "original": original})
    assert (answer.status_code, sentence in unescape(answer.text)) == (400, True)
    assert client.post("/trace", data={"text": text, "original": original}, headers={"Accept": "application/json"}).json()["error"]


def test_a_form_with_too_many_fields_is_refused(client: TestClient) -> None:
    body = urlencode([("text", "x")] * 9)
    answer = client.post("/trace", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400


def test_whoever_waits_too_long_gets_a_sentence(manifest: SealedManifest) -> None:
    answer = client_of(trace_routes(manifest, TEMPLATES, work_s=-1)).post("/trace", data={"text": "int i;\n"})
    assert (answer.status_code, TOO_LONG in answer.text) == (503, True)


def test_one_client_leaves_a_place_to_others(manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one text of a client is looked up, another of the same client waits, and one of somebody else is answered."""
    held, free = threading.Event(), threading.Event()
    found = trace_module._found

    def find(text: str, *rest: Any) -> Any:
        if text == "hog":
            held.set()
            assert free.wait(60)
        return found(text, *rest)

    monkeypatch.setattr(trace_module, "_found", find)
    app = client_of(trace_routes(manifest, TEMPLATES)).app

    def ask(client: str, text: str) -> int:
        return TestClient(app, client=(client, 1)).post("/trace", data={"text": text}).status_code

    with ThreadPoolExecutor(2) as pool:
        hogs = [pool.submit(ask, "a", "hog") for _ in range(2)]
        assert held.wait(60)
        assert ask("b", "int i;") == 200
        assert not any(hog.done() for hog in hogs)
        free.set()
        assert [hog.result(60) for hog in hogs] == [200, 200]


def test_of_a_very_long_text_the_first_lines_are_shown(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laam.share.trace.SHOWN_CHARACTERS", 1_000)
    page = unescape(client.post("/trace", data={"text": "x\n" * 90, "original": "x\ny\n" * 45}).text)
    assert page.count("Of 90 lines, the first 4 are shown below; all of them are counted.") == 1
    assert page.count('class="row ki"') + page.count('class="row ke"') < 15


def test_an_alignment_that_was_cut_short_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_matches, "__defaults__", (1_000,))
    form = {"text": "a\nb\nb\n" * 9 + "a\n" * 9, "original": "b\na\na\n" * 9 + "b\n" * 9}
    assert say("cut_short") in unescape(client.post("/trace", data=form).text)
    assert client.post("/trace", data=form, headers={"Accept": "application/json"}).json()["score"]["cut_short"]
