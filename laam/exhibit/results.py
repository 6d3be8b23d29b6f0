"""Finished emissions, kept for a while, for download and for drawing the diff anew."""

import threading
from collections import OrderedDict

from laam.compare.live import Comparison

CAPACITY = 64  # comparisons; the largest holds some 100 KB of text


class Results:
    """The last CAPACITY comparisons by the id of their run; safe under several threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Comparison] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, run: str, comparison: Comparison) -> None:
        """Remember a comparison; the oldest one gives way."""
        with self._lock:
            self._kept[run] = comparison
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)

    def find(self, run: str) -> Comparison | None:
        """The comparison of a run, or None where it is unknown or was forgotten."""
        with self._lock:
            return self._kept.get(run)
