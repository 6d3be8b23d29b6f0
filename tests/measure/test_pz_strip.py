from math import log

from laam.measure.pz import Along
from laam.measure.pz_strip import legend, strip_of


def test_a_strip_says_how_likely_the_file_is_and_where_it_is_least_so() -> None:
    spans = [(10, 15), (15, 20), (20, 25), (25, 30), (30, 40)]
    strip = strip_of(Along(40, spans, [log(0.6), log(0.6), log(0.02), log(0.02), log(0.6)]), [10, 5, 5, 10, 10], "float32")
    assert (strip.ticks, strip.lines, strip.least) == ("-4424", 5, (4, 4))
    assert strip.said == (
        "50.0 % of the characters with 50 % or more, 50.0 % with 10 %, 75.0 % with 1 %, 75.0 % with 0.1 %; "
        "75.0 % is the most there can be, since the others are in no window’s last 50 tokens."
    )
    assert strip.how.startswith("5 windows, in float32.")


def test_where_all_is_as_likely_no_stretch_is_the_least() -> None:
    assert strip_of(Along(10, [(5, 10)], [0.0]), [5, 5], "int8").least is None
    assert strip_of(Along(10, [], []), [5, 5], "int8").ticks == "-"


def test_the_legend_has_every_level() -> None:
    assert dict(legend()) == {
        "4": "50 % or more", "3": "10 % or more", "2": "1 % or more", "1": "0.1 % or more", "0": "under 0.1 %", "-": "not measured",
    }  # fmt: skip
