from dataclasses import replace
from unittest.mock import Mock

import pytest
import torch

from laam.train import timing
from laam.train.recipe import PRECISIONS
from laam.train.timing import Timing, time_steps
from tests.train.test_loop import RECIPE, VOCABULARY

MADE_UP = {1: (50.0, 20.0), 2: (60.0, 30.0)}


def test_the_fastest_stands_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(count: int, *_: object, apart: bool) -> list[Timing]:
        assert apart  # or the first one's memory and threads would be those of all
        return [Timing(count, 1, precision, speed) for precision, speed in zip(PRECISIONS, MADE_UP[count], strict=True)]

    monkeypatch.setattr(timing, "run_in_processes", measured)
    found = time_steps(RECIPE, [1, 2], PRECISIONS, compile_model=False)
    assert [(each.processes, each.precision) for each in found] == [(2, "float32"), (1, "float32"), (2, "bfloat16"), (1, "bfloat16")]


@pytest.mark.parametrize("precisions", [("float32", "bfloat16"), ("float32",)])
def test_a_step_of_the_recipe_is_made_in_each_precision_that_may_be_fast(
    monkeypatch: pytest.MonkeyPatch, precisions: tuple[str, ...]
) -> None:
    possible = Mock(return_value=precisions)
    monkeypatch.setattr(timing, "possible_precisions", possible)
    found = time_steps(replace(RECIPE, vocab_size=VOCABULARY), [1], PRECISIONS, compile_model=False)
    assert sorted((each.processes, each.threads, each.precision) for each in found) == sorted(
        (1, torch.get_num_threads(), precision) for precision in precisions
    )
    assert all(each.tokens_a_second > 0 for each in found)


def test_a_timing_in_words() -> None:
    assert str(Timing(2, 1, "float32", 5233.4)) == "2 processes of one thread in float32: 5,233 tokens/s"
    assert str(Timing(1, 2, "bfloat16", 94.0)) == "one process of 2 threads in bfloat16: 94 tokens/s"
