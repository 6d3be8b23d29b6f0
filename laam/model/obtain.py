"""The model that a name stands for: at hand, or fetched from the hub."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from laam.model.hub import Hub, HubError, Progress, cached_folder, fetch_model
from laam.model.model import Model, hub_model, local_model, open_model
from laam.model.spec import EMBEDDED, PUBLISHED, ModelSpec, model_spec
from laam.settings import Settings

AUTO = "auto"
"""The name for the published 5M if it is at hand, else for the embedded model. Nobody has to wait until it is fetched."""


def spec_of(name: str) -> ModelSpec:
    """The model that a name stands for, AUTO included. Raises ValueError for an unknown name."""
    return PUBLISHED[0] if name == AUTO else model_spec(name)


def model_at_hand(spec: ModelSpec, hub: Hub, settings: Settings) -> Model | None:
    """A model that needs no network; None for a model of the hub that isn't cached. Raises ValueError for a folder without a model."""
    if not spec.repo:
        return local_model(spec, settings)
    folder = cached_folder(spec, hub)
    return hub_model(spec, folder, settings) if folder else None


def obtain_model(name: str, settings: Settings) -> Model:
    """The model that a command asks for, fetched if it must be. Raises ValueError if it is unknown or can't be fetched."""
    hub, spec = Hub(offline=settings.offline), spec_of(name)
    if found := model_at_hand(spec, hub, settings):
        return found
    if name == AUTO:
        return open_model(EMBEDDED.name, settings)
    print(f"fetching {spec.repo} …", file=sys.stderr)
    return hub_model(spec, fetch_model(spec, hub), settings)


class OpenModels:
    """One Model object for each folder, so that its engine is loaded only once. Safe under several threads.

    A model that the hub has refused isn't asked for again before `pause_s`, or the time that the hub names, is over.
    """

    def __init__(self, settings: Settings, hub: Hub, clock: Callable[[], float], pause_s: float) -> None:
        self._settings, self._hub, self._clock, self._pause_s = settings, hub, clock, pause_s
        self._lock = threading.Lock()
        self._by_folder: dict[Path, Model] = {}
        self._by_spec: dict[ModelSpec, Model] = {}  # without reading the weights again for their digest
        self._refused: dict[ModelSpec, tuple[float, str]] = {}  # until when, and why

    def local(self, spec: ModelSpec) -> Model | None:
        """The model if it needs no network; None for a model of the hub that isn't cached. Raises ValueError."""
        with self._lock:
            if spec in self._by_spec:
                return self._by_spec[spec]
        found = model_at_hand(spec, self._hub, self._settings)
        return self._keep(spec, found) if found else None

    def fetch(self, spec: ModelSpec, progress: Progress | None = None) -> Model:
        """The model from the hub. Raises HubError, and remembers it for `refusal`."""
        try:
            return self._keep(spec, hub_model(spec, fetch_model(spec, self._hub, progress), self._settings))
        except HubError as error:
            self._refused[spec] = (self._clock() + max(self._pause_s, error.again_s), clause(str(error)))
            raise

    def refusal(self, spec: ModelSpec) -> str:
        """Why the hub isn't asked for a model just now; empty if it may be."""
        until, reason = self._refused.get(spec, (float("-inf"), ""))
        return reason if self._clock() < until else ""

    def _keep(self, spec: ModelSpec, model: Model) -> Model:
        with self._lock:
            return self._by_spec.setdefault(spec, self._by_folder.setdefault(model.folder, model))


def clause(sentence: str) -> str:
    """A sentence without its full stop."""
    return sentence.removesuffix(".")
