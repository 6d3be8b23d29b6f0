"""Finished emissions, kept for a while, for download and for drawing the diff anew."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from laam.compare.credit import CreditedText
from laam.compare.live import Comparison
from laam.compare.render import Row

CAPACITY = 64  # results; the largest holds some 100 KB of text


@dataclass(frozen=True)
class Result:
    """What an emission came to, and its rows as the page shows them."""

    compared: Comparison | CreditedText
    rows: Sequence[Row]


class Results:
    """The last CAPACITY results by the id of their run; safe under several threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Result] = OrderedDict()
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
