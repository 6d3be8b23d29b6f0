from pathlib import Path

from laam.measure.capacity import membership_of
from laam.measure.curves import BOTTOM, FRAME, LEFT, RIGHT, TOP, Curve, draws_picture, members_picture, x_of, y_of
from laam.measure.sampling import CURVE
from laam.settings import Settings
from laam.templates import template_environment
from tests.measure.test_capacity import MEASURED
from tests.measure.test_literature import TALLY
from tests.measure.test_render import Reader


def test_a_curve_goes_from_the_lower_left_to_the_upper_right() -> None:
    assert Curve("main", [(0.0, 0.0), (1.0, 1.0)]).drawn == f"{LEFT}.0,{BOTTOM}.0 {RIGHT}.0,{TOP}.0"


def test_the_draws_are_drawn_and_said() -> None:
    picture = draws_picture(TALLY)
    greedy, *curves = picture.curves
    assert greedy.points == [(0.0, 0.75), (1.0, 0.75)]
    assert [curve.kind for curve in curves] == ["other"] * 4 + ["main"] * 4
    for curve in curves:
        shares = [share for _, share in curve.points]
        assert shares == sorted(shares) and len(shares) == len(CURVE)
    assert "p = 0.9: n = 1 50.0 %, " in picture.label and "n = 1,000,000 50.0 %; p = 0.99: " in picture.label
    assert picture.label.endswith("Greedily: 75.0 %.")


def test_a_picture_is_drawn_with_a_text_for_those_who_do_not_see_it(tmp_path: Path) -> None:
    told_apart = membership_of(MEASURED)
    assert told_apart is not None
    picture = members_picture(told_apart)
    template = template_environment(Settings().assets / "measure").get_template("curve.html")
    reader = Reader(template.render(picture=picture, frame=FRAME | {"x": x_of, "y": y_of}))
    [svg] = [attributes for tag, attributes in reader.tags if tag == "svg"]
    assert svg["aria-label"] == picture.label
    assert "The area under it is 0.875." in picture.label
    assert len([tag for tag, _ in reader.tags if tag == "polyline"]) == 2
    assert "100 %" in reader.text and "Dotted: chance." in reader.text
