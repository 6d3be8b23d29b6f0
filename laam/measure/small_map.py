"""The map in small: a picture of all files, the stronger the colour, the more of each came back."""

from pathlib import Path

from laam.corpus.catalog import Catalog
from laam.measure.atlas import Atlas
from laam.measure.treemap import HEIGHT, WIDTH, layout_treemap
from laam.templates import template_environment

SHADES = 4  # below that of a file that is identical


def small_map(atlas: Atlas, catalog: Catalog, templates: Path) -> str:
    """An SVG of the files of an atlas, by subsystem. `templates`: the folder that has `small_map.svg`."""
    shades = {row.path: SHADES if row.identical else int(min(0.999, row.reproduced) * SHADES) for row in atlas.rows}
    sizes: dict[str, dict[str, int]] = {}
    for path in shades:
        sizes.setdefault(catalog.files[path].subsystem, {})[path] = catalog.files[path].size
    cells = [(box, shades[path]) for folder in layout_treemap(sizes) for path, box in folder.files.items()]
    return template_environment(templates).get_template("small_map.svg").render(width=WIDTH, height=HEIGHT, cells=cells)
