"""How many emissions may run at once, and which are under way, so that each can be stopped."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SHUT_DOWN = "The exhibit is being shut down just now. Try again in a minute."
FAILED = "Something went wrong here, and the exhibit’s log says what. Try again, or try another file."
BUSY = "Too many emissions are running just now. Try again in a minute."
YOURS = "Too many emissions that were asked for from your address are running just now. Try again in a minute."
SPARE_THREADS = 40  # for requests that run no emission: pages, cards that are known, a file's facts


@dataclass(frozen=True)
class Limits:
    """How many emissions may run at once for each kind of visitor. The scheduler shares the engine among them; each holds one of the
    threads that serve all requests. A recording needs no place."""

    emissions: int = 320
    """Emissions for page, embeds and API together; more are refused. One client may have half of them: a school has one address."""
    forgetting: int = 8
    """Visitors who make a file forget, one emission at a time for all of them; more are refused. Each holds a thread now and then."""
    whole: int = 40
    """Visitors who watch all files come, in one run for all of them; more are refused. Each holds a thread now and then."""
    comparing: int = 4
    """Emissions of the models that a result is compared with, at the lowest rank; more are refused. Each holds a thread."""
    previews: int = 2
    """For cards and link previews whose score isn't known yet."""
    previews_waiting: int = 8
    """Previews that wait for their turn; each holds one of the threads that serve all requests. More are refused."""
    preview_wait_s: float = 25.0
    """Seconds that a preview waits; whoever fetches one gives up about then."""

    @property
    def threads(self) -> int:
        """How many threads serve requests: one for each emission, and some that none of them can take."""
        return self.emissions + self.previews + self.forgetting + self.whole + self.comparing + self.previews_waiting + SPARE_THREADS


class BusyError(Exception):
    """More emissions were asked for than can run at once. Asking again a little later may help."""

    def __init__(self, message: str = BUSY) -> None:
        super().__init__(message)


class Places:
    """Room for `at_once` emissions; `waiting` more may wait for their turn, `wait_s` seconds at most.

    One client may hold `each` places, a quarter of all unless it is said, and half of the room to wait, so that others find some.
    """

    def __init__(self, at_once: int, waiting: int = 0, wait_s: float = 0.0, each: int = 0) -> None:
        self._at_once, self._most, self._wait_s = at_once, at_once + waiting, wait_s
        self._each = each or max(1, at_once // 4)
        self._each_most = self._each + waiting // 2
        self._changed = threading.Condition()
        self._held: Counter[str] = Counter()
        self._here: Counter[str] = Counter()  # who hold a place or wait for one

    @contextmanager
    def take(self, client: str = "") -> Iterator[None]:
        """Hold a place while the block runs. `client`: whose it is; empty if nobody's share counts. Raises BusyError if no place becomes
        free in time, or too many wait already."""
        with self._changed:
            if self._here.total() >= self._most:
                raise BusyError
            if client and self._here[client] >= self._each_most:
                raise BusyError(YOURS)
            self._here[client] += 1
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: self._is_free(client), self._wait_s):
                    raise BusyError(YOURS if self._held.total() < self._at_once else BUSY)
                self._held[client] += 1
            try:
                yield
            finally:
                self._leave(self._held, client)
        finally:
            self._leave(self._here, client)

    def _is_free(self, client: str) -> bool:
        return self._held.total() < self._at_once and not (client and self._held[client] >= self._each)

    def _leave(self, counted: Counter[str], client: str) -> None:
        with self._changed:
            counted -= Counter({client: 1})
            self._changed.notify_all()


class Running:
    """The emissions under way, `count` of them: a stop flag for each session, and the places of each kind.

    Safe under several threads.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self.emissions = Places(limits.emissions, each=limits.emissions // 2)
        self.forgetting = Places(limits.forgetting)
        self.whole = Places(limits.whole, each=limits.whole // 2)
        self.comparing = Places(limits.comparing)
        self.previews = Places(limits.previews, limits.previews_waiting, limits.preview_wait_s)
        self._flags: dict[str, threading.Event] = {}
        self._closed = False
        self._lock = threading.Lock()
        self.count = 0

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
            self.count += 1
        if earlier:
            earlier.set()
        try:
            yield flag
        finally:
            with self._lock:
                self.count -= 1
                if self._flags.get(session) is flag:
                    del self._flags[session]

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
