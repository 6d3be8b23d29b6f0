import re
from dataclasses import replace

import pytest

from laam.corpus.releases import SHIPPED
from laam.measure.lossy_picture import LEFT, ORDER, RIGHT, render_picture, scale_of
from laam.measure.packing import Step
from tests.measure.test_archives import ARCHIVED
from tests.measure.test_bits import MEASURED
from tests.measure.test_render import TEMPLATES, Reader

ARCHIVES = replace(
    ARCHIVED, steps={ORDER: [Step(0, 2, 500, 10240, 300, 280), Step(50, 1, 400, 10240, 250, 240), Step(55, 1, 300, 10240, 150, 140)]}
)


def html(model: str = "embedded") -> str:
    return render_picture(ARCHIVES, replace(MEASURED, model=model), SHIPPED, TEMPLATES)


def test_without_measures_of_both_there_is_no_picture() -> None:
    assert render_picture(None, MEASURED, SHIPPED, TEMPLATES) == render_picture(ARCHIVES, None, SHIPPED, TEMPLATES) == ""


def test_each_measure_has_its_mark_where_it_belongs() -> None:
    reader = Reader(html())
    scale = scale_of(800)
    filled = [at for tag, at in reader.tags if tag == "circle" and "class" not in at]
    hollow = [at for tag, at in reader.tags if tag == "circle" and at.get("class") == "xz"]
    assert [(at["cx"], at["cy"]) for at in filled] == [(scale.x(800), scale.y(1)), (scale.x(300), scale.y(0.125))]
    assert [at["cx"] for at in hollow] == [scale.x(700), scale.x(90)]
    squares = [at["d"] for tag, at in reader.tags if tag == "path"]
    assert [re.split("[Mm,]", at)[1:3] for at in squares] == [[scale.x(280), scale.y(1)], [scale.x(240), scale.y(0.8)]]  # up to 50 %


def test_it_is_told_to_those_who_don_t_see_it_and_stands_in_tables() -> None:
    reader = Reader(html())
    [label] = [at["aria-label"] for tag, at in reader.tags if tag == "svg"]
    assert label == (
        "Bytes kept, and the share of characters given back. An archive, from 0 % of the files dropped: 280 bytes, 100 %, to 50 % of the "
        "files dropped: 240 bytes, 80.0 %. Our own model, 8 bits: 800 bytes, 100 %, and 700 bytes as xz; 3 bits: 300 bytes, 12.5 %, and "
        "90 bytes as xz."
    )
    for cells in ("3", "300", "90", "0", "12.5 %"), ("50 %", "240", "1", "80.0 %"):
        assert "".join(cells) in reader.text


def told(*identical: int) -> str:
    """What is said of made-up steps from 8 bits down, with so many identical files of two."""
    [step, _] = MEASURED.steps
    steps = [replace(step, bits=8 - number, identical=files, exact_characters=25) for number, files in enumerate(identical)]
    text = " ".join(Reader(render_picture(ARCHIVES, replace(MEASURED, steps=steps), SHIPPED, TEMPLATES)).text.split())
    return text.partition("The same byte for byte: ")[2].partition(".")[0]


def test_the_sentence_is_about_what_was_measured() -> None:
    assert told(2, 2, 1, 0, 0) == "2 of 2 files at 7 bits a weight, 1 at 6, none at 5, where 12"
    assert told(1, 1, 1) == "1 of 2 files at 8 bits a weight, 1 at 7, 1 at 6"
    assert told(2, 2) == "2 of 2 files at 7 bits a weight"
    assert "where 12.5 % of the characters are left." in " ".join(Reader(html()).text.split())


def test_a_model_s_name_is_no_markup() -> None:
    assert "<toy>" in Reader(html("/models/<toy>")).text


@pytest.mark.parametrize(
    ("most", "ticks"), [(4_996_096, [0, 1, 2, 3, 4, 5]), (5_000_001, [0, 2, 4, 6]), (63_000, [0, 0.02, 0.04, 0.06, 0.08])]
)
def test_ticks_are_round_and_hold_the_most(most: int, ticks: list[float]) -> None:
    scale = scale_of(most)
    assert scale.ticks == [round(tick * 1e6) for tick in ticks]
    assert LEFT < float(scale.x(most)) <= RIGHT
