"""How often somebody who watches an emission gets an update, or the news that the model is busy."""

import time
from collections.abc import Iterable, Iterator

from laam.emission.emit import Emitted, Event
from laam.model.engine import Waiting

INTERVAL = 0.25  # seconds between two updates
FIRST_INTERVALS = 2  # the first update says after so many of them how it stands, if there is no line yet
WAITING_INTERVAL = 2.0  # seconds between two updates that only say that others go first


def paced(events: Iterable[Event]) -> Iterator[tuple[Event, bool]]:
    """Each event, and whether an update is due after it: INTERVAL after the last update was taken, if there is something new.

    The first line is due at once. Tokens that come in one burst, after others went first, share one update. While others go first, an
    update that says so is due every WAITING_INTERVAL.
    """
    told_at = time.monotonic()
    new_since, news, first, line = told_at, False, True, False
    for event in events:
        now = time.monotonic()
        if isinstance(event, Waiting):
            new_since = new_since if news else now
        else:
            news = True
        if isinstance(event, Emitted) and not line and "\n" in event.text:
            line = due = True
        elif first:
            due = now - told_at >= FIRST_INTERVALS * INTERVAL
        else:
            due = now - max(told_at, new_since) >= INTERVAL if news else now - told_at >= WAITING_INTERVAL
        yield event, due
        if due:
            told_at, news, first = time.monotonic(), False, False
