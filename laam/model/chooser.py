"""The model that the exhibit shows, with a sentence that says which it is and why."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

from laam.model.hub import Hub, HubError, Progress
from laam.model.model import Model
from laam.model.obtain import AUTO, OpenModels, clause, spec_of
from laam.model.spec import EMBEDDED, NAMED, PUBLISHED, ModelSpec, folder_name
from laam.settings import Settings

PATIENCE_S = 10.0
RETRY_S = (60.0, 300.0, 1800.0)
"""Pauses between attempts in the background, in seconds; the last one repeats."""

Schedule = Callable[[float, Callable[[], None]], None]
"""Calls a function after so many seconds, in another thread."""


def _schedule_daemon(seconds: float, function: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


@dataclass(frozen=True)
class Chosen:
    """A model, and one sentence for the page: which it is and, if another was wanted, why it isn't that one."""

    model: Model
    line: str


class ModelChooser:
    """The wanted model once it is at hand, the embedded one until then. Safe under several threads.

    `auto` wants the published 5M; if the published models aren't `offered`, since they know nothing of the release that is shown, the
    embedded one. Nothing is asked of the hub before `start`, nor ever while it is offline.
    Raises ValueError for an unknown name, and if neither the wanted model nor the embedded one is there.
    """

    def __init__(
        self,
        wanted: str,
        settings: Settings,
        hub: Hub | None = None,
        *,
        offered: bool = True,
        patience_s: float = PATIENCE_S,
        retry_s: Sequence[float] = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
        schedule: Schedule = _schedule_daemon,
    ) -> None:
        self._hub = hub or Hub(offline=settings.offline)
        self._models = OpenModels(settings, self._hub, clock, RETRY_S[0])
        self._patience_s, self._clock = patience_s, clock
        self._pauses = chain(retry_s, repeat(retry_s[-1]))
        self._schedule = schedule
        self._offered = (AUTO, EMBEDDED.name, *(spec.name for spec in PUBLISHED)) if offered else (EMBEDDED.name,)
        wanted = wanted if wanted != AUTO or offered else EMBEDDED.name
        self._spec = _without_path(spec_of(wanted))
        self._wanted = AUTO if wanted == AUTO else self._spec.name
        self._lock = threading.Lock()
        self._fault = ""  # how the last attempt in the background failed
        self._pause = 0.0
        self._began: float | None = None
        self._stopped = False
        self._found = self._models.local(self._spec)
        if self._found is None:
            self._models.local(EMBEDDED)  # raises if it isn't there

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a picker offers, the wanted model's first; none of them is a path of this machine."""
        return tuple(dict.fromkeys((self._wanted, *self._offered)))

    @property
    def here(self) -> tuple[str, ...]:
        """Those of `names` for which nothing has to be fetched, AUTO left out."""
        return tuple(name for name in self.names if name != AUTO and self.at_hand(name))

    def absent(self) -> dict[str, str]:
        """Those of `names` that can't be had now, and why. Asks the hub for nothing."""
        found = {}
        for spec in (self._spec_of(name) for name in self.names if name != AUTO):
            reason = "this server is offline" if self._hub.is_offline else self._models.refusal(spec)
            if reason and not self._models.local(spec):
                found[spec.name] = reason
        return found

    def start(self) -> None:
        """If the wanted model isn't at hand, fetch it in the background, trying again and again. Returns at once."""
        with self._lock:
            if self._began is not None or self._found or self._hub.is_offline:
                return
            self._began = self._clock()
        self._schedule(0.0, self._attempt)

    def stop(self) -> None:
        """Make no more attempts; one that is under way goes on to its end."""
        self._stopped = True

    def current(self) -> Chosen:
        """The model to show now. Never waits for the network."""
        with self._lock:
            found, fault, began, pause = self._found, self._fault, self._began, self._pause
        if found:
            return Chosen(found, _line(self._spec, found))
        if self._hub.is_offline:
            reason = f"this server is offline, and {self._spec.repo} is not in its cache"
        elif fault:
            reason = f"{clause(fault)}; the next try is within {_duration(pause)}"
        elif began is None or self._clock() - began < self._patience_s:
            reason = f"{self._spec.repo} is being fetched"
        else:
            reason = f"{self._spec.repo} takes longer than {self._patience_s:g} s to fetch, and takes over when it is here"
        return self._instead(reason)

    def get(self, name: str, progress: Progress | None = None) -> Chosen:
        """The model that a visitor picks, fetched in the caller's thread if it must be; else the embedded one, and why.

        After a failure the hub isn't asked again before RETRY_S[0], or the time that it names, is over: the page asks several times
        for each emission.
        Only `names` may be picked, since other names read this machine's folders or fill its disk. Raises ValueError for any other.
        """
        if self._is_shown(name):
            return self.current()  # a link to an emission has the name with the commit
        if name not in self.names:
            raise ValueError(f"model {name[:200]!r} is not offered; choose one of {', '.join(self.names)}")
        if name == self._wanted and (name == AUTO or self._found):
            return self.current()
        spec = self._spec_of(name)
        found = self._models.local(spec)
        if found is None and name == AUTO:
            return self._instead(f"{spec.repo} is not in the cache")
        if found is None:
            if reason := self._models.refusal(spec):
                return self._instead(reason)
            try:
                found = self._models.fetch(spec, progress)
            except HubError as error:
                return self._instead(clause(str(error)))
        if spec == self._spec:
            self._take(found)
        return Chosen(found, _line(spec, found))

    def at_hand(self, name: str) -> Model | None:
        """The model of a name that may be picked, if nothing has to be fetched for it; else None."""
        if self._is_shown(name):
            return self._found
        return self._models.local(self._spec_of(name)) if name in self.names and name != AUTO else None

    def _spec_of(self, name: str) -> ModelSpec:
        """The model of one of `names`."""
        return self._spec if name == self._spec.name else spec_of(name)

    def _is_shown(self, name: str) -> bool:
        return self._found is not None and name == self._found.name

    def _attempt(self) -> None:
        """Make one attempt in the background; if it fails, schedule the next."""
        if self._stopped or self._found:
            return
        try:
            self._take(self._models.fetch(self._spec))
        except HubError as error:
            with self._lock:
                self._fault = str(error)
                self._pause = max(next(self._pauses), error.again_s)
            if not self._stopped:
                self._schedule(self._pause, self._attempt)

    def _take(self, model: Model) -> None:
        with self._lock:
            self._found, self._fault = model, ""

    def _instead(self, reason: str) -> Chosen:
        model = self._models.local(EMBEDDED)
        assert model is not None
        return Chosen(model, f"This is the exhibit’s own model, because {reason}.")


def _without_path(spec: ModelSpec) -> ModelSpec:
    """A model of a folder under the folder's name, which visitors may read, and by which a link names it."""
    if spec.folder is None:
        return spec
    name = folder_name(spec.folder.resolve())
    return replace(spec, name=f"{name}-folder" if name in (AUTO, *NAMED) else name)


def _line(spec: ModelSpec, model: Model) -> str:
    if spec == EMBEDDED:
        return "This is the exhibit’s own model, which is shipped with it."
    if not spec.repo:
        return f"This is the model in the folder {model.folder.name}."
    kind = "published model" if spec in PUBLISHED else "model"
    return f"This is the {kind} {spec.repo}, revision {model.folder.name[:12]}."


def _duration(seconds: float) -> str:
    return f"{math.ceil(seconds / 60):,} min" if seconds >= 60 else f"{seconds:g} s"
