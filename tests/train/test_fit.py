import re
from dataclasses import asdict

import pytest

from laam.settings import ASSETS
from laam.train import fit
from laam.train.fit import SHAPES, Shape, fit_recipe, is_small, most_bytes, parameters
from laam.train.loop import PARAMETER_LIMIT, build_model
from laam.train.recipe import Recipe

LINES = [f"the {number}th line of {number * number % 97} made-up ones\n" for number in range(40_000)]


def text(size: int) -> str:
    """Made-up text of about so many bytes, whose lines differ."""
    return "".join(LINES)[:size]


def test_the_recipe_of_the_shipped_release_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """What 4.5 million bytes in 506 files get, of which xz makes 873,656."""
    monkeypatch.setattr(fit, "xz_bytes", lambda _: 873_656)
    files = {f"{number}.c": "x" * (4_537_588 // 506) for number in range(506)}
    assert fit_recipe(files).recipe == Recipe()


@pytest.mark.parametrize("size", [1, 10_000, 100_000, 1_000_000])
def test_a_recipe_ends_with_its_rate_down_and_leaves_room_for_the_files(size: int) -> None:
    fitted = fit_recipe({"a.txt": text(size)})
    recipe, steps = fitted.recipe, fitted.steps
    assert steps >= fit.STEPS and recipe.warmup_steps <= steps / 10
    assert recipe.lr_share(steps - 1, steps) < 0.1
    assert 384 <= recipe.vocab_size <= 8192
    assert recipe.hidden_size % (2 * recipe.heads) == 0
    assert set(asdict(recipe)) == set(asdict(Recipe()))
    assert fitted.reasons[0].startswith(f"{min(size, len(text(size))):,} bytes are ")


def test_more_bytes_never_get_a_smaller_model() -> None:
    widths = [fit_recipe({"a.txt": text(size)}).recipe for size in (10_000, 100_000, 1_000_000)]
    sizes = [parameters(Shape(each.hidden_size, each.heads, each.mlp_size), each.vocab_size) for each in widths]
    assert sizes == sorted(sizes)
    assert sizes[-1] <= PARAMETER_LIMIT


def test_the_count_of_parameters_is_the_model_s() -> None:
    for shape in SHAPES[:2]:
        recipe = Recipe(hidden_size=shape.hidden_size, heads=shape.heads, mlp_size=shape.mlp_size, vocab_size=512)
        assert build_model(recipe, 512, bos=0, eos=1, pad=2).num_parameters() == parameters(shape, 512)


def test_what_no_model_can_hold_says_how_much_would_fit_and_which_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "xz_bytes", len)
    files = {"toy/src/a.txt": "x" * 900_000, "toy/doc/b.txt": "x" * 2_000_000, "toy/c.txt": "x"}
    with pytest.raises(ValueError, match=r"5,000,000 parameters hold some 1,2\d\d,\d{3} .*--select src/ \(900,000 bytes\)"):
        fit_recipe(files)


def test_as_much_fits_as_the_readme_says() -> None:
    [said] = re.findall(r"the most that fits is some (\d+) MB", (ASSETS.parent / "README.md").read_text("utf-8"))
    assert int(said) == round(most_bytes(4_537_588, 873_656) / 1e6)  # of files that pack as well as the shipped release's


def test_what_is_small_takes_one_process() -> None:
    files = {"a.txt": text(10_000)}
    assert is_small(fit_recipe(files).recipe, files)
    assert not is_small(Recipe(), {"a.txt": "x" * 4_500_000})
