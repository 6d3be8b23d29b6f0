from math import log
from typing import cast

import pytest

from laam.corpus.originals import Originals
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.emission.question import Question, question_of
from laam.model.codec import Codec
from laam.model.model import Model
from laam.model.reference import ReferenceEngine
from laam.serving.certainty import line_certainty
from laam.serving.recording import Recording
from laam.serving.recordings import Recordings
from tests.serving.scripted import ScriptedFormat, ScriptedModel

PATH = "linux/kernel/sched.c"


def recorded(question: Question, model: Model) -> Recording:
    recordings = Recordings()
    for _ in recordings.play(question, model).events:
        pass
    found = recordings.find(question, model)
    assert found
    return found


def test_the_engine_gives_the_reference_s_logarithms(model: Model) -> None:
    prompt = model.format.path_prompt(PATH).ids
    [ids] = model.engine.batch([prompt], model.format.stop, 60)
    found, expected = (engine.log_probabilities(prompt, ids) for engine in (model.engine, ReferenceEngine(model.folder)))
    assert found == pytest.approx(expected, abs=0.1)  # int8 on one side
    assert len(found) == len(ids)
    assert model.engine.log_probabilities(prompt, []) == []


def test_a_model_is_sure_of_each_line_that_it_learned(model: Model, originals: Originals) -> None:
    question = question_of(Ask(PATH), model, originals)
    recording = recorded(question, model)
    lines = line_certainty(question, model, recording)
    assert len(lines) == recording.text.count("\n")
    assert all(line is not None and 0.5 < line <= 1 for line in lines)


class Letters:
    """An engine that is as sure of each letter as the test says. `answer`: what it gives if it is asked again."""

    def __init__(self, sure: dict[str, float], answer: str = "") -> None:
        self._sure, self._answer = sure, answer

    def log_probabilities(self, prompt: list[int], ids: list[int]) -> list[float]:
        return [log(self._sure.get(chr(id_), 1.0)) for id_ in ids]

    def batch(self, prompts: list[list[int]], stop: tuple[int, ...], limit: int) -> list[list[int]]:
        return [[*map(ord, self._answer), *stop[:1]][:limit] for _ in prompts]


class LetterCodec:
    """Letters, and W for a word of two of them."""

    def encode(self, text: str) -> list[int]:
        return list(map(ord, text.replace("wv", "W")))

    def decoder(self, _: object) -> "LetterCodec":
        return self

    def feed(self, id_: int) -> str:
        return {"W": "wv"}.get(chr(id_), chr(id_))


def letters(answer: str = "") -> Model:
    engine = Letters({"x": 0.75, "y": 0.625, "\n": 0.875, "W": 0.01, "w": 0.25}, answer)
    return cast(Model, ScriptedModel(engine, ScriptedFormat(codec=cast(Codec, LetterCodec()))))  # type: ignore[arg-type]


def lines_of(*events: Event, model: Model) -> list[float | None]:
    return line_certainty(Question(Ask("a")), model, Recording(events, 9, 1))


def test_a_line_is_as_sure_as_its_least_sure_token_and_may_go_on_after_a_segment() -> None:
    events = (Prompted(0, "a#0"), Emitted("ab\ncx"), Prompted(1, "a#1"), Emitted("yd\n\ne"), Ended("end of file", 9))
    assert lines_of(*events, model=letters()) == [0.875, 0.625, 0.875, 1.0]


def test_what_was_written_in_other_tokens_is_decoded_again() -> None:
    events = (Prompted(0, "a#0"), Emitted("wv\nx"), Ended("token limit", 9))
    assert lines_of(*events, model=letters("wv\nxyz")) == [0.25, 0.75]
    assert lines_of(*events, model=letters("wx\nx")) == [None, None]  # the model doesn't write that


def test_after_the_window_was_full_nothing_is_known() -> None:
    events = (Prompted(0, "a#0"), Emitted("ab\n"), Prompted(1, "b", "window"), Emitted("c\nd\n"), Ended("end of file", 9))
    assert lines_of(*events, model=letters()) == [0.875, None, None]


def test_only_a_path_can_be_scored() -> None:
    with pytest.raises(ValueError, match="by its path"):
        line_certainty(Question(Ask(source="a")), letters(), Recording((), 0, 0))
