"""What the routes beside the page work on: the same model, originals and results as the page."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from laam.compare.original import Original
from laam.corpus.catalog import Catalog
from laam.emission import EmissionRequest
from laam.exhibit.results import Results
from laam.exhibit.running import Running
from laam.exhibit.updates import Update
from laam.model.zoo import Model


@dataclass(frozen=True)
class Sources:
    """Given to the share routes, the embed and the API.

    `model`: a model by its name, the one that the page shows for an empty name; raises ValueError for one that can't be had.
    `original`: the original of a path; raises UnknownFile. `line_files`: in how many files of the kernel a line occurs.
    `stream`: an emission as updates, until it ends or the flag is set.
    """

    catalog: Catalog
    model: Callable[[str], Model]
    original: Callable[[str], Original]
    line_files: Callable[[], dict[int, int]]
    stream: Callable[[EmissionRequest, Model, threading.Event], Iterator[Update]]
    results: Results
    running: Running
