"""The layout of a treemap of two levels: folders, and files within them. Area is size."""

from collections.abc import Mapping
from dataclasses import dataclass

import squarify

WIDTH, HEIGHT = 1000.0, 560.0  # units of the layout
_HEAD = 17.0  # height of a folder's name, if there is room for it
_LEAST_WIDTH, _LEAST_HEIGHT = 58.0, 46.0  # of a folder that shows its name
_GAP = 2.0  # around a folder


@dataclass(frozen=True)
class Box:
    """A rectangle; `left` and `top` are of its upper left corner, all in units of a map of WIDTH by HEIGHT."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Folder:
    """One folder and its files, the largest first. `named`: whether there is room for its name above its files."""

    name: str
    box: Box
    named: bool
    files: Mapping[str, Box]


def layout_treemap(folders: Mapping[str, Mapping[str, int]]) -> list[Folder]:
    """Lay out sizes by folder and file, squarified (Bruls, Huizing and van Wijk, 2000). An empty file has the area of one byte."""
    sizes = {name: {file: max(1, size) for file, size in files.items()} for name, files in folders.items() if files}
    placed = _squarify({name: sum(files.values()) for name, files in sizes.items()}, Box(0, 0, WIDTH, HEIGHT))
    found = []
    for name, box in placed.items():
        gap = min(_GAP, box.width / 2, box.height / 2)
        inner = Box(box.left + gap / 2, box.top + gap / 2, box.width - gap, box.height - gap)
        named = inner.width >= _LEAST_WIDTH and inner.height >= _LEAST_HEIGHT
        below = Box(inner.left, inner.top + _HEAD, inner.width, inner.height - _HEAD) if named else inner
        found.append(Folder(name, inner, named, _squarify(sizes[name], below)))
    return found


def _squarify(sizes: Mapping[str, int], box: Box) -> dict[str, Box]:
    """A box for each name within `box`, the largest first."""
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    areas = squarify.normalize_sizes([sizes[name] for name in names], box.width, box.height)
    boxes = squarify.squarify(areas, box.left, box.top, box.width, box.height)
    return {name: Box(place["x"], place["y"], place["dx"], place["dy"]) for name, place in zip(names, boxes, strict=True)}
