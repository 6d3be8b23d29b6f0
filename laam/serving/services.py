"""What the routes beside the page work on: the same models, originals and results as the page."""

from collections.abc import Callable
from dataclasses import dataclass

from laam.corpus.catalog import Catalog
from laam.corpus.originals import Originals
from laam.model.model import Model
from laam.serving.limits import Running
from laam.serving.recordings import Results


@dataclass(frozen=True)
class Services:
    """Given to the share routes, the embed and the API.

    `model`: a model by its name, the one that the page shows for an empty name; raises ValueError for one that can't be had.
    """

    originals: Originals
    model: Callable[[str], Model]
    results: Results
    running: Running

    @property
    def catalog(self) -> Catalog:
        return self.originals.manifest.catalog
