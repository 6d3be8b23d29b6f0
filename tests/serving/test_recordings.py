from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from laam.compare.live import compare_text
from laam.emission.run import EmissionRequest, Emitted, Ended, Prompted, emit
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving.recordings import CAPACITY, Emission, Result, Results
from tests.compare.made_up import MadeUpOriginal
from tests.serving.made_up import result_of

GREEDY = EmissionRequest("linux/init/main.c")


def result(text: str) -> Result:
    return result_of(compare_text(text, MadeUpOriginal("one\n")))


def test_what_was_kept_is_found() -> None:
    results = Results()
    one, two = result("one\n"), result("two\n")
    results.keep("a", one)
    results.keep("b", two)
    assert results.find("a") is one
    assert results.find("b") is two
    assert results.find("c") is None


def test_the_oldest_gives_way() -> None:
    results = Results(capacity=2)
    for run in "abc":
        results.keep(run, result(run))
    assert results.find("a") is None
    assert [found.compared.text for run in "bc" if (found := results.find(run))] == ["b", "c"]


def test_a_run_that_is_kept_again_is_replaced() -> None:
    results = Results(capacity=2)
    results.keep("a", result("first"))
    results.keep("b", result("other"))
    results.keep("a", result("second"))
    assert [found.compared.text for run in "ab" if (found := results.find(run))] == ["second", "other"]


def test_threads_may_keep_at_once() -> None:
    results, kept = Results(), result("one\n")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: results.keep(str(number), kept), range(500)))
    assert sum(results.find(str(number)) is kept for number in range(500)) == CAPACITY


def run(results: Results, request: EmissionRequest, model: Model, *texts: str) -> None:
    """Record a made-up run that writes some texts, a token each."""

    def events() -> Emission:
        yield Prompted(0, "<prompt>")
        yield from map(Emitted, texts)
        yield Ended("end of file", len(texts))

    assert len(list(results.record(events(), request, model))) == len(texts) + 2


def test_a_greedy_run_is_recorded_and_gives_the_same_text(model: Model) -> None:
    results = Results()
    assert results.recording(GREEDY, model) is None
    events = list(results.record(emit(GREEDY, model), GREEDY, model))
    recording = results.recording(GREEDY, model)
    assert recording is not None
    assert recording.text == "".join(event.text for event in events if isinstance(event, Emitted))
    replayed = list(recording.replay())
    assert [event for event in replayed if not isinstance(event, Emitted)] == [event for event in events if not isinstance(event, Emitted)]
    assert replayed[-1] == Ended("end of file", recording.tokens)
    assert recording.seconds > 0
    assert len(replayed) < len(events)


@pytest.mark.parametrize("other", [EmissionRequest("linux/lib/ctype.c"), EmissionRequest(GREEDY.path, max_tokens=3)])
def test_another_request_has_a_recording_of_its_own(model: Model, other: EmissionRequest) -> None:
    results = Results()
    run(results, GREEDY, model, "a", "b")
    assert results.recording(other, model) is None


def test_draws_are_not_recorded(model: Model) -> None:
    results, drawn = Results(), EmissionRequest(GREEDY.path, Decoding(0.5))
    run(results, drawn, model, "a")
    assert results.recording(drawn, model) is None


def test_a_run_that_is_stopped_is_closed_and_not_recorded(model: Model) -> None:
    results, closed = Results(), []

    def events() -> Iterator[Emitted]:
        try:
            while True:
                yield Emitted("x")
        finally:
            closed.append(True)

    recorded = results.record(events(), GREEDY, model)  # type: ignore[arg-type]
    next(recorded)
    recorded.close()
    assert closed == [True]
    assert results.recording(GREEDY, model) is None


def test_recordings_are_bounded_and_the_least_asked_for_gives_way(model: Model) -> None:
    results = Results(recorded_characters=12)
    requests = [EmissionRequest(f"linux/{name}.c") for name in "abc"]
    run(results, requests[0], model, "12345")
    run(results, requests[1], model, "12345")
    assert results.recording(requests[0], model) is not None
    run(results, requests[2], model, "123", "45")
    assert results.recording(requests[1], model) is None
    assert results.recording(requests[0], model) is not None
    run(results, requests[2], model, "67890")  # again: takes no more room than before
    assert results.recording(requests[0], model) is not None
    run(results, requests[1], model, "x" * 100)
    assert [results.recording(request, model) for request in requests] == [None, None, None]
