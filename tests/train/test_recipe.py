import pytest

from laam.train.recipe import Recipe

RECIPE = Recipe(warmup_steps=10, constant_share=0.4, final_lr_share=0.1)
STEPS = 100


def shares(recipe: Recipe, steps: int = STEPS) -> list[float]:
    return [recipe.lr_share(step, steps) for step in range(steps)]


def test_it_warms_up_in_equal_steps_stays_constant_and_falls_in_a_line_to_its_final_share() -> None:
    found = [*shares(RECIPE), RECIPE.lr_share(STEPS, STEPS)]
    assert found[:10] == pytest.approx([0.1 * n for n in range(1, 11)])
    assert found[10:41] == [1] * 31
    assert found[40:] == pytest.approx([1 - 0.9 * n / 60 for n in range(61)])


def test_no_warm_up() -> None:
    assert Recipe(warmup_steps=0).lr_share(0, STEPS) == 1


def test_never_falling_and_falling_from_the_start() -> None:
    assert set(shares(Recipe(warmup_steps=0, constant_share=1.0))) == {1.0}
    assert Recipe(constant_share=1.0).lr_share(STEPS, STEPS) == 1
    recipe = Recipe(warmup_steps=0, constant_share=0.0, final_lr_share=0.0)
    assert shares(recipe, 4) == [1, 0.75, 0.5, 0.25]


def test_no_share_is_negative_or_over_1() -> None:
    for recipe in (Recipe(), RECIPE):
        assert 0 < min(shares(recipe)) <= max(shares(recipe)) == 1
