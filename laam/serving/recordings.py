"""Play an emission: from its recording if there is one, or else by running the model, which makes the recording."""

import threading
import time
from collections import OrderedDict
from contextlib import closing
from dataclasses import dataclass, replace

from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, emit
from laam.emission.question import Question
from laam.model.engine import Decoding, Waiting
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.recording import Events, Recording, Shelf
from laam.serving.scheduler import Load, Scheduler

CHARACTERS = 16_000_000  # of all recordings together: all of the shipped release, from three models

Key = tuple[str, Ask]


@dataclass(frozen=True)
class Playing:
    """An emission that has begun: its events, and the recording that they come from; None if the model runs."""

    events: Events
    recording: Recording | None = None


class Recordings:
    """Recordings of greedy emissions by (model digest, ask).

    A greedy emission is the same at each run, so its recording stands for a run. The recordings hold CHARACTERS in all; those
    that were not asked for longest are dropped. Safe under several threads.

    `scheduler`: decodes for all emissions together; without it, each runs by itself. `shelf`: keeps the recordings of files of the
    release, asked for by path alone, for the next start.
    """

    def __init__(self, characters: int = CHARACTERS, scheduler: Scheduler | None = None, shelf: Shelf | None = None) -> None:
        self._scheduler, self._shelf = scheduler, shelf
        self._room = characters
        self._recordings: OrderedDict[Key, Recording] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, question: Question, model: Model) -> Recording | None:
        """The recording that stands for a run of this question by this model, or None."""
        if not question.ask.decoding.greedy:
            return None
        key = _key(question, model)
        with self._lock:
            if found := self._recordings.get(key):
                self._recordings.move_to_end(key)
            return found

    def play(self, question: Question, model: Model, rank: Rank = Rank.VISITOR, stop: threading.Event | None = None) -> Playing:
        """Replay the recording, or else run the model; a greedy run that comes to its end is recorded.

        Closing the events, or setting `stop`, ends the model's work; an emission that waits for the model then gives no more events.
        The events raise ValueError, before the first one, if the model can't be asked that.
        """
        recording = self.find(question, model)
        if recording:
            return Playing((event for event in recording.events), recording)
        return Playing(self._run(question, model, rank, stop))

    def record(self, question: Question, model: Model, rank: Rank = Rank.VISITOR, stop: threading.Event | None = None) -> Recording | None:
        """The recording of a question, which is made now if there is none; None if it was stopped or is drawn. Raises as `play` does."""
        with closing(self.play(question, model, rank, stop).events) as events:
            for _ in events:
                pass
        return self.find(question, model)

    def remember(self, question: Question, model: Model, recording: Recording) -> None:
        """Let a recording of the same text stand for a run of this greedy question, too."""
        self._remember(_key(question, model), recording)

    def by_path(self, model: Model) -> dict[str, Recording]:
        """The recordings that there are now of what this model wrote from a path alone, by that path."""
        with self._lock:
            return {
                ask.path: recording
                for (digest, ask), recording in self._recordings.items()
                if digest == model.digest and ask == Ask(ask.path)
            }

    @property
    def load(self) -> Load:
        """The emissions that the scheduler serves now; none are counted if each runs by itself."""
        return self._scheduler.load if self._scheduler else Load()

    def load_shelf(self, model: Model) -> int:
        """Read the recordings on the shelf for this model, and return how many there are."""
        kept = list(self._shelf.read(model.digest)) if self._shelf else []
        for path, recording in kept:
            self._remember((model.digest, Ask(path)), recording)
        return len(kept)

    def _run(self, question: Question, model: Model, rank: Rank, stop: threading.Event | None) -> Events:
        run = self._scheduler.emit(question, model, rank, stop) if self._scheduler else emit(question, model)
        joined: list[Event] = []
        pieces: list[str] = []
        seconds, asked_at = 0.0, time.monotonic()
        with closing(run) as emission:
            for event in emission:
                seconds += time.monotonic() - asked_at  # without the reader's time between two events
                if isinstance(event, Emitted):
                    pieces.append(event.text)
                elif not isinstance(event, Waiting):
                    joined += [Emitted("".join(pieces))] * bool(pieces) + [event]
                    pieces.clear()
                if isinstance(event, Ended):
                    self._keep(question, model, Recording(tuple(joined), event.tokens, seconds, time.time()))
                yield event
                asked_at = time.monotonic()

    def _keep(self, question: Question, model: Model, recording: Recording) -> None:
        if not question.ask.decoding.greedy:
            return
        key = _key(question, model)
        self._remember(key, recording)
        if self._shelf and question.original and question.ask.path and key[1] == Ask(key[1].path):
            self._shelf.keep(model.digest, key[1].path, recording)

    def _remember(self, key: Key, recording: Recording) -> None:
        with self._lock:
            earlier = self._recordings.pop(key, None)
            self._room += _size(earlier) - _size(recording)
            self._recordings[key] = recording
            while self._room < 0:
                _, oldest = self._recordings.popitem(last=False)
                self._room += _size(oldest)


def key_of(ask: Ask, model: Model) -> Key:
    """The key of an emission. Top-k and seed are left out if it is greedy, since they change nothing."""
    return model.digest, replace(ask, model="", decoding=Decoding() if ask.decoding.greedy else ask.decoding)


def _key(question: Question, model: Model) -> Key:
    """The key of what the model writes, whatever that is held against."""
    return key_of(replace(question.ask, against=""), model)


def _size(recording: Recording | None) -> int:
    """The number of characters of a recording's text, at least 1, since an empty one takes room as well."""
    return len(recording.text) + 1 if recording else 0
