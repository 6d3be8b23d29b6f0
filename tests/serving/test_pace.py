from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from laam.emission.emit import Emitted, Event
from laam.model.engine import Waiting
from laam.serving import pace
from laam.serving.pace import FIRST_INTERVALS, INTERVAL, WAITING_INTERVAL, paced


def test_an_update_is_due_an_interval_after_the_last_one_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def events() -> Iterator[Emitted]:
        yield Emitted("\n")
        for _ in range(6):
            now[0] += INTERVAL / 2
            yield Emitted("x")

    due = []
    for _, is_due in paced(events()):
        due.append(is_due)
        if is_due:
            now[0] += 100  # a slow reader is not told the more often for it
    assert due == [True, *[False, True] * 3]


def test_the_first_line_is_due_at_once_and_who_waits_for_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def events() -> Iterator[Event]:
        for _ in range(FIRST_INTERVALS):
            yield Waiting(3)
            now[0] += INTERVAL
        yield from (Emitted("x"), Emitted("y\n"), Emitted("z\n"))

    due = [is_due for _, is_due in paced(events())]
    assert due == [*[False] * FIRST_INTERVALS, True, True, False]


def test_a_burst_after_waiting_is_told_at_once_and_waiting_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now[0]))
    waits = round(WAITING_INTERVAL / INTERVAL)

    def events() -> Iterator[Event]:
        yield Emitted("\n")
        for _ in range(waits):
            now[0] += INTERVAL
            yield Waiting(3)
        yield from [Emitted("x")] * 100
        for _ in range(waits + 1):
            now[0] += INTERVAL
            yield Waiting(3)

    due = [number for number, (_, is_due) in enumerate(paced(events())) if is_due]
    assert due == [0, waits, waits + 101, waits + 101 + waits]
