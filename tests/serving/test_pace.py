from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from laam.emission.run import Emitted
from laam.serving import pace
from laam.serving.pace import INTERVAL, paced


def test_an_update_is_due_an_interval_after_the_last_one_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def events() -> Iterator[Emitted]:
        for _ in range(6):
            now[0] += INTERVAL / 2
            yield Emitted("x")

    due = []
    for _, is_due in paced(events()):
        due.append(is_due)
        if is_due:
            now[0] += 100  # a slow reader is not told the more often for it
    assert due == [False, True] * 3
