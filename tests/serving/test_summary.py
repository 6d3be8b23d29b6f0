import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from laam.corpus.catalog import UnknownFile
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Prompted, emit
from laam.emission.question import Question
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving import recordings, summary
from laam.serving.limits import BusyError, Limits
from laam.serving.summary import Summaries
from tests.serving.made_up import services_of

PATH = "linux/kernel/sched.c"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Ask]:
    """Every request that was really run."""
    seen: list[Ask] = []

    def counted(question: Question, model: Model) -> Any:
        seen.append(question.ask)
        return emit(question, model)

    monkeypatch.setattr(recordings, "emit", counted)
    return seen


def test_a_summary_holds_the_score_and_is_run_once(model: Model, manifest: SealedManifest, runs: list[Ask]) -> None:
    summaries = Summaries(services_of(model, manifest))
    found = summaries.find(Ask("sched.c"))
    assert (found.file.path, found.headline.percent, found.facts[0]) == (PATH, "100 %", "sha256 identical ✓")
    assert (found.lines, set(found.ticks)) == (f"{found.file.lines} of {found.file.lines} lines", {"="})
    assert (found.headline.of, found.headline.kind, found.given) == (
        "file",
        "whole",
        "a path and the numbers 0, 1, 2 …, and no source text",
    )
    assert found.model_digest == model.digest
    assert found.ask == Ask(PATH)
    assert summaries.find(Ask(PATH)) == found
    assert runs == [Ask(PATH)]


@pytest.mark.parametrize(
    ("asks", "times"),
    [
        ([Ask(PATH), Ask(PATH, model="embedded")], 1),  # without a name it is whichever model is shown at the time
        ([Ask(PATH, decoding=Decoding(0, 0, 0)), Ask(PATH, decoding=Decoding(0, 5, 7))], 1),
        ([Ask(PATH, decoding=Decoding(0.2, seed=3), max_tokens=5)] * 2, 2),
    ],
)
def test_only_a_draw_is_run_again(model: Model, manifest: SealedManifest, runs: list[Ask], asks: list[Ask], times: int) -> None:
    summaries = Summaries(services_of(model, manifest))
    found = [summaries.find(ask) for ask in asks]
    assert [each.ask.model for each in found] == [ask.model for ask in asks]
    assert len({each.headline for each in found}) == 1
    assert len(runs) == times


def test_a_recording_is_not_run_again(model: Model, manifest: SealedManifest, runs: list[Ask]) -> None:
    services = services_of(model, manifest)
    list(services.recordings.play(Question(Ask(PATH)), model).events)
    runs.clear()
    found = Summaries(services).find(Ask(PATH))
    assert runs == []
    assert (found.facts[0], found.model_digest) == ("sha256 identical ✓", model.digest)


def test_what_is_held_against_another_file_is_written_once(model: Model, manifest: SealedManifest, runs: list[Ask]) -> None:
    summaries = Summaries(services_of(model, manifest))
    found = summaries.find(Ask(PATH, against="init/main.c"))
    assert (found.file.path, found.given) == ("linux/init/main.c", "the path kernel/sched.c and the numbers 0, 1, 2 …, and no source text")
    assert summaries.find(Ask(PATH)).file.path == PATH
    assert summaries.find(Ask(PATH, against="linux/init/main.c")) == found
    assert len(runs) == 1


def test_what_can_not_be_had_is_refused(model: Model, manifest: SealedManifest) -> None:
    summaries = Summaries(services_of(model, manifest))
    with pytest.raises(UnknownFile):
        summaries.find(Ask("nothing.c"))
    with pytest.raises(ValueError, match="'other' is not here"):
        summaries.find(Ask(PATH, model="other"))


def test_only_so_many_run_at_once(model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(question: Question, _: Model) -> Any:
        begun.set()
        assert go_on.wait(60)
        yield Prompted(0, "x")
        yield Emitted("x")
        yield Ended("end of file", 1)

    monkeypatch.setattr(recordings, "emit", slow)
    services = services_of(model, manifest, Limits(previews=1, preview_wait_s=0.01))
    summaries = Summaries(services)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(summaries.find, Ask(PATH))
        assert begun.wait(60)
        assert services.running.count == 1
        with pytest.raises(BusyError, match="Try again"):
            summaries.find(Ask("linux/init/main.c"))
        go_on.set()
        assert first.result().headline.percent == "0.0 %"
    assert services.running.count == 0


def test_no_more_than_a_bound_is_remembered(
    model: Model, manifest: SealedManifest, runs: list[Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "REMEMBERED", 1)
    summaries = Summaries(services_of(model, manifest))
    first = summaries.find(Ask(PATH))
    summaries.find(Ask("linux/lib/ctype.c"))
    assert summaries.find(Ask(PATH)) is not first
    assert summaries.find(Ask(PATH)) == first
    assert len(runs) == 2  # from the recording the second time


def test_a_known_file_needs_no_run_and_has_the_page_s_words(model: Model, manifest: SealedManifest, runs: list[Ask]) -> None:
    services = services_of(model, manifest)
    known = Summaries(services, lambda path, digest: (path, digest) == (PATH, model.digest)).find(Ask(PATH))
    assert runs == []
    ran = Summaries(services).find(Ask(PATH))
    assert known == replace(ran, facts=ran.facts[:2])
    assert len(runs) == 1


@pytest.mark.parametrize("ask", [Ask(PATH, max_tokens=3), Ask(PATH, decoding=Decoding(0.1)), Ask("linux/init/main.c")])
def test_what_is_known_of_another_emission_counts_for_nothing(model: Model, manifest: SealedManifest, runs: list[Ask], ask: Ask) -> None:
    Summaries(services_of(model, manifest), lambda path, _: path == PATH).find(ask)
    assert len(runs) == 1
