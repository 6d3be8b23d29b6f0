"""An emission is played: from its recording if there is one, or else by running the model, which makes the recording."""

import threading
import time
from collections import OrderedDict
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

from laam.emission.ask import Ask
from laam.emission.question import Question
from laam.emission.run import Emitted, Ended, Event, emit
from laam.model.engine import Decoding
from laam.model.model import Model

CHARACTERS = 16_000_000  # of all recordings together: all of the shipped release, from three models

Events = Generator[Event, None, None]
Key = tuple[str, Ask]


@dataclass(frozen=True)
class Recording:
    """The events of an emission that ran to its end, with the tokens between two prompts joined into one event.

    `tokens` that the model wrote, in `seconds` of its work.
    """

    events: tuple[Event, ...]
    tokens: int
    seconds: float

    def replay(self) -> Events:
        """The events, at once."""
        yield from self.events

    @property
    def text(self) -> str:
        """All that the model wrote."""
        return "".join(event.text for event in self.events if isinstance(event, Emitted))


@dataclass(frozen=True)
class Playing:
    """An emission that has begun: its events, and the recording that they come from; None if the model runs."""

    events: Events
    recording: Recording | None = None


class Recordings:
    """Recordings of greedy emissions by (model digest, ask).

    A greedy emission is the same at each run, so its recording stands for a run. The recordings hold CHARACTERS in all; those
    that were not asked for longest give way. Safe under several threads.
    """

    def __init__(self, characters: int = CHARACTERS) -> None:
        self._room = characters
        self._recordings: OrderedDict[Key, Recording] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, question: Question, model: Model) -> Recording | None:
        """The recording that stands for a run of this question by this model, or None."""
        if not question.ask.decoding.greedy:
            return None
        key = key_of(question.ask, model)
        with self._lock:
            if found := self._recordings.get(key):
                self._recordings.move_to_end(key)
            return found

    def play(self, question: Question, model: Model) -> Playing:
        """Replay the recording, or else run the model; a greedy run that comes to its end is recorded.

        Closing the events ends the model's work. They raise ValueError, before the first one, for what can't be asked of the model.
        """
        recording = self.find(question, model)
        return Playing(recording.replay(), recording) if recording else Playing(self._run(question, model))

    def _run(self, question: Question, model: Model) -> Events:
        joined: list[Event] = []
        pieces: list[str] = []
        seconds, asked_at = 0.0, time.monotonic()
        with closing(emit(question, model)) as emission:
            for event in emission:
                seconds += time.monotonic() - asked_at  # without the reader's time between two events
                if isinstance(event, Emitted):
                    pieces.append(event.text)
                else:
                    joined += [Emitted("".join(pieces))] * bool(pieces) + [event]
                    pieces.clear()
                if isinstance(event, Ended):
                    self._keep(question, model, Recording(tuple(joined), event.tokens, seconds))
                yield event
                asked_at = time.monotonic()

    def _keep(self, question: Question, model: Model, recording: Recording) -> None:
        if not question.ask.decoding.greedy:
            return
        key = key_of(question.ask, model)
        with self._lock:
            earlier = self._recordings.pop(key, None)
            self._room += _size(earlier) - _size(recording)
            self._recordings[key] = recording
            while self._room < 0:
                _, oldest = self._recordings.popitem(last=False)
                self._room += _size(oldest)


def key_of(ask: Ask, model: Model) -> Key:
    """The key of an emission. Top-k and seed are left out when it is greedy, since they change nothing."""
    return model.digest, replace(ask, model="", decoding=Decoding() if ask.decoding.greedy else ask.decoding)


def _size(recording: Recording | None) -> int:
    """Characters of a recording's text; an empty one takes room as well."""
    return len(recording.text) + 1 if recording else 0
