from dataclasses import replace
from math import sqrt

import pytest

from laam.measure.archives import NO_SOURCE, NOT_TRAINED, TRAINED, UNTRAINED, Coding, ModelInBytes
from laam.measure.capacity import auc, auc_interval, auc_variance, capacity_of, membership_of, roc
from laam.measure.code_length import CodeLength
from laam.measure.memorisation import Memorisation
from laam.measure.render import render_map
from tests.measure.test_memorisation import TOY
from tests.measure.test_render import CATALOG, TEMPLATES, Reader, atlas

KNOWN = Coding([CodeLength("a.c", 40, 20, 10.0, 0), CodeLength("b.c", 40, 5, 80.0, 4)], gz=30, xz=16)
OTHERS = Coding([CodeLength("c.c", 10, 5, 20.0, 5), CodeLength("d.c", 10, 5, 35.0, 5), CodeLength("empty.c", 0, 0, 0.0, 0)], gz=30, xz=20)
CONTROL = Coding([CodeLength("a.c", 40, 20, 200.0, 20)], gz=30, xz=20)
MEASURED = ModelInBytes("toy", "ab" * 32, "cd" * 32, 80, 7, {}, {TRAINED: KNOWN, NOT_TRAINED: OTHERS, UNTRAINED: CONTROL})


def test_bits_a_parameter_by_hand() -> None:
    """Ten bits a token of the untrained copy: 200 − 10 of the first file, and 50 − 80, which is clipped at 0, of the second."""
    found = capacity_of(MEASURED)
    assert found is not None
    assert (found.untrained, found.bits_a_token) == (190 / 80, 10.0)
    assert (found.xz, found.as_xz_counts) == ((8 * 16 - 90) / 80, 8 * 16 / 80)
    assert capacity_of(replace(MEASURED, codings={NOT_TRAINED: OTHERS})) is None


def test_members_are_told_apart_by_bits_a_byte() -> None:
    """Members take ¼ and 2 bits a byte, the others 2 and 3½; an empty file takes none and tells nothing."""
    found = membership_of(MEASURED)
    assert found is not None
    assert (found.members, found.others, found.of_others, found.auc) == (2, 2, NOT_TRAINED, 0.875)
    assert found.curve == [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]
    beside = membership_of(replace(MEASURED, codings={TRAINED: KNOWN, NO_SOURCE: OTHERS, NOT_TRAINED: Coding([], 0, 0)}))
    assert beside is not None and beside.of_others == NO_SOURCE
    assert membership_of(replace(MEASURED, codings={TRAINED: KNOWN, UNTRAINED: CONTROL})) is None


def test_the_area_counts_ties_as_one_half() -> None:
    assert auc([1, 2], [3, 4]) == 1.0
    assert auc([3, 4], [1, 2]) == 0.0
    assert auc([1, 3], [2, 3]) == (1 + 1 + 0 + 0.5) / 4
    assert auc([1], [1, 1]) == 0.5


def test_the_curve_bends_where_either_group_has_a_file() -> None:
    assert roc([1, 2], [3, 4]) == [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
    assert roc([1, 3], [2, 3]) == [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (1.0, 1.0)]


def test_the_error_of_an_area_is_that_of_hanley_and_mcneils_example() -> None:
    """0.893 of 51 and 58 images has a standard error of 0.032."""
    assert sqrt(auc_variance(0.893, 51, 58)) == pytest.approx(0.032, abs=0.001)


def test_the_interval_of_an_area_ends_where_it_would_be_too_far_off() -> None:
    z = 1.959964
    found = auc_interval(0.8, 30, 20)
    for end in (found.low, found.high):
        assert abs(end - 0.8) == pytest.approx(z * sqrt(auc_variance(end, 30, 20)), rel=1e-5)
    whole = auc_interval(1.0, 506, 54)
    assert 0.99 < whole.low < whole.high == 1.0
    assert auc_interval(0.0, 5, 5).low == 0.0 < auc_interval(0.0, 5, 5).high


def test_where_nothing_else_was_measured_the_map_has_what_the_lab_says() -> None:
    def page(*memorisations: Memorisation) -> Reader:
        html = render_map(atlas(), CATALOG, TEMPLATES, memorisations, in_bytes=MEASURED, name="<toy>", link="share/", query="")
        return Reader(html)

    alone, beside = page(), page(replace(TOY, weights_sha256=atlas().weights_sha256))
    assert "As the literature measures it: <toy>, from its code lengths" in alone.text
    for reader, curves in ((alone, 1), (beside, 2)):
        assert len(reader.of_class("extraction")) == 1
        assert len(reader.of_class("curve")) == curves
        assert "2.38 against an untrained copy" in reader.text
        assert "AUC 0.875" in reader.text and "Yeom and others 2018" in reader.text
    assert "from its code lengths" not in beside.text
