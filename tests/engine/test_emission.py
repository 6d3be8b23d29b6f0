"""Emissions of the browser's engine, held to `emit` on the same model, in CTranslate2 and in numpy."""

from pathlib import Path
from typing import Any

import pytest

from laam.corpus.originals import Originals
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, emit
from laam.emission.question import Question
from laam.emission.transcript import transcribe
from laam.model.model import Model
from laam.model.pack import pack_model
from tests.engine.naive import NaiveModel
from tests.engine.node import node

PATH = "linux/kernel/sched.c"


def server(model: Model, path: str = "", source: str = "", **options: Any) -> tuple[str, str, int]:
    """Text, reason and tokens of the server's emission."""
    *events, ended = emit(Question(Ask(path, source, **options)), model)
    assert isinstance(ended, Ended)
    return "".join(event.text for event in events if isinstance(event, Emitted)), ended.reason, ended.tokens


def browser(packed: str, asked: list[dict[str, Any]], workers: int = 2, *, together: bool = False) -> list[dict[str, Any]]:
    results = node("emit", model=packed, workers=workers, asked=asked, together=together)
    assert isinstance(results, list)
    for result in results:
        assert "".join(result["pieces"]) == result["text"]
    return results


def told(result: dict[str, Any]) -> tuple[str, str, int]:
    return result["text"], result["reason"], result["tokens"]


@pytest.mark.parametrize("workers", [1, 3])
def test_files_are_those_of_the_server(model: Model, packed_tiny: str, made_up_files: dict[str, str], workers: int) -> None:
    asked = [{"path": path, "size": len(text)} for path, text in made_up_files.items()]
    results = browser(packed_tiny, asked, workers)
    assert [told(result) for result in results] == [server(model, path) for path in made_up_files]
    assert [result["text"] for result in results] == list(made_up_files.values())
    assert [told(result) for result in browser(packed_tiny, asked, workers, together=True)] == [told(result) for result in results]


def test_a_file_of_unknown_size_is_written_too(model: Model, packed_tiny: str) -> None:
    [result] = browser(packed_tiny, [{"path": PATH}])
    assert told(result) == server(model, PATH)
    assert result["decodedTokens"] >= result["tokens"]


def test_limits_end_it_where_they_end_it_on_the_server(model: Model, packed_tiny: str) -> None:
    limits = [1, 30, 31, 32, 33, 80]
    results = browser(packed_tiny, [{"path": PATH, "maxTokens": limit} for limit in limits])
    assert [told(result) for result in results] == [server(model, PATH, max_tokens=limit) for limit in limits]
    assert {result["reason"] for result in results} == {"token limit"}


def test_a_file_that_has_its_size_and_does_not_end_is_stopped(packed_tiny: str, made_up_files: dict[str, str]) -> None:
    text = made_up_files[PATH]
    [result] = browser(packed_tiny, [{"path": PATH, "size": 200}])
    assert result["reason"] == "length limit"
    assert text.startswith(result["text"])
    assert 200 < len(result["text"]) < len(text)
    [grown] = browser(packed_tiny, [{"path": PATH, "size": 200, "mayGrow": True}])
    assert (grown["reason"], grown["text"]) == ("end of file", text)


def test_source_is_continued_as_by_the_same_arithmetic(model: Model, packed_tiny: str, made_up_files: dict[str, str]) -> None:
    """In another int8, such as CTranslate2's, a model that is unsure chooses otherwise."""
    text = made_up_files[PATH]
    naive = NaiveModel(model.name, model.folder, model.cache, packed=Path(packed_tiny).read_bytes())
    sources = [text[:60], text[: len(text) // 2], text[40:90], text[200:260]]
    asked = [{"source": source, "slide": slide, "maxTokens": 70} for source in sources for slide in (False, True)]
    expected = [server(naive, source=str(one["source"]), slide=bool(one["slide"]), max_tokens=70) for one in asked]
    assert [told(result) for result in browser(packed_tiny, asked)] == expected


def test_of_long_source_its_end_is_given_and_it_is_told_where_the_window_was_full(
    untrained: Model, made_up_files: dict[str, str], originals: Originals, tmp_path: Path
) -> None:
    text = made_up_files[PATH]
    file = tmp_path / "model.safetensors"
    file.write_bytes(pack_model(untrained.folder))
    naive = NaiveModel(untrained.name, untrained.folder, untrained.cache, packed=file.read_bytes())
    asks = [Ask(source=source, slide=slide, max_tokens=70) for source in (text[:40], f"{text[:200]}é🐧") for slide in (False, True)]
    results = browser(str(file), [{"source": ask.source, "slide": ask.slide, "maxTokens": 70} for ask in asks])
    for ask, result in zip(asks, results, strict=True):
        transcript = transcribe(Question(ask), emit(Question(ask), naive), originals)
        assert result["prompts"] == [prompted.prompt for prompted in transcript.prompts]
        assert result["reach"] == transcript.reach
    assert {result["reach"] is None for result in results} == {False}


def test_it_can_be_stopped(packed_tiny: str, made_up_files: dict[str, str]) -> None:
    [stopped, whole] = browser(packed_tiny, [{"path": PATH, "stopAfter": 1}, {"path": PATH}])
    assert stopped["reason"] == "stopped"
    assert made_up_files[PATH].startswith(stopped["text"])
    assert len(stopped["text"]) >= 1
    assert whole["reason"] == "end of file"


def test_a_seed_repeats_a_draw_with_any_number_of_workers(packed_tiny: str) -> None:
    draws = [{"path": PATH, "temperature": 1.5, "seed": seed, "maxTokens": 200} for seed in (1, 1, 2)]
    one, again, other = [told(result) for result in browser(packed_tiny, draws, workers=1)]
    assert one == again != other
    assert [told(result) for result in browser(packed_tiny, draws, workers=3, together=True)] == [one, one, other]


def test_the_likeliest_of_one_is_the_greedy_choice(packed_tiny: str) -> None:
    [greedy, drawn] = browser(packed_tiny, [{"path": PATH}, {"path": PATH, "temperature": 1.5, "topK": 1}])
    assert told(drawn) == told(greedy)
