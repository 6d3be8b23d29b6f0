"""How often somebody who watches an emission is told something new, or that he waits."""

import time
from collections.abc import Iterable, Iterator

from laam.emission.run import Event
from laam.model.engine import Waiting

INTERVAL = 0.25  # seconds between two updates
WAITING_INTERVAL = 2.0  # seconds between two updates that tell nothing but that others go first


def paced(events: Iterable[Event]) -> Iterator[tuple[Event, bool]]:
    """Each event, and whether an update is due after it: INTERVAL after the last update was taken, where there is something new.

    What comes in one burst, after others went first, is told in one update; that they go first, every WAITING_INTERVAL.
    """
    told_at = time.monotonic()
    new_since, news = told_at, False
    for event in events:
        now = time.monotonic()
        if isinstance(event, Waiting):
            new_since = new_since if news else now
        else:
            news = True
        due = now - max(told_at, new_since) >= INTERVAL if news else now - told_at >= WAITING_INTERVAL
        yield event, due
        if due:
            told_at, news = time.monotonic(), False
