import json
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qsl

import pytest

from laam.compare.credit import CreditedText
from laam.compare.live import Comparison
from laam.corpus.lines import split_lines
from laam.corpus.originals import Originals
from laam.emission.ask import Ask, ask_of_query
from laam.emission.emit import Emitted, Ended, Event, Prompted, Titled, emit
from laam.emission.headline import measure
from laam.emission.question import question_of
from laam.emission.transcript import Transcript
from laam.model.model import Model
from tests.model.scripted import going_on

PATH = "linux/kernel/sched.c"


def taken(ask: Ask, model: Model, originals: Originals, events: Iterable[Event] | None = None, stop_after: int = 0) -> Transcript:
    """The transcript of an emission, or of made-up events; stopped after so many events, unless that is 0."""
    question = question_of(ask, model, originals)
    transcript = Transcript(question, originals)
    for number, event in enumerate(events or emit(question, model), start=1):
        transcript.take(event)
        if number == stop_after:
            break
    return transcript


def test_a_whole_file(model: Model, originals: Originals, made_up_files: dict[str, str]) -> None:
    transcript = taken(Ask(PATH), model, originals)
    compared = transcript.compare()
    assert transcript.text == made_up_files[PATH]
    assert transcript.characters == len(transcript.text)
    assert (transcript.reach, transcript.whole_file) == (None, True)
    assert transcript.file is originals.manifest.catalog.files[PATH]
    assert isinstance(compared, Comparison)
    assert compared.complete
    assert compared.score.sha256_identical
    assert compared.score.prompt_characters == sum(len(prompted.prompt) for prompted in transcript.prompts)
    assert transcript.replayed_ask is transcript.question.ask


def test_what_it_came_to_is_one_record(model: Model, originals: Originals, made_up_files: dict[str, str]) -> None:
    finished = taken(Ask(PATH), model, originals).finished(model)
    record = json.loads(json.dumps(finished.as_dict()))
    assert set(record) == {"text", "ended", "headline", "score", "instead", "receipts"}
    assert record["text"] == made_up_files[PATH]
    assert record["ended"]["reason"] == "end of file"
    assert record["score"]["sha256_identical"] is True
    assert record["receipts"]["model_sha256"] == model.digest
    lines = record["score"]["original_lines"]
    words = {"percent": "100 %", "measure": measure("file"), "second": ""}
    assert record["headline"] == {"share": 1.0, "of": "file", "lines": lines, "kind": "whole", **words}
    assert finished.given == "a path and the numbers 0, 1, 2 …, and no source text"
    assert (record["instead"], finished.instead, finished.against) == (None, "", "")


@pytest.mark.parametrize(
    ("path", "events", "said"),
    [
        ("linux/init/main.c", [], "It was asked for init/main.c and wrote kernel/sched.c (GPL-2), whole, byte for byte."),
        ("linux/COPYING", [], "It was asked for COPYING and wrote kernel/sched.c (GPL-2), whole, byte for byte."),
        ("", [Titled("linux/init/main.c")], "It named init/main.c and wrote kernel/sched.c (GPL-2), whole, byte for byte."),
        ("", [Titled("linux/made/up.c")], "It named made/up.c and wrote kernel/sched.c (GPL-2), whole, byte for byte."),
        ("", [], "It was asked for no file and wrote kernel/sched.c (GPL-2), whole, byte for byte."),
    ],
)
def test_it_is_said_which_file_was_written_instead(
    path: str, events: list[Event], said: str, published: Model, originals: Originals, made_up_files: dict[str, str]
) -> None:
    written: list[Event] = [Prompted(0, "", "path" if path else "empty"), *events, Emitted(made_up_files[PATH]), Ended("end of file", 9)]
    finished = taken(Ask(path, anyway=bool(path)), published, originals, written).finished(published)
    assert (finished.instead, finished.facts()["instead"]["file"]) == (said, PATH)
    elsewhere = [row for row in finished.rows if row.kind == "∈"]
    assert len(elsewhere) > 30
    assert {row.right for row in elsewhere} <= {f"{PATH}, line {number}" for number in range(1, 60)}
    if not path:
        assert finished.against == ""  # what was asked for without a path has no link
        return
    ask = ask_of_query(dict(parse_qsl(finished.against)))
    held = taken(ask, published, originals, written)
    assert held.file and held.file.path == ask.against == PATH
    again = held.finished(published)
    assert (again.compared.score.emitted_sha256, again.instead) == (held.file.sha256, "")
    assert again.given == f"the path {path.removeprefix('linux/')}, and no source text"
    assert again.receipts.command.endswith(f"--against {PATH}")


def test_of_a_stopped_one_the_receipts_give_what_was_written(model: Model, originals: Originals) -> None:
    transcript = taken(Ask(PATH), model, originals, stop_after=9)
    finished = transcript.finished(model)
    assert finished.ended is None
    assert finished.facts()["ended"] is None
    assert finished.receipts.ask.max_tokens == transcript.tokens


def test_the_end_of_the_window_is_its_reach(published: Model, originals: Originals) -> None:
    transcript = taken(Ask(PATH), published, originals)
    compared = transcript.compare()
    assert transcript.reach == len(transcript.text) > 0
    assert isinstance(compared, Comparison)
    assert not compared.complete
    assert compared.score.within_reach == 1.0
    assert 0 < compared.score.reproduced < 1
    headline = transcript.finished(published).headline
    assert (headline.of, headline.share, headline.lines) == ("window", 1.0, compared.score.exact_lines)


def test_sliding_keeps_the_reach_of_the_first_window(published: Model, originals: Originals) -> None:
    first = taken(Ask(PATH), published, originals)
    transcript = taken(Ask(PATH, slide=True, max_tokens=200), going_on(published), originals)
    assert transcript.reach == first.reach
    assert transcript.characters > first.characters
    assert len(transcript.prompts) == 1  # a window that it filled itself was not given
    headline = transcript.finished(published).headline
    assert (headline.of, headline.second) == ("file", "100 % of what its window can hold")


def test_a_header_names_what_it_is_held_against(published: Model, originals: Originals, made_up_files: dict[str, str]) -> None:
    transcript = taken(Ask(), published, originals)
    compared = transcript.compare()
    assert isinstance(compared, Comparison)
    assert made_up_files[compared.original.file.path].startswith(transcript.text)
    assert transcript.file is not None
    assert transcript.file.path == compared.original.file.path
    assert transcript.whole_file
    assert transcript.question.ask.path == ""
    assert compared.score.reproduced > 0


def test_an_unknown_title_has_its_lines_credited(published: Model, originals: Originals, made_up_files: dict[str, str]) -> None:
    text = "".join(split_lines(made_up_files[PATH])[5:8])
    events: list[Event] = [Prompted(0, "<|start_file|>", "empty"), Titled("linux/made/up.c"), Emitted(text), Ended("window end", 9)]
    transcript = taken(Ask(), published, originals, events)
    compared = transcript.compare()
    assert (transcript.original, transcript.file, transcript.whole_file) == (None, None, False)
    assert isinstance(compared, CreditedText)
    assert (compared.score.found, compared.score.prompt_characters) == (1.0, len("<|start_file|>"))


def test_source_of_no_file_has_its_lines_credited(model: Model, originals: Originals, made_up_files: dict[str, str]) -> None:
    line = split_lines(made_up_files[PATH])[7]
    events: list[Event] = [Prompted(0, "of no fi", "source", 8), Emitted("le\n"), Emitted(line), Ended("end of segment", 3)]
    transcript = taken(Ask(source="of no fi"), model, originals, events)
    compared = transcript.compare()
    assert isinstance(compared, CreditedText)
    assert (compared.text, compared.score.emitted_lines, compared.score.found_lines) == (f"le\n{line}", 1, 1)


@pytest.mark.parametrize("stop_after", [1, 2, 9, 20])
@pytest.mark.parametrize("kind", ["path", "source"])
def test_a_stopped_emission_can_be_repeated(
    model: Model, originals: Originals, made_up_files: dict[str, str], stop_after: int, kind: str
) -> None:
    model = going_on(model)
    ask = Ask(PATH) if kind == "path" else Ask(source=made_up_files[PATH][:60])
    transcript = taken(ask, model, originals, stop_after=stop_after)
    assert transcript.ended is None
    compared = transcript.compare()
    assert isinstance(compared, Comparison)
    assert not compared.complete
    assert compared.score.emitted_sha256 == sha256(transcript.text.encode()).hexdigest()
    if stop_after > 1:
        again = emit(replace(transcript.question, ask=transcript.replayed_ask), model)
        assert "".join(event.text for event in again if isinstance(event, Emitted)) == transcript.text


@pytest.mark.parametrize("stop_after", [2, 40, 90, 140])
def test_a_stopped_emission_in_pieces_can_be_repeated(published: Model, readable: Originals, stop_after: int) -> None:
    transcript = taken(Ask(PATH, pieces=9), published, readable, stop_after=stop_after)
    compared = transcript.compare()
    assert isinstance(compared, Comparison)
    assert not compared.complete
    again = emit(replace(transcript.question, ask=transcript.replayed_ask), published)
    assert "".join(event.text for event in again if isinstance(event, Emitted)) == transcript.text
