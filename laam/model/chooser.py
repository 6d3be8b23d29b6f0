"""The model that a name stands for: for a command, and for the exhibit, with a sentence that says which it is and why."""

import math
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

from laam.model.hub import Hub, HubError, Progress, cached_folder, fetch_model
from laam.model.model import Model, hub_model, open_model
from laam.model.spec import EMBEDDED, PUBLISHED, ModelSpec, model_spec
from laam.settings import Settings

AUTO = "auto"
"""The name for the published 5M if it is at hand, else for the embedded model. Nobody has to wait until it is fetched."""
PATIENCE_S = 10.0
RETRY_S = (60.0, 300.0, 1800.0)
"""Pauses between attempts in the background, in seconds; the last one repeats."""

Schedule = Callable[[float, Callable[[], None]], None]
"""Calls a function after so many seconds, in another thread."""


def _schedule_daemon(seconds: float, function: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


def spec_of(name: str) -> ModelSpec:
    """The model that a name stands for, AUTO included. Raises ValueError for an unknown name."""
    return PUBLISHED[0] if name == AUTO else model_spec(name)


def local_model(spec: ModelSpec, hub: Hub, settings: Settings) -> Model | None:
    """A model that needs no network; None for a model of the hub that isn't cached. Raises ValueError for a folder without a model."""
    if not spec.repo:
        return open_model(spec.name, settings)
    folder = cached_folder(spec, hub)
    return hub_model(spec, folder, settings) if folder else None


def obtain_model(name: str, settings: Settings) -> Model:
    """The model that a command asks for, fetched if it must be. Raises ValueError if it is unknown or can't be fetched."""
    hub, spec = Hub(offline=settings.offline), spec_of(name)
    if found := local_model(spec, hub, settings):
        return found
    if name == AUTO:
        return open_model(EMBEDDED.name, settings)
    print(f"fetching {spec.repo} …", file=sys.stderr)
    return hub_model(spec, fetch_model(spec, hub), settings)


@dataclass(frozen=True)
class Chosen:
    """A model, and one sentence for the page: which it is and, if another was wanted, why it isn't that one."""

    model: Model
    line: str


class ModelChooser:
    """The wanted model once it is at hand, the embedded one until then. Safe under several threads.

    `auto` wants the published 5M. Nothing is asked of the hub before `start`, nor ever while it is offline.
    Raises ValueError for an unknown name, and if neither the wanted model nor the embedded one is there.
    """

    def __init__(
        self,
        wanted: str,
        settings: Settings,
        hub: Hub | None = None,
        *,
        patience_s: float = PATIENCE_S,
        retry_s: Sequence[float] = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
        schedule: Schedule = _schedule_daemon,
    ) -> None:
        self._settings, self._hub = settings, hub or Hub(offline=settings.offline)
        self._patience_s, self._clock = patience_s, clock
        self._pauses = chain(retry_s, repeat(retry_s[-1]))
        self._schedule, self._wanted = schedule, wanted
        self._spec = spec_of(wanted)
        self._lock = threading.Lock()
        self._by_folder: dict[Path, Model] = {}
        self._by_spec: dict[ModelSpec, Model] = {}  # without reading the weights again for their digest
        self._refused: dict[ModelSpec, tuple[float, str]] = {}  # until when a picked model isn't asked for again, and why
        self._fault = ""  # how the last attempt in the background failed
        self._pause = 0.0
        self._began: float | None = None
        self._stopped = False
        self._found = self._local(self._spec)
        if self._found is None:
            self._embedded()  # raises if it isn't there

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a picker offers, the wanted model's first."""
        offered = (AUTO, EMBEDDED.name, *(spec.name for spec in PUBLISHED))
        return tuple(dict.fromkeys((self._wanted, *offered)))

    @property
    def here(self) -> tuple[str, ...]:
        """Those of `names` for which nothing has to be fetched, AUTO left out."""
        return tuple(name for name in self.names if name != AUTO and self.at_hand(name))

    def absent(self) -> dict[str, str]:
        """Those of `names` that can't be had now, and why. Asks the hub for nothing."""
        found = {}
        for spec in (spec_of(name) for name in self.names if name != AUTO):
            when, reason = self._refused.get(spec, (float("-inf"), ""))
            reason = "this server is offline" if self._hub.is_offline else reason if self._clock() < when else ""
            if reason and not self._local(spec):
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
            return Chosen(found, self._line(self._spec, found))
        if self._hub.is_offline:
            reason = f"{self._spec.repo} is not in the cache, and HF_HUB_OFFLINE forbids fetching it"
        elif fault:
            reason = f"{_clause(fault)}; the next try is within {_duration(pause)}"
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
        spec = spec_of(name)
        found = self._local(spec)
        if found is None and name == AUTO:
            return self._instead(f"{spec.repo} is not in the cache")
        if found is None:
            when, reason = self._refused.get(spec, (float("-inf"), ""))
            if self._clock() < when:
                return self._instead(reason)
            try:
                found = self._fetch(spec, progress)
            except HubError as error:
                self._refuse(spec, error)
                return self._instead(_clause(str(error)))
        if spec == self._spec:
            self._take(found)
        return Chosen(found, self._line(spec, found))

    def at_hand(self, name: str) -> Model | None:
        """The model of a name that may be picked, if nothing has to be fetched for it; else None."""
        if self._is_shown(name):
            return self._found
        return self._local(model_spec(name)) if name in self.names and name != AUTO else None

    def _is_shown(self, name: str) -> bool:
        return self._found is not None and name == self._found.name

    def _attempt(self) -> None:
        """Make one attempt in the background; if it fails, schedule the next."""
        if self._stopped or self._found:
            return
        try:
            self._take(self._fetch(self._spec))
        except HubError as error:
            with self._lock:
                self._fault = str(error)
                self._pause = max(next(self._pauses), error.again_s)
                self._refuse(self._spec, error)
            if not self._stopped:
                self._schedule(self._pause, self._attempt)

    def _fetch(self, spec: ModelSpec, progress: Progress | None = None) -> Model:
        return self._keep(spec, hub_model(spec, fetch_model(spec, self._hub, progress), self._settings))

    def _refuse(self, spec: ModelSpec, error: HubError) -> None:
        self._refused[spec] = (self._clock() + max(RETRY_S[0], error.again_s), _clause(str(error)))

    def _take(self, model: Model) -> None:
        with self._lock:
            self._found, self._fault = model, ""

    def _local(self, spec: ModelSpec) -> Model | None:
        """The model if it needs no network; None for a model of the hub that isn't cached. Raises ValueError."""
        with self._lock:
            if spec in self._by_spec:
                return self._by_spec[spec]
        found = local_model(spec, self._hub, self._settings)
        return self._keep(spec, found) if found else None

    def _embedded(self) -> Model:
        model = self._local(EMBEDDED)
        assert model is not None
        return model

    def _keep(self, spec: ModelSpec, model: Model) -> Model:
        """The one Model object of a folder, so that its engine is loaded only once."""
        with self._lock:
            return self._by_spec.setdefault(spec, self._by_folder.setdefault(model.folder, model))

    def _instead(self, reason: str) -> Chosen:
        return Chosen(self._embedded(), f"This is the embedded model, because {reason}.")

    def _line(self, spec: ModelSpec, model: Model) -> str:
        if spec == EMBEDDED:
            return "This is the embedded model, which is shipped with the exhibit."
        if not spec.repo:
            return f"This is the model in the folder {model.folder.name}."
        kind = "published model" if spec in PUBLISHED else "model"
        return f"This is the {kind} {spec.repo}, revision {model.folder.name[:12]}."


def _clause(sentence: str) -> str:
    return sentence.removesuffix(".")


def _duration(seconds: float) -> str:
    return f"{math.ceil(seconds / 60):,} min" if seconds >= 60 else f"{seconds:g} s"
