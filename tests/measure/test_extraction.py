from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from laam.measure.extraction import SUFFIX, Extraction, draw_places, extract
from laam.model.model import Model


def test_places_leave_room_for_context_and_suffix() -> None:
    lengths = [40, 149, 150, 151, 400]
    places = draw_places(lengths, 3000, 5, (50, 100))
    assert places == draw_places(lengths, 3000, 5, (50, 100)) != draw_places(lengths, 3000, 6, (50, 100))
    assert all(100 <= at <= lengths[file] - SUFFIX for file, at in places)
    counts = Counter(places)
    assert set(counts) == {(2, 100), (3, 100), (3, 101), *((4, at) for at in range(100, 351))}
    assert max(counts.values()) < 40  # of 3000 at 254 places


def test_files_that_are_too_short_are_refused() -> None:
    with pytest.raises(ValueError, match="no file has 150 tokens"):
        draw_places([149, 3], 1, 0, (100,))
    with pytest.raises(ValueError, match="no file has 150 tokens"):
        draw_places([], 1, 0, (100,))


@dataclass
class Parrot:
    """An engine that goes on counting as the text does, but never past a number that ends in 7 where the context is short."""

    asked: list[Any]

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        self.asked += [list(prompt) for prompt in prompts]
        assert (tuple(stop), limit) == ((9,), SUFFIX)
        wrong = [prompt[-1] % 10 == 7 and len(prompt) < 100 for prompt in prompts]
        return [
            [prompt[-1] + 1 + number + (bad and number == SUFFIX - 1) for number in range(SUFFIX)]
            for prompt, bad in zip(prompts, wrong, strict=True)
        ]


def counting(window: int = 256) -> tuple[Any, Parrot]:
    engine = Parrot([])
    codec = SimpleNamespace(encode=lambda text: list(range(int(text))))
    return SimpleNamespace(window=window, codec=codec, engine=engine, format=SimpleNamespace(stop=(9,))), engine


def test_every_token_of_the_suffix_must_be_right() -> None:
    model, engine = counting()
    short, long = extract(model, {"linux/a.c": "5000"}, seed=1, places=200, contexts=(50, 100))
    assert long == Extraction(100, 200, 200)
    assert short.extracted == 200 - sum(prompt[-1] % 10 == 7 for prompt in engine.asked[:200])
    assert 0.8 < short.share < 1
    assert [len(prompt) for prompt in engine.asked] == [50] * 200 + [100] * 200
    assert [prompt[-1] for prompt in engine.asked[:200]] == [prompt[-1] for prompt in engine.asked[200:]]
    assert all(prompt == list(range(prompt[0], prompt[0] + len(prompt))) for prompt in engine.asked)


def test_a_window_that_is_too_small_is_refused() -> None:
    model, _ = counting(149)
    with pytest.raises(ValueError, match="100 tokens of context and 50 more don't fit the model's window of 149"):
        list(extract(model, {"linux/a.c": "5000"}, seed=1, contexts=(100,)))


def test_a_model_that_knows_nothing_else_is_asked_for_real(model: Model, made_up_files: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="window of 48"):
        list(extract(model, made_up_files, seed=1))


def test_no_places_have_no_share() -> None:
    assert Extraction(50, 0, 0).share == 0.0
