"""Finished emissions, kept for a while: for download, and for drawing the diff anew."""

import threading
from collections import OrderedDict

from laam.emission.transcript import Finished

CAPACITY = 64  # results; the largest holds some 100 KB of text


class Results:
    """The last CAPACITY results by the id of their run. Safe under several threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._results: OrderedDict[str, Finished] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, run: str, result: Finished) -> None:
        """Remember a result; the oldest one is forgotten."""
        with self._lock:
            self._results[run] = result
            while len(self._results) > self._capacity:
                self._results.popitem(last=False)

    def find(self, run: str) -> Finished | None:
        """The result of a run, or None if it is unknown or was forgotten."""
        with self._lock:
            return self._results.get(run)
