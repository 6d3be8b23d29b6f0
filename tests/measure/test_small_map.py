import re
from dataclasses import replace

from laam.corpus.catalog import Catalog
from laam.measure.small_map import SHADES, small_map
from laam.settings import Settings
from tests.measure.test_atlas import row
from tests.measure.test_render import HOSTILE, atlas, file


def test_each_file_is_a_box_the_deeper_the_more_came_back() -> None:
    paths = ["linux/none.c", "linux/half.c", "linux/nearly.c", "linux/whole.c", HOSTILE]
    shares, identical = [0, 50, 100, 100, 0], "linux/whole.c"
    rows = [row(path, exact_characters=share, identical=path == identical) for path, share in zip(paths, shares, strict=True)]
    catalog = Catalog([file(path, 1000 + number) for number, path in enumerate(paths)])
    svg = small_map(replace(atlas(), rows=rows, controls={}), catalog, Settings().assets / "measure")
    assert sorted(re.findall(r'class="s(\d)"', svg)) == sorted(map(str, [0, 2, SHADES - 1, SHADES, 0]))
    assert "<b>" not in svg
