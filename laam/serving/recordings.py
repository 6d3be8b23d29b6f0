"""Emissions that ran: finished results, for download and for drawing the diff anew, and recordings that stand for a run."""

import threading
import time
from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from laam.compare.render import Row
from laam.emission.run import EmissionRequest, Emitted, Ended, Event
from laam.emission.transcript import Finished
from laam.model.engine import Decoding
from laam.model.model import Model

CAPACITY = 64  # results; the largest holds some 100 KB of text
RECORDED_CHARACTERS = 16_000_000  # of recordings: all of Linux 1.0, from three models

Emission = Generator[Event, None, None]
Key = tuple[str, EmissionRequest]


@dataclass(frozen=True)
class Result(Finished):
    """What an emission came to, and its rows as the page shows them. `address`: the query that leads to it, or empty."""

    rows: Sequence[Row] = ()
    address: str = ""


@dataclass(frozen=True)
class Recording:
    """The events of an emission that ran to its end, with the tokens between two prompts joined into one event.

    `tokens` that the model wrote, in `seconds` of its work.
    """

    events: tuple[Event, ...]
    tokens: int
    seconds: float

    def replay(self) -> Emission:
        """The events, at once."""
        yield from self.events

    @property
    def text(self) -> str:
        """All that the model wrote."""
        return "".join(event.text for event in self.events if isinstance(event, Emitted))


class Results:
    """The last CAPACITY results by the id of their run, and recordings of greedy emissions by (model digest, request).

    A greedy emission is the same at each run, so its recording stands for a run. The recordings hold RECORDED_CHARACTERS in
    all; those that were not asked for longest give way. Safe under several threads.
    """

    def __init__(self, capacity: int = CAPACITY, recorded_characters: int = RECORDED_CHARACTERS) -> None:
        self._capacity = capacity
        self._room = recorded_characters
        self._kept: OrderedDict[str, Result] = OrderedDict()
        self._recordings: OrderedDict[Key, Recording] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, run: str, result: Result) -> None:
        """Remember a result; the oldest one gives way."""
        with self._lock:
            self._kept[run] = result
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)

    def find(self, run: str) -> Result | None:
        """The result of a run, or None where it is unknown or was forgotten."""
        with self._lock:
            return self._kept.get(run)

    def recording(self, request: EmissionRequest, model: Model) -> Recording | None:
        """The recording that stands for a run of this request by this model, or None."""
        if not request.decoding.greedy:
            return None
        key = key_of(request, model)
        with self._lock:
            if found := self._recordings.get(key):
                self._recordings.move_to_end(key)
            return found

    def record(self, emission: Emission, request: EmissionRequest, model: Model) -> Emission:
        """Pass the events of a run on as they come; where it is greedy and comes to its end, its recording is kept.

        Closing the iterator closes the run.
        """
        joined: list[Event] = []
        pieces: list[str] = []
        seconds, asked_at = 0.0, time.monotonic()
        with closing(emission):
            for event in emission:
                seconds += time.monotonic() - asked_at  # without the reader's time between two events
                if isinstance(event, Emitted):
                    pieces.append(event.text)
                else:
                    joined += [Emitted("".join(pieces))] * bool(pieces) + [event]
                    pieces.clear()
                if isinstance(event, Ended):
                    self._keep_recording(request, model, Recording(tuple(joined), event.tokens, seconds))
                yield event
                asked_at = time.monotonic()

    def _keep_recording(self, request: EmissionRequest, model: Model, recording: Recording) -> None:
        if not request.decoding.greedy:
            return
        key = key_of(request, model)
        with self._lock:
            earlier = self._recordings.pop(key, None)
            self._room += _size(earlier) - _size(recording)
            self._recordings[key] = recording
            while self._room < 0:
                _, oldest = self._recordings.popitem(last=False)
                self._room += _size(oldest)


def key_of(request: EmissionRequest, model: Model) -> Key:
    """What stands for an emission: the same where only what a greedy one doesn't draw by is another."""
    return model.digest, replace(request, decoding=Decoding()) if request.decoding.greedy else request


def _size(recording: Recording | None) -> int:
    """Characters of a recording's text; an empty one takes room as well."""
    return len(recording.text) + 1 if recording else 0
