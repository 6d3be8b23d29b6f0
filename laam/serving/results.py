"""Finished emissions, kept for a while: for download, and for drawing the diff anew."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from laam.compare.render import Row, with_note
from laam.emission.transcript import Finished

CAPACITY = 64  # results; the largest holds some 100 KB of text


@dataclass(frozen=True)
class Result(Finished):
    """The result of an emission, as the page shows it. `note`: the emitted line after which a note stands, and the note."""

    note: tuple[int, str] | None = None

    @property
    def rows(self) -> list[Row]:
        """The rows of the panes, made anew at each use."""
        return with_note(self.compared.rows, *self.note) if self.note else self.compared.rows

    @property
    def query(self) -> str:
        """The query of the link that leads to it; empty if it was asked for by source, or without a path."""
        return self.receipts.ask.to_query()


class Results:
    """The last CAPACITY results by the id of their run. Safe under several threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, run: str, result: Result) -> None:
        """Remember a result; the oldest one is forgotten."""
        with self._lock:
            self._results[run] = result
            while len(self._results) > self._capacity:
                self._results.popitem(last=False)

    def find(self, run: str) -> Result | None:
        """The result of a run, or None if it is unknown or was forgotten."""
        with self._lock:
            return self._results.get(run)
