"""How often somebody who watches an emission is told something new."""

import time
from collections.abc import Iterable, Iterator

from laam.emission.run import Event

INTERVAL = 0.25  # seconds between two updates


def paced(events: Iterable[Event]) -> Iterator[tuple[Event, bool]]:
    """Each event, and whether an update is due after it: INTERVAL after the last update was taken."""
    told_at = time.monotonic()
    for event in events:
        due = time.monotonic() - told_at >= INTERVAL
        yield event, due
        if due:
            told_at = time.monotonic()
