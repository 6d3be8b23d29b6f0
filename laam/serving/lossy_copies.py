"""The lossy copies of models that emissions ask: made when one is first asked for, shared by all at its setting, and kept for a while."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

from laam.model.lossy import Lossy
from laam.model.lossy_copy import lossy_copy
from laam.model.model import Model
from laam.serving.limits import BusyError

AT_ONCE = 2
"""Each holds its weights in float32 in memory, and twice on disk: 20 MB for the embedded model."""
WAITING = 8  # settings that wait until one of those is no longer asked
KEPT_S = 600.0  # seconds that a copy is kept which nobody asks
BUSY = "Too many lossy copies of models are asked for just now. Try again in a minute, or with the model as shipped."

Key = tuple[str, Lossy]
Wait = Callable[[float], Model | None]
"""Waits so many seconds for a copy: the copy as a model, or None if it isn't there yet. Raises what went wrong while it was made."""


@dataclass(eq=False)
class _Copy:
    """`users`: emissions that ask it, or wait for it; `visitors`: those of them that aren't in the background. `has_place`: whether it is
    one of those that may be there at once. `end`: removes it some time after the last user has left."""

    source: Model
    lossy: Lossy
    key: Key
    users: int = 0
    visitors: int = 0
    has_place: bool = False
    made: Model | None = None
    error: Exception | None = None
    left_at: float = 0.0
    folder: ExitStack = field(default_factory=ExitStack)
    end: threading.Timer | None = None


class LossyCopies:
    """At most `at_once` copies, and `waiting` more settings that wait for a place, first come, first served.

    A copy that is asked stays; of those that nobody asks, the one that was left longest ago goes first, and each after `kept_s`. One is
    made at a time. Work in the background leaves the last place to visitors. Safe under several threads. `make`: as `lossy_copy`.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        kept_s: float = KEPT_S,
        make: Callable[[Model, Lossy], AbstractContextManager[Model]] = lossy_copy,
    ) -> None:
        self._at_once, self._most, self._kept_s, self._make = at_once, at_once + waiting, kept_s, make
        self._changed = threading.Condition()
        self._maker = ThreadPoolExecutor(1, "lossy-copy")  # always the same thread: free memory of others would not be used again
        self._copies: dict[Key, _Copy] = {}  # in the order in which they were asked for

    @contextmanager
    def asked(self, model: Model, lossy: Lossy, *, background: bool = False) -> Iterator[Wait]:
        """Ask a copy while the block runs; if nothing is lost, the model itself. Raises BusyError if too many others wait."""
        if not lossy:
            yield lambda _: model
            return
        visitors = int(not background)
        copy = self._enter(model, lossy, visitors)
        try:
            yield lambda seconds: self._wait(copy, seconds)
        finally:
            self._leave(copy, visitors)

    def close(self) -> None:
        """Remove the copies that nobody asks."""
        with self._changed:
            for copy in [copy for copy in self._copies.values() if copy.made and not copy.users]:
                self._remove(copy)

    @property
    def count(self) -> int:
        """How many there are, or are being made."""
        with self._changed:
            return sum(copy.has_place for copy in self._copies.values())

    def _enter(self, model: Model, lossy: Lossy, visitors: int) -> _Copy:
        key = (model.digest, lossy)
        with self._changed:
            if key not in self._copies:
                if sum(bool(copy.users) for copy in self._copies.values()) >= self._most:
                    raise BusyError(BUSY)
                self._copies[key] = _Copy(model, lossy, key)
            copy = self._copies[key]
            copy.users += 1
            copy.visitors += visitors
            if copy.end:
                copy.end.cancel()
            self._give_places()
            return copy

    def _wait(self, copy: _Copy, seconds: float) -> Model | None:
        with self._changed:
            self._changed.wait_for(lambda: copy.made or copy.error, seconds)
            if copy.error:
                raise copy.error
            return copy.made

    def _leave(self, copy: _Copy, visitors: int) -> None:
        with self._changed:
            copy.users -= 1
            copy.visitors -= visitors
            copy.left_at = time.monotonic()
            if copy.users:
                return
            if copy.made:
                self._end_later(copy)
            elif not copy.has_place:
                self._copies.pop(copy.key, None)
            self._give_places()

    def _give_places(self) -> None:
        """Begin those that wait, as far as there is room for them. Called under the lock."""
        for copy in [copy for copy in self._copies.values() if not copy.has_place]:
            held = [other for other in self._copies.values() if other.has_place]
            if not copy.visitors and sum(other.users > other.visitors == 0 for other in held) >= max(1, self._at_once - 1):
                continue
            if len(held) >= self._at_once:
                idle = [other for other in held if not other.users and other.made]
                if not idle:
                    return
                self._remove(min(idle, key=lambda other: other.left_at))
            copy.has_place = True
            self._maker.submit(self._fill, copy)

    def _fill(self, copy: _Copy) -> None:
        """Make a copy; what goes wrong reaches all who wait for it."""
        try:
            made = copy.folder.enter_context(self._make(copy.source, copy.lossy))
            _ = made.engine
        except Exception as error:
            with self._changed:
                copy.error = error
                self._remove(copy)
                self._give_places()
            return
        with self._changed:
            copy.made = made
            self._changed.notify_all()
            if not copy.users:
                self._end_later(copy)
                self._give_places()

    def _remove(self, copy: _Copy) -> None:
        """Called under the lock. Its memory is given back when the last round that it decodes is over."""
        self._copies.pop(copy.key, None)
        copy.made = None
        copy.folder.close()
        self._changed.notify_all()

    def _end_later(self, copy: _Copy) -> None:
        """Called under the lock, when nobody asks it any more."""

        def end() -> None:
            with self._changed:
                if copy.made and not copy.users:
                    self._remove(copy)

        copy.end = threading.Timer(self._kept_s, end)
        copy.end.daemon = True
        copy.end.start()
