import pytest

from tests.engine.node import node

DRAWS = 20_000


def test_the_generator_is_xoshiro128_starstar() -> None:
    """The first numbers of the authors' own code from the state 1, 2, 3, 4."""
    expected = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804]
    assert node("random", seed=0, stream=0, state=[1, 2, 3, 4], count=10) == expected


def test_each_seed_and_stream_has_numbers_of_its_own() -> None:
    seeds = [(0, 0), (0, 1), (1, 0), (1, 1), (2**32 - 1, 0), (2**32 - 1, 255)]
    numbers = [tuple(node("random", seed=seed, stream=stream, count=4)) for seed, stream in seeds]
    assert len(set(numbers)) == len(seeds)
    assert numbers[3] == tuple(node("random", seed=1, stream=1, count=4))


def test_ids_are_drawn_by_weight() -> None:
    times = node("drawn", weights=[1, 0, 0.5, 0.25, 0.25], topK=0, count=DRAWS)
    assert [count / DRAWS for count in times] == pytest.approx([0.5, 0, 0.25, 0.125, 0.125], abs=0.02)
    assert times[1] == 0


def test_only_the_heaviest_are_drawn_from_and_of_equals_the_first() -> None:
    times = node("drawn", weights=[0.25, 0.5, 0.25, 1, 0.25], topK=3, count=DRAWS)
    assert [count / DRAWS for count in times] == pytest.approx([1 / 7, 2 / 7, 0, 4 / 7, 0], abs=0.02)
    assert times[2] == times[4] == 0
