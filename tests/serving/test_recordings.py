from collections.abc import Iterator
from pathlib import Path

import pytest

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, Prompted, emit
from laam.emission.question import Question
from laam.model.engine import Decoding
from laam.model.lossy import AS_SHIPPED, Lossy
from laam.model.model import Model
from laam.serving import recordings as module
from laam.serving.recording import Shelf
from laam.serving.recordings import Recordings

GREEDY = Question(Ask("linux/init/main.c"))
DRAWN = Question(Ask(GREEDY.ask.path, decoding=Decoding(0.5)))
FIND = Recordings.find  # before a test puts another in its place


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that a made-up model writes in its next run."""
    written: list[str] = []

    def emit(*_: object) -> Iterator[Event]:
        yield Prompted(0, "<prompt>")
        yield from map(Emitted, written)
        yield Ended("end of file", len(written))

    monkeypatch.setattr(module, "emit", emit)
    return written


def play(recordings: Recordings, question: Question, model: Model) -> list[Event]:
    return list(recordings.play(question, model).events)


def test_a_greedy_run_is_recorded_and_gives_the_same_text(model: Model) -> None:
    recordings = Recordings()
    assert recordings.find(GREEDY, model) is None
    playing = recordings.play(GREEDY, model)
    events = list(playing.events)
    assert playing.recording is None
    assert events == list(emit(GREEDY, model))
    replaying = recordings.play(GREEDY, model)
    recording = replaying.recording
    assert recording is not None and recording is recordings.find(GREEDY, model)
    assert recording.text == "".join(event.text for event in events if isinstance(event, Emitted))
    replayed = list(replaying.events)
    assert [event for event in replayed if not isinstance(event, Emitted)] == [event for event in events if not isinstance(event, Emitted)]
    assert replayed[-1] == Ended("end of file", recording.tokens)
    assert recording.seconds > 0
    assert len(replayed) < len(events)


def test_a_recording_is_of_its_settings_and_what_a_lossy_copy_wrote_lies_on_no_shelf(
    model: Model, manifest: SealedManifest, texts: list[str], tmp_path: Path
) -> None:
    path = GREEDY.ask.path
    each = (AS_SHIPPED, Lossy(8), Lossy(5), Lossy(noise=0.1, seed=1), Lossy(noise=0.1, seed=2))
    questions = [Question(Ask(path, lossy=lossy), manifest.original(path)) for lossy in each]
    recordings = Recordings(shelf=Shelf(tmp_path, 10_000))
    for question in questions:
        texts[:] = [repr(question.ask.lossy)]
        play(recordings, question, model)
    found = [recordings.find(question, model) for question in questions]
    assert [recording and recording.text for recording in found] == list(map(repr, each))
    assert recordings.by_path(model) == {path: found[0]}
    assert [recording.text for _, recording in Shelf(tmp_path, 0).read(model.digest)] == [repr(AS_SHIPPED)]


def test_a_recording_is_played_and_the_model_is_not_asked(model: Model, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    recordings = Recordings()
    texts += "a", "b"
    play(recordings, GREEDY, model)
    monkeypatch.setattr(module, "emit", lambda *_: pytest.fail("asked"))
    assert play(recordings, GREEDY, model) == [Prompted(0, "<prompt>"), Emitted("ab"), Ended("end of file", 2)]


@pytest.mark.parametrize(
    ("played", "asked", "found"),
    [
        (GREEDY, Question(Ask("linux/lib/ctype.c")), False),
        (GREEDY, Question(Ask(GREEDY.ask.path, max_tokens=3)), False),
        (GREEDY, Question(Ask(GREEDY.ask.path, decoding=Decoding(0, 5, 7))), True),  # which is greedy all the same
        (DRAWN, DRAWN, False),
    ],
)
def test_a_recording_is_of_one_greedy_request(model: Model, texts: list[str], played: Question, asked: Question, found: bool) -> None:
    recordings = Recordings()
    texts += "a", "b"
    play(recordings, played, model)
    assert (recordings.find(asked, model) is not None) == found


def test_a_run_that_is_stopped_is_closed_and_not_recorded(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    recordings, closed = Recordings(), []

    def emit(*_: object) -> Iterator[Emitted]:
        try:
            while True:
                yield Emitted("x")
        finally:
            closed.append(True)

    monkeypatch.setattr(module, "emit", emit)
    events = recordings.play(GREEDY, model).events
    next(events)
    events.close()
    assert closed == [True]
    assert recordings.find(GREEDY, model) is None


def test_recordings_are_bounded_and_the_least_asked_for_gives_way(model: Model, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    recordings = Recordings(characters=12)
    requests = [Question(Ask(f"linux/{name}.c")) for name in "abc"]
    monkeypatch.setattr(Recordings, "find", lambda *_: None)  # each is run, also where there is a recording

    def run(question: Question, *written: str) -> None:
        texts[:] = written
        play(recordings, question, model)

    def kept(question: Question) -> bool:
        return FIND(recordings, question, model) is not None

    run(requests[0], "12345")
    run(requests[1], "12345")
    assert kept(requests[0])
    run(requests[2], "123", "45")
    assert not kept(requests[1])
    assert kept(requests[0])
    run(requests[2], "67890")  # again: takes no more room than before
    assert kept(requests[0])
    run(requests[1], "x" * 100)
    assert not any(kept(request) for request in requests)
