from random import Random

from laam.compare.longest import Common, longest_common


def test_the_longest_run_of_equal_items() -> None:
    assert longest_common(["one", "two", "three"], ["two", "three", "four"]) == Common(end=3, length=2)
    assert longest_common([7, 1, 2, 3, 9], [1, 2, 1, 2, 3]) == Common(end=4, length=3)
    assert longest_common([], [1]) == longest_common([1], []) == longest_common([1], [2]) == Common(0, 0)


def test_the_first_of_several_is_taken() -> None:
    assert longest_common("abxab", "ab") == Common(2, 2)


def test_it_is_the_longest_of_all_substrings() -> None:
    draw = Random(7)
    for _ in range(200):
        a, b = ("".join(draw.choices("ab", k=draw.randrange(10))) for _ in range(2))
        runs = [(j - i, -j) for i in range(len(a) + 1) for j in range(i, len(a) + 1) if a[i:j] in b]
        length, end = max(runs)
        assert longest_common(a, b) == (Common(-end, length) if length else Common(0, 0))
