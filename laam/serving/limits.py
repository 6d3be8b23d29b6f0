"""The emissions under way, one for each session, so that each can be stopped."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Running:
    """Stop flags by session; safe under several threads."""

    def __init__(self) -> None:
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
