from typing import Any

from laam.corpus.catalog import Catalog
from laam.measure.learned import learned_files
from laam.measure.treemap import HEIGHT, WIDTH
from tests.measure.test_render import file

PATHS = ["linux/fs/a.c", "linux/fs/b.c", "linux/lib/c.c", "linux/lib/d.c"]
CATALOG = Catalog([file(path, 1000 * number) for number, path in enumerate(PATHS, 1)])


def entry(*came: str, lost: list[str] | None = None) -> dict[str, Any]:
    return {"came": list(came), "lost": lost or []}


def test_a_file_is_whole_from_the_pass_after_which_it_was_never_lost() -> None:
    a, b, c, d = PATHS
    passes = [entry(a, b), entry(c, lost=[a]), entry(), entry(a, lost=[c]), entry(c, lost=[b, a]), entry(a)]
    found = learned_files(passes, PATHS, CATALOG)
    assert {of.path: of.since for of in found} == {a: 6, b: 0, c: 5, d: 0}


def test_boxes_are_the_files_sizes() -> None:
    areas = {of.path: of.box.width * of.box.height for of in learned_files([entry()], PATHS, CATALOG)}
    assert sorted(areas, key=areas.__getitem__) == PATHS
    assert 0.8 * WIDTH * HEIGHT < sum(areas.values()) <= WIDTH * HEIGHT


def test_a_run_that_did_not_write_it_down_has_no_map() -> None:
    assert learned_files([], PATHS, CATALOG) == []
    assert learned_files([entry(*PATHS), {"exact_segments": 4}], PATHS, CATALOG) == []
