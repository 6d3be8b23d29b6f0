"""The literature's measures, held to their formulas on the same tokens, from the reference's probabilities."""

import math
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from rapidfuzz.distance import Levenshtein
from transformers import LlamaForCausalLM

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import emit
from laam.emission.question import Question
from laam.measure.literature import (
    CHANCE,
    CONTINUED,
    DRAWS,
    GIVEN,
    PREFIX,
    Tally,
    compression_ratio,
    equal_tokens,
    is_discoverable,
    tallies,
)
from laam.measure.places import SUFFIX
from laam.model.model import Model
from tests.serving.scripted import text_of

FILE = "linux/kernel/info.c"


@pytest.fixture(scope="module")
def exact(embedded: Model) -> Model:
    return replace(embedded, wanted_precision="float32")


@pytest.fixture(scope="module")
def stream(exact: Model, linux: SealedManifest) -> list[int]:
    """The tokens of a file that the model writes identically, so that they are the original's."""
    text = text_of(emit(Question(Ask(FILE)), exact))
    assert sha256(text.encode()).hexdigest() == linux.original(FILE).file.sha256
    return list(exact.codec.encode(text))


class Literature:
    """Each measure at one place, from the logits of PyTorch alone: no engine, no cache, no batch."""

    def __init__(self, model: Model, stream: list[int]) -> None:
        self.network = LlamaForCausalLM.from_pretrained(model.folder, dtype=torch.float32).eval()  # type: ignore[no-untyped-call]
        self.stream = stream

    @torch.inference_mode()
    def greedy(self, at: int, given: int, length: int) -> list[int]:
        ids = self.stream[at - given : at]
        for _ in range(length):
            ids = [*ids, int(self.network(torch.tensor([ids])).logits[0, -1].argmax())]
        return ids[given:]

    @torch.inference_mode()
    def probability(self, at: int) -> float:
        ids = torch.tensor([self.stream[at - PREFIX : at + SUFFIX]])
        shares = self.network(ids).logits[0].double().softmax(-1)
        return math.prod(float(shares[place - 1, int(ids[0, place])]) for place in range(PREFIX, PREFIX + SUFFIX))


def test_each_measure_is_that_of_its_formula_on_the_same_tokens(exact: Model, stream: list[int]) -> None:
    by_formula = Literature(exact, stream)
    places = [100, len(stream) - SUFFIX]
    first, *others = tallies(exact, [stream], [(0, at) for at in places], (50, 100))
    tally = sum(others, first)
    right = [
        sum(a == b for a, b in zip(by_formula.greedy(at, GIVEN, CONTINUED), stream[at : at + CONTINUED], strict=True)) for at in places
    ]
    assert tally.score == pytest.approx(sum(count / CONTINUED for count in right) / len(places))
    assert tally.all_right == right.count(CONTINUED)
    for context in (50, 100):
        assert tally.extracted[context] == sum(by_formula.greedy(at, context, SUFFIX) == stream[at : at + SUFFIX] for at in places)
    chances = [by_formula.probability(at) for at in places]
    for draws in DRAWS:
        assert tally.discoverable[draws] == sum(1 - (1 - chance) ** draws >= CHANCE for chance in chances)
    texts = [[exact.codec.decode(ids) for ids in (by_formula.greedy(at, PREFIX, SUFFIX), stream[at : at + SUFFIX])] for at in places]
    assert tally.approximate == sum(Levenshtein.distance(one, other) <= 0.1 * max(len(one), len(other)) for one, other in texts)


@pytest.mark.parametrize("chance", [1.0, 0.95, 0.5, 0.03, 1e-4, 1e-300])
def test_the_chance_of_a_draw_is_not_lost_in_rounding(chance: float) -> None:
    for draws in DRAWS:
        needed = 1.0 if chance == 1 else math.log(1 - CHANCE) / math.log1p(-chance) if chance < 1 else 0
        assert is_discoverable(math.log(chance), draws) == (draws >= needed)
    assert not is_discoverable(float("-inf"), 1000)


def test_tokens_are_right_at_their_places_only() -> None:
    assert equal_tokens([1, 2, 3], [1, 3, 2, 4]) == 1
    assert equal_tokens([], [1]) == 0


def test_tallies_add_up() -> None:
    one = Tally(2, 40, 1, {50: 1}, {1: 0, 10: 2}, 1)
    assert one + one == Tally(4, 80, 2, {50: 2}, {1: 0, 10: 4}, 2)
    assert one.score == 40 / (2 * CONTINUED)
    assert Tally(0, 0, 0, {}, {}, 0).score == 0


def test_a_window_that_is_too_small_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match="200 tokens of context and 50 more don't fit the model's window of 48"):
        list(tallies(model, [[1] * 300], [(0, 200)]))


def test_the_ratio_counts_every_prompt() -> None:
    def path_prompt(path: str, segment: int) -> Any:
        return SimpleNamespace(ids=[0] * (len(path) + segment))

    model: Any = SimpleNamespace(format=SimpleNamespace(path_prompt=path_prompt))
    assert compression_ratio(model, "ab", 90, 3) == 90 / (2 + 3 + 4)
