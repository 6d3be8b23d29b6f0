"""An emission's place in the scheduler: the segments that were asked for, and those that will be asked for."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from time import monotonic

from laam.model.drafts import Drawn, draw_along
from laam.model.engine import Decoder, Decoding, Engine, Waiting

WAIT_S = 0.25  # the longest time until a visitor who waits for the model learns of it, or a stop takes effect
SHOW_S = 1.0  # the longest time for which others are held up so that a visitor's first line gets onto the page
FIRST_AHEAD = 8  # segments of one file that are decoded side by side before any of them is known to be there
MOST_AHEAD = 32  # the most segments that are decoded ahead of the reader, who may have left


class Rank(IntEnum):
    """The kind of visitor whose emission it is; a lower number goes first."""

    VISITOR = 0
    PREVIEW = 1
    BACKGROUND = 2


class Stopped(Exception):  # noqa: N818 - this is not an error
    """The emission was stopped while it waited for the model."""


@dataclass(eq=False)
class Segment:
    """The answer to one prompt, at most `limit` ids. `opened`: whether its opening was decoded, or no longer has to be.
    `parted`: whether a draw has left the draft, so that the rest is drawn id by id."""

    prompt: Sequence[int]
    limit: int
    ids: list[int] = field(default_factory=list)
    opened: bool = False
    done: bool = False
    parted: bool = False
    running: bool = False


@dataclass(frozen=True)
class Ahead:
    """How a file goes on, so that its segments can be decoded before they are asked for.

    `prompt`: gives the prompt of a segment, counted from 0. `ends`: the ids after which no segment follows. `window`: of the model, in
    tokens. `most`: how many segments are expected at most; `certain`: whether all of them are expected.
    """

    prompt: Callable[[int], Sequence[int]]
    ends: Sequence[int]
    window: int
    most: int
    certain: bool = False


class Job:
    """A Decoder for one emission, whose ids come from the scheduler's rounds.

    Everything except `stream` is used under the scheduler's lock. `ahead`: None for an emission that takes turns: its own decoder,
    made in its first turn, answers its prompts one after the other. `asked` tells the scheduler that there is more to do.
    """

    def __init__(
        self,
        engine: Engine,
        decoding: Decoding,
        rank: Rank,
        lock: threading.Lock,
        asked: Callable[["Job"], None],
        before: Callable[["Job"], int],
        ahead: Ahead | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.engine, self.decoding, self.rank, self.ahead = engine, decoding, rank, ahead
        self.stopping = stop or threading.Event()
        self.stop_ids: Sequence[int] = ()
        self.served = 0  # the round in which it was last served
        self.decoder: Decoder | None = None
        self.started = False  # whether it has, or is about to get, its own decoder
        self.left = False
        self._opened_at: float | None = None  # when its first ids came
        self._seen = False  # whether its reader has taken them
        self._segments: list[Segment] = []
        self._asked = 0  # how many prompts `stream` was given
        self._last: int | None = None  # the segment with which the file ended
        self._error: Exception | None = None
        self._changed = threading.Condition(lock)
        self._queue_up, self._before = asked, before

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int | Waiting]:
        """See Decoder. Raises what the engine raised for this emission, and Stopped."""
        with self._changed:
            segment = self._ask(prompt, stop, limit)
            self._queue_up(self)
        taken = 0
        while True:
            with self._changed:
                if not (self._error or segment.done or len(segment.ids) > taken):
                    self._changed.wait(WAIT_S)
                if self._error:
                    raise self._error
                if self.stopping.is_set():
                    raise Stopped
                ids, done, before = segment.ids[taken:limit], segment.done, self._before(self)
                if ids and not self._seen:
                    self._seen = True
                    self._queue_up(self)
            taken += len(ids)
            yield from ids
            if not (ids or done):
                yield Waiting(before)
            if taken >= limit or (done and taken >= len(segment.ids)):
                return

    @property
    def waiting(self) -> bool:
        """Whether it has asked and got no id yet."""
        return bool(self._asked) and not self._segments[0].ids and not self._segments[0].done

    @property
    def shows_first_line(self) -> bool:
        """Whether its first line isn't decoded yet, or its reader is about to take it; one who has stopped reading doesn't count."""
        return not self._seen and (self._opened_at is None or monotonic() - self._opened_at < SHOW_S)

    @property
    def unopened(self) -> Segment | None:
        """Its first segment, if nothing of it has been decoded yet."""
        first = self._segments[0] if self._segments and not self._over else None
        return first if first and not first.opened and not first.running else None

    @property
    def _over(self) -> bool:
        return self.left or self.stopping.is_set() or self._error is not None

    def open_segments(self) -> list[Segment]:
        """The segments that could be decoded now, in the order in which they are needed; the longer the file, the further ahead."""
        return [segment for segment in self._known() if not segment.done and not segment.running]

    def draw(self, segment: Segment, draft: Sequence[int]) -> Drawn:
        """What its decoding makes of the greedy ids of a segment; needs no lock."""
        if self.decoding.greedy:
            return Drawn(list(draft), parted=False)
        assert self.ahead
        return draw_along(self.engine, self.decoding, self.ahead.window, segment.prompt, draft)

    def deliver(self, segment: Segment, ids: Sequence[int], *, done: bool) -> None:
        """Add the new ones of `ids`, which are all ids of a segment so far."""
        segment.ids += ids[len(segment.ids) : segment.limit]
        segment.opened = True
        self._opened_at = self._opened_at or monotonic()
        segment.done = done or len(segment.ids) >= segment.limit or (bool(segment.ids) and segment.ids[-1] in self.stop_ids)
        if segment.done and self.ahead and segment.ids and segment.ids[-1] in self.ahead.ends:
            self._last = min(self._segments.index(segment), self._last if self._last is not None else len(self._segments))
        self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        """End it with an error, which `stream` raises."""
        self._error = error
        self._changed.notify_all()

    def _ask(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Segment:
        self.stop_ids = stop
        number, self._asked = self._asked, self._asked + 1
        if number == len(self._segments):
            self._segments.append(Segment(prompt, self._limit(prompt) if self.ahead else limit))
        return self._segments[number]

    def _known(self) -> list[Segment]:
        """The segments up to the end of the file; if the end isn't known, up to twice as many as were asked for."""
        if self._over or not self._asked:
            return []
        if self.ahead is None:
            return self._segments
        far = self._asked + MOST_AHEAD if self.ahead.certain else min(max(FIRST_AHEAD, 2 * self._asked), self._asked + MOST_AHEAD)
        guess = min(far, self.ahead.most)
        end = guess if self._last is None else self._last + 1
        for number in range(len(self._segments), end):
            prompt = self.ahead.prompt(number)
            if (limit := self._limit(prompt)) < 1:
                break
            self._segments.append(Segment(prompt, limit))
        return self._segments[: max(end, self._asked)]

    def _limit(self, prompt: Sequence[int]) -> int:
        assert self.ahead
        return self.ahead.window - len(prompt)
