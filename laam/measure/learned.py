"""After which pass of its training a model had each file for good, as a map that fills pass by pass."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from laam.corpus.catalog import Catalog
from laam.measure.treemap import Box, layout_treemap


@dataclass(frozen=True)
class LearnedFile:
    """A file on the map. `since`: the number of the pass from which on all its segments were exact, to the end of the run; 0 if there is
    none. *Exact* is that of a run's log: teacher forced, when last seen."""

    path: str
    box: Box
    since: int


def learned_files(passes: Sequence[Mapping[str, Any]], paths: Collection[str], catalog: Catalog) -> list[LearnedFile]:
    """The files of `paths` on a map, by subsystem; none if the run didn't write down which files came. `passes`: as in training.json."""
    if not passes or not all("came" in entry for entry in passes):
        return []
    since: dict[str, int] = {}
    for number, entry in enumerate(passes, 1):
        since = {path: first for path, first in since.items() if path not in entry["lost"]} | dict.fromkeys(entry["came"], number)
    sizes: dict[str, dict[str, int]] = {}
    for path in paths:
        sizes.setdefault(catalog.files[path].subsystem, {})[path] = catalog.files[path].size
    boxes = ((path, box) for folder in layout_treemap(sizes) for path, box in folder.files.items())
    return [LearnedFile(path, box, since.get(path, 0)) for path, box in boxes]
