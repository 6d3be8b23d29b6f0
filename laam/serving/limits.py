"""How many emissions may run at once, and which are under way, so that each can be stopped."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SHUT_DOWN = "The exhibit is being shut down just now. Try again in a minute."
FAILED = "Something went wrong here, and the exhibit’s log says what. Try again, or try another file."
SPARE_THREADS = 40  # for requests that run no emission: pages, cards that are known, a file's facts


@dataclass(frozen=True)
class Limits:
    """How many emissions may run at once for each kind of visitor. The scheduler shares the engine among them; each holds one of the
    threads that serve all requests. A recording needs no place."""

    emissions: int = 150
    """Emissions for page, embeds and API together; more are refused. Each holds a thread now and then."""
    forgetting: int = 8
    """Visitors who make a file forget, one emission at a time for all of them; more are refused. Each holds a thread now and then."""
    kernel: int = 40
    """Visitors who watch the whole kernel come, in one run for all of them; more are refused. Each holds a thread now and then."""
    previews: int = 2
    """For cards and link previews whose score isn't known yet."""
    previews_waiting: int = 8
    """Previews that wait for their turn; each holds one of the threads that serve all requests. More are refused."""
    preview_wait_s: float = 25.0
    """Seconds that a preview waits; whoever fetches one gives up about then."""

    @property
    def total(self) -> int:
        """How many emissions may run at once in all."""
        return self.emissions + self.previews

    @property
    def threads(self) -> int:
        """How many threads serve requests: one for each emission, and some that none of them can take."""
        return self.total + self.forgetting + self.kernel + self.previews_waiting + SPARE_THREADS


class BusyError(Exception):
    """More emissions were asked for than can run at once. Asking again a little later may help."""

    def __init__(self, message: str = "Too many emissions are running just now. Try again in a minute.") -> None:
        super().__init__(message)


class Places:
    """Room for `at_once` emissions; `waiting` more may wait for their turn, `wait_s` seconds at most."""

    def __init__(self, at_once: int, waiting: int = 0, wait_s: float = 0.0) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._queue = threading.BoundedSemaphore(at_once + waiting)
        self._wait_s = wait_s

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a place while the block runs. Raises BusyError if no place becomes free in time, or too many wait already."""
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
    """The emissions under way: a stop flag for each session, and the places of the kinds that Gradio's queue doesn't limit.

    Safe under several threads.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self.emissions = Places(limits.emissions)
        self.forgetting = Places(limits.forgetting)
        self.kernel = Places(limits.kernel)
        self.previews = Places(limits.previews, limits.previews_waiting, limits.preview_wait_s)
        self._flags: dict[str, threading.Event] = {}
        self._closed = False
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def emission(self, session: str) -> Iterator[threading.Event]:
        """The stop flag of a new emission while the block runs; the session's earlier emission is stopped.

        Raises BusyError once the exhibit is being shut down.
        """
        flag = threading.Event()
        with self._lock:
            if self._closed:
                raise BusyError(SHUT_DOWN)
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

    def has(self, session: str) -> bool:
        """Whether an emission of the session is under way."""
        with self._lock:
            return session in self._flags

    def stop(self, session: str) -> None:
        """Stop the session's emission, if one is under way."""
        with self._lock:
            flag = self._flags.get(session)
        if flag:
            flag.set()

    def close(self) -> None:
        """Stop all emissions, and let none begin any more."""
        with self._lock:
            self._closed = True
            flags = list(self._flags.values())
        for flag in flags:
            flag.set()

    @property
    def count(self) -> int:
        """How many emissions are under way."""
        return self._count
