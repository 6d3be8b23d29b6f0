import json
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from laam.compare.render import render_rows
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Prompted
from laam.emission.question import Question, question_of
from laam.knobs import MAX_TOKENS
from laam.model.model import Model
from laam.serving import recordings
from laam.serving.services import Services
from laam.serving.updates import stream_updates
from laam.twin.record import Replay, read_replay, record_file, token_limit, write_replay
from tests.serving.made_up import services_of

PATH = "linux/kernel/sched.c"


@pytest.fixture(scope="module")
def services(model: Model, manifest: SealedManifest) -> Services:
    return services_of(model, manifest)


@pytest.fixture(scope="module")
def recorded(model: Model, services: Services) -> Replay:
    return record_file(PATH, model, services, "1 April 2030")


def test_a_recording_holds_the_page_s_rows_score_and_receipts(recorded: Replay, model: Model, services: Services) -> None:
    assert (recorded.path, recorded.model_sha256, recorded.recorded) == (PATH, model.digest, "1 April 2030")
    assert (recorded.identical, recorded.exact_characters) == (True, recorded.characters)
    first, last = recorded.updates
    assert [update["state"] for update in recorded.updates] == ["running", "done"]
    assert [update["sequence"] for update in recorded.updates] == [1, 2]
    assert first["fields"]["file"] == PATH
    assert "rows" not in first
    question = question_of(Ask(PATH, max_tokens=recorded.max_tokens), model, services.originals)
    finals = list(stream_updates(question, model, services, threading.Event()))
    result = services.results.find(finals[-1].run)
    assert result is not None
    assert last["rows"] == render_rows(result.rows)
    told = {"speed": "", "mode": "", "mode_note": ""}  # when it was recorded
    assert last["fields"] | told == finals[-1].fields | told
    assert last["ticks"] == finals[-1].ticks
    assert recorded.text == result.compared.text


def test_it_says_that_it_is_a_replay(recorded: Replay) -> None:
    for update in recorded.updates:
        assert re.fullmatch(r"recorded on 1 April 2030, at [\d,]+ tokens/s", update["fields"]["speed"])
    assert recorded.updates[0]["lengths"]
    assert "download" not in recorded.updates[-1]


def test_an_emission_without_end_is_cut_off_and_hostile_text_is_escaped(
    model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(question: Question, _: Model) -> object:
        yield Prompted(0, "x")
        for _number in range(question.ask.max_tokens):
            yield Emitted("<img src=x>&${1}\n")
        yield Ended("token limit", question.ask.max_tokens)

    monkeypatch.setattr(recordings, "emit", endless)
    found = record_file("linux/lib/ctype.c", model, services_of(model, manifest), "today")
    assert found.tokens == found.max_tokens == token_limit(manifest.catalog.find("ctype.c").size)
    assert found.updates[-1]["fields"]["ending"] == f"Cut off at the limit of {found.max_tokens} tokens."
    rows = "".join(str(update.get("rows", "")) for update in found.updates)
    assert "&lt;img src=x&gt;" in rows
    assert "<img" not in rows


def test_limits() -> None:
    assert token_limit(1_000) == 1_256
    assert token_limit(10**9) == MAX_TOKENS.high


def test_a_recording_is_read_again_as_it_was_written(recorded: Replay, tmp_path: Path) -> None:
    file = tmp_path / "data" / "a.json.gz"
    odd = replace(recorded, text="\udce9\f🐧")
    write_replay(odd, file)
    before = file.read_bytes()
    write_replay(odd, file)
    assert file.read_bytes() == before
    card = {**odd.card, "facts": list(odd.card["facts"])}
    assert read_replay(file) == replace(odd, updates=json.loads(json.dumps(odd.updates)), card=card)


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", b"{}", b"not gzip"])
def test_what_is_no_recording_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    assert read_replay(tmp_path / "x") is None
    assert read_replay(tmp_path / "missing") is None
