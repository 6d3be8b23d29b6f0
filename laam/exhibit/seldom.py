"""A line of the log that a flood can't multiply."""

import logging
from collections.abc import Callable
from time import monotonic


class Seldom:
    """Logs a warning at most every `seconds`, with how often it would have been logged meanwhile."""

    def __init__(self, log: logging.Logger, seconds: float = 60.0, clock: Callable[[], float] = monotonic) -> None:
        self._log, self._seconds, self._clock = log, seconds, clock
        self._after, self._left_out = float("-inf"), 0

    def warn(self, sentence: str) -> None:
        if self._clock() < self._after:
            self._left_out += 1
            return
        more = f" ({self._left_out:,} more since the last such line)" if self._left_out else ""
        self._log.warning("%s%s", sentence, more)
        self._after, self._left_out = self._clock() + self._seconds, 0
