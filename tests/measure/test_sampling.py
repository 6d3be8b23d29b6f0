import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from laam.measure.sampling import CHANCE, CHANCES, DRAWS, TOP_K, discoverable, is_discoverable, suffix_logs


@pytest.mark.parametrize("chance", [1.0, 0.95, 0.5, 0.03, 1e-4, 1e-300])
def test_the_chance_of_a_draw_is_not_lost_in_rounding(chance: float) -> None:
    for draws in DRAWS:
        needed = 1.0 if chance == 1 else math.log(1 - CHANCE) / math.log1p(-chance) if chance < 1 else 0
        assert is_discoverable(math.log(chance), draws) == (draws >= needed)
    assert not is_discoverable(float("-inf"), 1000)


def test_more_draws_and_a_smaller_chance_find_more() -> None:
    logs = [math.log(chance) for chance in (0.95, 0.5, 0.03, 1e-5)]
    assert [discoverable(logs, draws) for draws in DRAWS] == [1, 2, 3, 3]
    assert [discoverable(logs, 1, chance) for chance in CHANCES] == [2, 2, 1, 0]


def scripted(rows: Sequence[Sequence[float]]) -> Any:
    """A model whose probabilities after each token are known."""

    def logits(ids: Sequence[int], length: int) -> NDArray[np.float32]:
        assert len(ids) == length == len(rows)
        return np.log(np.array(rows, dtype=np.float32))

    return SimpleNamespace(engine=SimpleNamespace(logits=logits))


def test_a_draw_from_all_tokens_and_from_the_likeliest() -> None:
    many = [0.5, *[0.3 / (TOP_K - 1)] * (TOP_K - 1), *[0.2 / 60] * 60]  # the likeliest have 0.8 together
    model = scripted([[1.0] * 100, many, many])
    found = suffix_logs(model, [1, 2], [0, 0])
    assert math.exp(found.of_all) == pytest.approx(0.25)
    assert math.exp(found.of_top_k) == pytest.approx((0.5 / 0.8) ** 2, rel=1e-5)
    assert suffix_logs(model, [1, 2], [0, 99]).of_top_k == -math.inf
    assert math.exp(suffix_logs(model, [1, 2], [0, 99]).of_all) == pytest.approx(0.5 * 0.2 / 60)


def test_a_vocabulary_that_is_smaller_than_the_likeliest_is_taken_whole() -> None:
    found = suffix_logs(scripted([[0.25, 0.75]]), [1], [0])
    assert math.exp(found.of_all) == pytest.approx(math.exp(found.of_top_k)) == pytest.approx(0.25)
