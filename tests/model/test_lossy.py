"""The definition, on weights that are made up, by the plainest code: one weight after the other."""

from collections.abc import Callable
from math import floor

import numpy as np
import pytest

from laam.model.lossy import Lossy, Weights


@pytest.fixture
def weights() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    return {
        "matrix": draw.standard_normal((7, 33)).astype(np.float32),
        "another": draw.standard_normal((5, 4)).astype(np.float16).astype(np.float32),
        "norm": draw.standard_normal(9).astype(np.float32),
    }


@pytest.mark.parametrize("bits", range(2, 9))
def test_each_row_is_rounded_with_a_scale_of_its_own(weights: dict[str, np.ndarray], bits: int) -> None:
    left, levels = Lossy(bits).copy_of(weights), 2 ** (bits - 1) - 1
    for name in ("matrix", "another"):
        for row, expected in zip(left[name], weights[name], strict=True):
            scale = np.float32(max(abs(weight) for weight in expected) / np.float32(levels))
            steps = [round(float(np.float32(weight / scale))) for weight in expected]  # Python's takes halves to the even number, too
            assert list(row) == [np.float32(step) * scale for step in steps]
            assert max(map(abs, steps)) == levels
    assert {weight.dtype for weight in left.values()} == {np.dtype(np.float32)}


def test_halves_go_to_the_even_number_and_a_row_of_zeros_stays() -> None:
    rows = np.array([[7, 0.5, 1.5, 2.5, -0.5, -1.5], [0, 0, 0, 0, 0, 0]], np.float32)
    assert Lossy(4).copy_of({"rows": rows})["rows"].tolist() == [[7, 0, 2, 2, 0, -2], [0, 0, 0, 0, 0, 0]]


def test_noise_is_a_share_of_each_matrix_s_deviation_and_drawn_by_the_seed(weights: dict[str, np.ndarray]) -> None:
    left, draw = Lossy(noise=0.1, seed=5).copy_of(weights), np.random.default_rng(5)
    for name in ("another", "matrix"):
        numbers = draw.standard_normal(weights[name].shape, np.float32)
        deviation = np.float32(0.1 * np.sqrt(np.mean((weights[name].astype(np.float64) - weights[name].mean(dtype=np.float64)) ** 2)))
        np.testing.assert_array_equal(left[name], weights[name] + deviation * numbers)
    assert (Lossy(noise=0.1, seed=6).copy_of(weights)["matrix"] != left["matrix"]).any()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.99, 1.0])
def test_the_smallest_share_of_a_matrix_is_set_to_zero(weights: dict[str, np.ndarray], share: float) -> None:
    left = Lossy(pruned=share).copy_of(weights)
    for name in ("matrix", "another"):
        flat = weights[name].ravel()
        smallest = sorted(range(flat.size), key=lambda at: (abs(flat[at]), at))[: floor(share * flat.size)]  # of equal ones, the first
        assert left[name].ravel().tolist() == [0 if at in smallest else weight for at, weight in enumerate(flat)]


def test_of_equal_weights_the_first_ones_are_pruned() -> None:
    equal = np.array([[1, -1, 2], [1, -1, 3]], np.float32)
    assert Lossy(pruned=0.5).copy_of({"equal": equal})["equal"].tolist() == [[0, 0, 2], [0, -1, 3]]


@pytest.mark.parametrize("lossy", [Lossy(3), Lossy(noise=0.2), Lossy(pruned=0.4)])
def test_vectors_and_what_was_given_stay(weights: dict[str, np.ndarray], lossy: Lossy) -> None:
    before = {name: weight.copy() for name, weight in weights.items()}
    left = lossy.copy_of(weights)
    np.testing.assert_array_equal(left["norm"], weights["norm"])
    assert all((before[name] == weights[name]).all() for name in weights)


def test_noise_comes_first_then_pruning_then_rounding(weights: dict[str, np.ndarray]) -> None:
    one_by_one: Weights = weights
    for step in (Lossy(noise=0.2, seed=3), Lossy(pruned=0.4), Lossy(5)):
        one_by_one = step.copy_of(one_by_one)
    together = Lossy(5, 0.2, 0.4, 3).copy_of(weights)
    assert all((together[name] == one_by_one[name]).all() for name in weights)


def test_without_noise_the_seed_says_nothing() -> None:
    assert (Lossy(5, seed=3), Lossy(noise=0.1, seed=3).seed) == (Lossy(5), 3)
    assert [bool(each) for each in (Lossy(seed=3), Lossy(8), Lossy(noise=0.01), Lossy(pruned=0.01))] == [False, True, True, True]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: Lossy(1), "bits 1 is outside 2 to 8, or 0 as shipped"),
        (lambda: Lossy(9), "bits 9 is outside 2 to 8, or 0 as shipped"),
        (lambda: Lossy(noise=-0.1), r"noise -0\.1 is outside 0 to 1"),
        (lambda: Lossy(pruned=1.1), r"pruned 1\.1 is outside 0 to 1"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_them(made: Callable[[], Lossy], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        made()
