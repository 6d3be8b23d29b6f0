"""An emission in a few numbers, for a card, a link's preview and the API: remembered, recorded, or run now."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from laam import wording
from laam.compare.live import Comparison, compare_text
from laam.compare.render import tick_marks
from laam.corpus.catalog import SourceFile
from laam.emission import EmissionRequest, Emitted, Ended, Event, Prompted, emit
from laam.exhibit.address import Address
from laam.exhibit.sources import Sources
from laam.model.zoo import Model
from laam.receipts import Receipts, receipts_of

AT_ONCE = 2  # emissions that run for previews; a visitor's own go before them
WAIT_S = 25.0  # seconds; whoever fetches a preview gives up about then
REMEMBERED = 2_000  # summaries, of some hundred bytes each


class BusyError(Exception):
    """More is asked for at once than can run; it can be asked for again a little later."""


@dataclass(frozen=True)
class Summary:
    """What a card shows. `reproduced` is a share, 0…1. `ticks` are marks as `tick_marks` makes them, or empty where not known."""

    address: Address
    file: SourceFile
    model: str
    model_digest: str
    reproduced: float
    exact_lines: int
    longest_run: int
    sha256_identical: bool
    ticks: str

    @property
    def percent(self) -> str:
        return wording.percent(self.reproduced)

    @property
    def licence(self) -> str:
        return wording.LICENCES.get(self.file.licence, self.file.licence)


@dataclass(frozen=True)
class Finished:
    """An emission that ran to its end, compared."""

    comparison: Comparison
    receipts: Receipts
    ended: Ended

    def as_dict(self) -> dict[str, Any]:
        """Score, receipts and ending, ready for JSON; without the text."""
        return {"score": self.comparison.score.as_dict(), "receipts": asdict(self.receipts), "ended": asdict(self.ended)}


def finished(request: EmissionRequest, model: Model, file: SourceFile, events: Sequence[Event], sources: Sources) -> Finished:
    """Compare an emission by all of its events, the last of which is Ended."""
    prompts = [event.prompt for event in events if isinstance(event, Prompted)]
    [ended] = [event for event in events if isinstance(event, Ended)]
    comparison = compare_text(
        "".join(event.text for event in events if isinstance(event, Emitted)),
        sources.original(file.path),
        prompt_characters=sum(map(len, prompts)),
        line_files=sources.line_files(),
        complete=ended.reason == "end of file",
    )
    return Finished(comparison, receipts_of(request, model, file, prompts), ended)


class Summaries:
    """Summaries and finished emissions. Safe under several threads; at most AT_ONCE emissions run for them."""

    def __init__(self, sources: Sources, at_once: int = AT_ONCE, wait_s: float = WAIT_S) -> None:
        self._sources, self._wait_s = sources, wait_s
        self._places = threading.BoundedSemaphore(at_once)
        self._remembered: OrderedDict[tuple[str, EmissionRequest], Summary] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, address: Address) -> Summary:
        """The summary of an emission, without running it again where its score is known.

        Raises UnknownFile, ValueError for a model that can't be had or asked, and BusyError.
        """
        address, file, model = self._resolved(address)
        key = (model.digest, address.request)
        with self._lock:
            if remembered := self._remembered.get(key):
                return remembered
        score, ticks = (comparison := self.finish(address).comparison).score, tick_marks(comparison.shown_blocks, file.lines)
        name = wording.model_name(model.name, model.parameters)
        summary = Summary(
            address, file, name, model.digest, score.reproduced, score.exact_lines, score.longest_run, score.sha256_identical, ticks
        )
        if address.decoding.greedy:
            with self._lock:
                self._remembered[key] = summary
                while len(self._remembered) > REMEMBERED:
                    self._remembered.popitem(last=False)
        return summary

    def finish(self, address: Address) -> Finished:
        """Run an emission to its end, or take its recording, and compare. Raises as `find` does."""
        address, file, model = self._resolved(address)
        request, results = address.request, self._sources.results
        recording = results.recording(request, model)
        if recording:
            return finished(request, model, file, recording.events, self._sources)
        with self._place(), self._sources.running.emission(f"preview {threading.get_ident()}"):
            recording = results.recording(request, model)  # another request may just have run it
            events = recording.events if recording else list(results.record(emit(request, model), request, model))
        return finished(request, model, file, events, self._sources)

    def _resolved(self, address: Address) -> tuple[Address, SourceFile, Model]:
        file = self._sources.catalog.find(address.path)
        model = self._sources.model(address.model)
        return Address(file.path, address.model, address.decoding, address.max_tokens), file, model

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._wait_s):
            raise BusyError("Too many emissions are asked for just now. Try again in a minute.")
        try:
            yield
        finally:
            self._places.release()
