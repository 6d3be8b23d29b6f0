"""The model that a command asks for."""

import sys

from laam.model.choice import AUTO
from laam.model.hub import cached_folder, fetch_model
from laam.model.spec import EMBEDDED, PUBLISHED, model_spec
from laam.model.zoo import Model, open_model
from laam.settings import Settings


def obtain_model(name: str, settings: Settings) -> Model:
    """The model of a name, fetched where it must be; `auto` is the published 5M where it is cached. Raises ValueError."""
    if name == AUTO:
        name = PUBLISHED[0].name if cached_folder(PUBLISHED[0]) else EMBEDDED.name
    spec = model_spec(name)
    if spec.repo and cached_folder(spec) is None:
        print(f"fetching {spec.repo} …", file=sys.stderr)
        fetch_model(spec)
    return open_model(name, settings)
