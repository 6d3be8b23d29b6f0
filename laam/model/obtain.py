"""The model that a command asks for."""

import sys

from laam.model.choice import AUTO
from laam.model.hub import Hub, cached_folder, fetch_model
from laam.model.spec import EMBEDDED, PUBLISHED, model_spec
from laam.model.zoo import Model, hub_model, open_model
from laam.settings import Settings


def obtain_model(name: str, settings: Settings) -> Model:
    """The model of a name, fetched where it must be; `auto` is the published 5M where it is cached. Raises ValueError."""
    hub = Hub(offline=settings.offline)
    spec = model_spec(name) if name != AUTO else PUBLISHED[0]
    folder = cached_folder(spec, hub) if spec.repo else None
    if name == AUTO and folder is None:
        spec = EMBEDDED
    if not spec.repo:
        return open_model(spec.name, settings)
    if folder is None:
        print(f"fetching {spec.repo} …", file=sys.stderr)
        folder = fetch_model(spec, hub)
    return hub_model(spec, folder, settings)
