"""How many emissions may run at once, and which are under way, so that each can be stopped."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SPARE_THREADS = 40  # for what is no emission: pages, cards that are known, a file's facts


@dataclass(frozen=True)
class Limits:
    """How many emissions may be there at once for each kind of visitor. They share the engine by turns, see the scheduler; each holds
    one of the threads that serve all requests. What was recorded needs no place."""

    page: int = 120
    """Of the page; more are refused."""
    api: int = 16
    """Calls of one endpoint of the API; more wait in Gradio's queue."""
    embeds: int = 32
    """More are refused: a popular post must not take all from the exhibit's own visitors."""
    previews: int = 2
    """For cards and link previews whose score isn't known yet."""
    previews_waiting: int = 8
    """Previews that wait for their turn; each holds one of the threads that serve all requests. More are refused."""
    preview_wait_s: float = 25.0
    """Seconds that a preview waits; whoever fetches one gives up about then."""

    @property
    def total(self) -> int:
        """How many emissions may run at once in all."""
        return self.page + self.api + self.embeds + self.previews

    @property
    def threads(self) -> int:
        """How many threads serve requests: one for each emission, and some that none of them can take."""
        return self.total + self.previews_waiting + SPARE_THREADS


class BusyError(Exception):
    """More is asked for at once than can run; it can be asked for again a little later."""

    def __init__(self, message: str = "Too many emissions are running just now. Try again in a minute.") -> None:
        super().__init__(message)


class Places:
    """Room for so many emissions at once; `waiting` more wait for their turn, `wait_s` seconds at most."""

    def __init__(self, at_once: int, waiting: int = 0, wait_s: float = 0.0) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._queue = threading.BoundedSemaphore(at_once + waiting)
        self._wait_s = wait_s

    @contextmanager
    def take(self) -> Iterator[None]:
        """A place, for as long as the block runs. Raises BusyError if none gets free in time, or too many wait already."""
        if not self._queue.acquire(blocking=False):
            raise BusyError
        try:
            if not self._places.acquire(timeout=self._wait_s):
                raise BusyError
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._queue.release()


class Running:
    """The emissions under way: a stop flag for each session, and the places of those that Gradio's queue doesn't hold back.

    Safe under several threads.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self.page = Places(limits.page)
        self.embeds = Places(limits.embeds)
        self.previews = Places(limits.previews, limits.previews_waiting, limits.preview_wait_s)
        self._flags: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def emission(self, session: str) -> Iterator[threading.Event]:
        """The stop flag of a new emission, for as long as it runs; the session's earlier one is stopped."""
        flag = threading.Event()
        with self._lock:
            earlier = self._flags.get(session)
            self._flags[session] = flag
            self._count += 1
        if earlier:
            earlier.set()
        try:
            yield flag
        finally:
            with self._lock:
                self._count -= 1
                if self._flags.get(session) is flag:
                    del self._flags[session]

    def stop(self, session: str) -> None:
        """Stop what the session has under way, if anything."""
        with self._lock:
            flag = self._flags.get(session)
        if flag:
            flag.set()

    @property
    def count(self) -> int:
        """How many emissions are under way."""
        return self._count
