import pytest

from laam.measure.intervals import Interval, bootstrap_mean, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_agrees_with_newcombes_table(hits: int, of: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I, method 3."""
    interval = wilson(hits, of)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    mirrored = wilson(of - hits, of)
    assert mirrored is not None
    assert (round(mirrored.low, 4), round(mirrored.high, 4)) == (round(1 - high, 4), round(1 - low, 4))


def test_wilson_by_hand() -> None:
    """Of 1 of 1 with z = 1, at the level that has it: (1 + 1/2 ± √(1/4)) ÷ 2."""
    one, none = wilson(1, 1, 0.6826894921370859), wilson(0, 1, 0.6826894921370859)
    assert one is not None and none is not None
    assert (one.low, one.high, none.low, none.high) == pytest.approx((0.5, 1.0, 0.0, 0.5))


def test_what_can_not_be_counted_has_no_interval() -> None:
    assert wilson(0, 0) is None
    assert bootstrap_mean([]) is None
    assert bootstrap_mean([0.5]) is None
    for hits, of in ((2, 1), (-1, 3)):
        with pytest.raises(ValueError, match=f"{hits} of {of}"):
            wilson(hits, of)


def test_the_bootstrap_of_two_files_by_hand() -> None:
    """The mean of two draws of 0 and 1 is 0, ½ and 1 with the chances ¼, ½ and ¼."""
    assert bootstrap_mean([0, 1]) == Interval(0.0, 1.0)
    assert bootstrap_mean([0, 1], level=0.4) == Interval(0.5, 0.5)
    assert bootstrap_mean([0, 1], level=0.6) == Interval(0.0, 1.0)


def test_the_bootstrap_is_that_of_its_seed() -> None:
    values = [number**0.5 for number in range(20)]  # many different means, or two seeds may agree
    one, other = bootstrap_mean(values, seed=1), bootstrap_mean(values, seed=2)
    assert one == bootstrap_mean(values, seed=1) != other
    assert one is not None
    assert one.low < sum(values) / len(values) < one.high
    assert bootstrap_mean([0.25] * 4) == Interval(0.25, 0.25)


def test_the_weighted_bootstrap_of_two_files_by_hand() -> None:
    """Of 1 with weight 3 and 0 with weight 1: the mean of two draws is 0, ¾ and 1 with the chances ¼, ½ and ¼."""
    assert bootstrap_mean([1, 0], level=0.4, weights=[3, 1]) == Interval(0.75, 0.75)
    assert bootstrap_mean([1, 0], weights=[3, 1]) == Interval(0.0, 1.0)


def test_an_interval_in_words() -> None:
    assert Interval(0.7225, 1.0).in_words == "72.2 % to 100 %"
