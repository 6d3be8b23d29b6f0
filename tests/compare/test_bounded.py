"""The alignment within a budget of work: what it finds, and that no text makes it do more."""

import random
from collections.abc import Sequence

import pytest

from laam.compare import bounded
from laam.compare.bounded import ROW, bounded_matches
from laam.compare.heaviest import Match, inner_pairs
from laam.compare.live import compare_text
from tests.compare.made_up import MadeUpOriginal
from tests.compare.test_heaviest import check_matches, random_texts

LITTLE = 40 * ROW  # steps


def numbers(lines: Sequence[str]) -> list[int]:
    return [int.from_bytes(line.encode(), "big") for line in lines]


def weight(matches: Sequence[Match], weights: Sequence[int]) -> int:
    return sum(sum(weights[j : j + lines]) for _, j, lines in matches)


@pytest.mark.parametrize("seed", range(200))
def test_beyond_it_lines_are_equal_and_in_order_and_not_more_than_the_heaviest(seed: int) -> None:
    a, b = random_texts(seed)
    weights = [len(line) for line in b]
    found = bounded_matches(numbers(a), numbers(b), weights, LITTLE // 4)
    check_matches(found.runs, a, b)
    best = weight(bounded_matches(numbers(a), numbers(b), weights).runs, weights)
    assert weight(found.runs, weights) <= best
    assert found.cut_short or weight(found.runs, weights) == best


def test_the_work_is_bounded_whatever_the_texts_are(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, steps = random.Random(1), 200 * ROW
    rows, cells = 0, 0

    def counted(a: Sequence[int], b: Sequence[int], weights: Sequence[int]) -> list[tuple[int, int]]:
        nonlocal rows, cells
        rows += len(a)
        cells += bounded._cells(a, b)
        return inner_pairs(a, b, weights)

    monkeypatch.setattr(bounded, "inner_pairs", counted)
    for kinds in (2, 3, 50, 5_000):
        a, b = ([chance.randrange(kinds) for _ in range(4_000)] for _ in range(2))
        for one, other in ((a, b), (a, b[:40]), (a[:40], b), (a, a[::-1])):
            rows = cells = 0
            bounded_matches(one, other, [1] * len(other), steps)
            assert rows * ROW + cells <= steps


def test_an_original_that_stands_in_the_text_in_order_is_all_there() -> None:
    chance = random.Random(2)
    original = [chance.randrange(2) for _ in range(3_000)]
    text = [each for line in original for each in (line, chance.randrange(2))]
    found = bounded_matches([7, *text], original, [3] * 3_000, LITTLE)
    assert (weight(found.runs, [3] * 3_000), found.cut_short) == (9_000, False)
    part = [line for line in original if chance.random() < 0.9]
    assert weight(bounded_matches(part, original, [3] * 3_000, LITTLE).runs, [3] * 3_000) == 3 * len(part)


def test_lines_that_both_have_once_hold_the_parts_together() -> None:
    original = list(range(2_000))
    text = [*original[:500], *range(-900, -1), *original[600:], -1]
    found = bounded_matches([*text[10:], 5], original, [1] * 2_000, LITTLE)
    assert found.cut_short
    assert weight(found.runs, [1] * 2_000) == 1_890
    swapped = bounded_matches([*original[1_200:], *original[:1_200]], original, [1] * 2_000, LITTLE)
    assert weight(swapped.runs, [1] * 2_000) == 1_200


def test_the_score_says_that_it_was_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    text, original = ("".join(chance.choices(["a\n", "b\n"], k=400)) for _ in range(2))
    assert not compare_text(text, MadeUpOriginal(original)).score.cut_short
    monkeypatch.setattr(bounded_matches, "__defaults__", (LITTLE,))
    score = compare_text(text, MadeUpOriginal(original)).score
    assert score.cut_short
    assert score.as_dict()["cut_short"] is True
