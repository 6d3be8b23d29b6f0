import json
from dataclasses import replace
from pathlib import Path

import pytest

from laam.measure.atlas import atlas_file
from laam.measure.extraction import Beginnings, Tally
from laam.measure.intervals import Interval
from laam.measure.literature import tally_rows
from laam.measure.memorisation import Memorisation, read_memorisation, read_memorisations, write_memorisation
from laam.settings import Settings
from tests.measure.test_render import CATALOG, Reader, atlas, rendered
from tests.schemas import check

KNOWS = Tally(
    8, 200, 5, Interval(0.5, 0.875), {50: 3, 100: 8}, 6, [-0.1] * 2 + [-3.0] * 6, [-0.1] * 2 + [None] * 6,
    Beginnings("a segment", 9, 288, 9, None),
)  # fmt: skip
NOTHING = Tally(8, 0, 0, None, {50: 0, 100: 0}, 0, [-90.5] * 8, [None] * 8, Beginnings("a segment", 9, 0, 0, None))
DATE = "2026-01-02T03:04:05+00:00"
TOY = Memorisation("<toy>", "ab" * 32, "int8", DATE, "trained on", 2, 3000, 700, 0.25, 7, KNOWS, NOTHING)


def test_measures_come_back_from_their_file(tmp_path: Path) -> None:
    file = atlas_file(tmp_path, "toy").with_suffix(".measures.json")
    write_memorisation(TOY, file)
    assert json.loads(file.read_text("utf-8"))["format"] == "laam-measures-3"
    check(json.loads(file.read_text("utf-8")), "laam-measures-3")
    assert len(file.read_text("utf-8").splitlines()) < 80  # logarithms are in one line
    assert read_memorisations(tmp_path) == [TOY]


@pytest.mark.parametrize("change", [{"version": 2}, {"mood": 1}, {"tally": {"places": 1}}, {"untrained": []}])
def test_a_file_that_holds_no_measures_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    write_memorisation(TOY, tmp_path / "x.json")
    (tmp_path / "x.json").write_text(json.dumps(json.loads((tmp_path / "x.json").read_text("utf-8")) | change), "utf-8")
    with pytest.raises(ValueError, match=r"x\.json: not readable measures .*make them again with"):
        read_memorisation(tmp_path / "x.json")


def test_they_stand_beside_the_atlas_of_the_same_weights_with_their_source() -> None:
    reader = Reader(rendered(atlas(), CATALOG, TOY, replace(TOY, weights_sha256="other", model="another"), name="<toy>"))
    [_] = reader.of_class("extraction")
    assert "As the literature measures it: <toy>, from" in reader.text
    assert "k = 50: 37.5 % (3 of 8 places, 95 %: 13.6 % to 69.4 %)k = 100: 100 % (8 of 8 places, 95 %: " in reader.text
    assert "78.1 % on average (95 %: 50.0 % to 87.5 %)all 32 right at 62.5 % (5 of 8 places, 95 %: " in reader.text
    assert "100 % on averageall 32 right at 100 % (9 of 9 sequences, 95 %: " in reader.text
    assert "n = 1: 25.0 % (2 of 8 places, 95 %: " in reader.text
    assert len(reader.of_class("curve")) == 1
    assert "Given k true tokens, the next 50 come exactly. Carlini and others 2022." in reader.text
    assert "(the threshold is from a summary)" in reader.text
    assert "Of these papers the abstracts were read." in reader.text
    assert {row.measure.seen.partition("; ")[0] for row in tally_rows(TOY.tally)} == {"abstract read"}
    assert "3,000 bytes, are 700 bytes as xz packs them one after the other: 0.25 bits for each parameter" in reader.text
    assert ("a", {"href": "https://arxiv.org/abs/2202.07646", "rel": "noreferrer"}) in reader.tags


def test_those_that_are_shipped_can_be_read() -> None:
    [shipped] = read_memorisations(Settings().assets)
    assert list(shipped.tally.extracted) == list(shipped.untrained.extracted) == [50, 100, 200]
    assert shipped.bits_per_parameter == pytest.approx(8 * shipped.xz_bytes / 4_917_504, abs=1e-4)
    tally = shipped.tally
    assert tally.places == len(tally.logs) == len(tally.top_k_logs) == shipped.untrained.places
    assert tally.beginnings is not None and tally.beginnings.all_right == tally.beginnings.sequences == tally.places
