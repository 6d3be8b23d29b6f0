import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from laam import wording
from laam.corpus.catalog import UnknownFile
from laam.corpus.sealed import SealedManifest
from laam.emission import EmissionRequest, Emitted, Ended, Prompted, emit
from laam.exhibit import summary
from laam.exhibit.address import Address
from laam.exhibit.summary import BusyError, Summaries
from laam.model.engine import Decoding
from laam.model.zoo import Model
from tests.exhibit.share_client import sources_of

PATH = "linux/kernel/sched.c"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[EmissionRequest]:
    """Every request that was really run."""
    seen: list[EmissionRequest] = []

    def counted(request: EmissionRequest, model: Model) -> Any:
        seen.append(request)
        return emit(request, model)

    monkeypatch.setattr(summary, "emit", counted)
    return seen


def test_a_summary_holds_the_score_and_is_run_once(model: Model, manifest: SealedManifest, runs: list[EmissionRequest]) -> None:
    summaries = Summaries(sources_of(model, manifest))
    found = summaries.find(Address("sched.c"))
    assert (found.file.path, found.percent, found.facts[0]) == (PATH, "100 %", "sha256 identical ✓")
    assert (found.lines, set(found.ticks)) == (f"{found.file.lines} of {found.file.lines} lines", {"="})
    assert (found.measure, found.given) == (wording.MEASURE, "a path, and no source text")
    assert found.model_digest == model.digest
    assert found.address == Address(PATH)
    assert summaries.find(Address(PATH)) is found
    assert runs == [EmissionRequest(PATH)]


def test_a_recording_is_not_run_again(model: Model, manifest: SealedManifest, runs: list[EmissionRequest]) -> None:
    sources = sources_of(model, manifest)
    list(sources.results.record(emit(EmissionRequest(PATH), model), EmissionRequest(PATH), model))
    finished = Summaries(sources).finish(Address(PATH))
    assert runs == []
    assert finished.comparison.score.sha256_identical
    assert finished.ended.reason == "end of file"
    assert finished.receipts.model_sha256 == model.digest


def test_a_draw_is_run_each_time(model: Model, manifest: SealedManifest, runs: list[EmissionRequest]) -> None:
    summaries, address = Summaries(sources_of(model, manifest)), Address(PATH, decoding=Decoding(0.2, seed=3), max_tokens=5)
    summaries.find(address)
    summaries.find(address)
    assert len(runs) == 2


def test_what_can_not_be_had_is_refused(model: Model, manifest: SealedManifest) -> None:
    summaries = Summaries(sources_of(model, manifest))
    with pytest.raises(UnknownFile):
        summaries.find(Address("nothing.c"))
    with pytest.raises(ValueError, match="'other' is not here"):
        summaries.find(Address(PATH, "other"))


def test_only_so_many_run_at_once(model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: EmissionRequest, _: Model) -> Any:
        begun.set()
        assert go_on.wait(60)
        yield Prompted(0, "x")
        yield Emitted("x")
        yield Ended("end of file", 1)

    monkeypatch.setattr(summary, "emit", slow)
    sources = sources_of(model, manifest)
    summaries = Summaries(sources, at_once=1, wait_s=0.01)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(summaries.find, Address(PATH))
        assert begun.wait(60)
        assert sources.running.count == 1
        with pytest.raises(BusyError, match="Try again"):
            summaries.find(Address("linux/init/main.c"))
        go_on.set()
        assert first.result().percent == "0.0 %"
    assert sources.running.count == 0


def test_no_more_than_a_bound_is_remembered(
    model: Model, manifest: SealedManifest, runs: list[EmissionRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "REMEMBERED", 1)
    sources = replace(sources_of(model, manifest))
    summaries = Summaries(sources)
    first = summaries.find(Address(PATH))
    summaries.find(Address("linux/lib/ctype.c"))
    assert summaries.find(Address(PATH)) is not first
    assert summaries.find(Address(PATH)) == first
    assert len(runs) == 2  # from the recording the second time


@dataclass(frozen=True)
class Row:
    """A made-up row of an atlas."""

    reproduced: float = 1.0
    exact_lines: int = 7
    original_lines: int = 7
    longest_run: int = 7
    identical: bool = True
    closed: bool = True


def test_a_known_score_needs_no_run_and_has_the_page_s_words(model: Model, manifest: SealedManifest, runs: list[EmissionRequest]) -> None:
    lines = manifest.catalog.find(PATH).lines
    row = Row(exact_lines=lines, original_lines=lines, longest_run=lines)
    sources = sources_of(model, manifest)
    known = Summaries(sources, lambda path, digest: row if (path, digest) == (PATH, model.digest) else None).find(Address(PATH))
    assert runs == []
    ran = Summaries(sources).find(Address(PATH))
    assert known == replace(ran, facts=ran.facts[:2])
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("row", "address"),
    [
        (Row(closed=False), Address(PATH)),
        (Row(), Address(PATH, max_tokens=3)),
        (Row(), Address(PATH, decoding=Decoding(0.1))),
    ],
)
def test_what_is_known_of_another_emission_counts_for_nothing(
    model: Model, manifest: SealedManifest, runs: list[EmissionRequest], row: Row, address: Address
) -> None:
    Summaries(sources_of(model, manifest), lambda *_: row).find(address)
    assert len(runs) == 1


def test_where_it_differs_is_not_known(model: Model, manifest: SealedManifest) -> None:
    found = Summaries(sources_of(model, manifest), lambda *_: Row(reproduced=0.5, identical=False)).find(Address(PATH))
    assert (found.percent, found.ticks, found.facts[0]) == ("50.0 %", "", "sha256 differs")
