import json
from dataclasses import replace

from laam.measure.bits import File, Left
from laam.measure.bits_map import by_bits
from laam.measure.render import render_map
from tests.measure.test_bits import MEASURED
from tests.measure.test_render import CATALOG, HOSTILE, TEMPLATES, Reader, atlas


def test_each_file_has_its_share_at_each_step_and_each_step_its_sums() -> None:
    found = by_bits(MEASURED, linked=False)
    assert found["files"] == {"a.c": [[1000, 1], [0, 0]], "b.c": [[1000, 1], [250, 0]]}
    assert [step["said"] for step in found["steps"]] == [
        "8 bits: 2 of 2 files whole, 100 % of all characters",
        "3 bits: 0 of 2 files whole, 12.5 % of all characters",
    ]
    assert found["linked"] is False


def test_two_bits_are_no_step_of_the_slider() -> None:
    most, least = MEASURED.steps
    two = replace(MEASURED, steps=[most, replace(least, bits=2)])
    assert [step["bits"] for step in by_bits(two)["steps"]] == [8]
    assert by_bits(two)["files"]["b.c"] == [[1000, 1]]


def test_the_map_has_the_slider_if_it_was_measured_and_says_so_if_not() -> None:
    hostile = replace(MEASURED, files=[File(HOSTILE, 100, 10, [Left(False, 99, 9), Left(False, 25, 3)])])
    page = render_map(atlas(), CATALOG, TEMPLATES, (), hostile, name="the toy model", link="share/", query="")
    data = page.partition('<script type="application/json">')[2].partition("</script>")[0]
    assert "<b>" not in data
    assert json.loads(data)["files"] == {HOSTILE.removeprefix("linux/"): [[990, 0], [250, 0]]}
    assert len(Reader(page).of_class("by-bits")) == 1
    without = Reader(render_map(atlas(), CATALOG, TEMPLATES, name="the toy model", link="share/", query=""))
    assert without.of_class("by-bits") == []
    assert "With fewer bits a weight, nothing was measured of the toy model." in without.text
