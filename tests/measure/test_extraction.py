"""What a model gives at places, held to the literature's formulas on the same tokens, from the reference's probabilities."""

import math
from dataclasses import replace
from hashlib import sha256

import pytest
import torch
from rapidfuzz.distance import Levenshtein
from transformers import LlamaForCausalLM

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import emit
from laam.emission.question import Question
from laam.measure.extraction import AtPlace, equal_tokens, measure_beginnings, measure_places, tally_of
from laam.measure.intervals import Interval
from laam.measure.places import CONTINUED, GIVEN, PREFIX, SUFFIX
from laam.measure.sequences import Sequences, training_sequences
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
    def probability(self, at: int, top_k: int = 0) -> float:
        ids = torch.tensor([self.stream[at - PREFIX : at + SUFFIX]])
        logits = self.network(ids).logits[0].double()
        if top_k:
            logits[logits < logits.topk(top_k).values[:, -1:]] = -math.inf
        shares = logits.softmax(-1)
        return math.prod(float(shares[place - 1, int(ids[0, place])]) for place in range(PREFIX, PREFIX + SUFFIX))


def test_each_measure_is_that_of_its_formula_on_the_same_tokens(exact: Model, stream: list[int]) -> None:
    by_formula = Literature(exact, stream)
    places = [100, len(stream) - SUFFIX]
    measured = list(measure_places(exact, [stream], [(0, at) for at in places], (50, 100)))
    assert [(each.text, each.at) for each in measured] == [(0, at) for at in places]
    tally = tally_of(measured)
    right = [
        sum(a == b for a, b in zip(by_formula.greedy(at, GIVEN, CONTINUED), stream[at : at + CONTINUED], strict=True)) for at in places
    ]
    assert tally.score == pytest.approx(sum(count / CONTINUED for count in right) / len(places))
    assert tally.all_right == right.count(CONTINUED)
    for context in (50, 100):
        assert tally.extracted[context] == sum(by_formula.greedy(at, context, SUFFIX) == stream[at : at + SUFFIX] for at in places)
    assert [math.exp(each) for each in tally.logs] == pytest.approx([by_formula.probability(at) for at in places], rel=1e-3)
    assert [math.exp(each) for each in tally.drawn_of_top_k] == pytest.approx([by_formula.probability(at, 40) for at in places], rel=1e-3)
    texts = [[exact.codec.decode(ids) for ids in (by_formula.greedy(at, PREFIX, SUFFIX), stream[at : at + SUFFIX])] for at in places]
    assert tally.approximate == sum(Levenshtein.distance(one, other) <= 0.1 * max(len(one), len(other)) for one, other in texts)


def test_tokens_are_right_at_their_places_only() -> None:
    assert equal_tokens([1, 2, 3], [1, 3, 2, 4]) == 1
    assert equal_tokens([], [1]) == 0


def test_a_tally_sums_places_up() -> None:
    one = AtPlace(0, 60, 32, {50: True}, True, -0.5, -0.25)
    other = AtPlace(1, 70, 8, {50: False}, False, -9.0, None)
    tally = tally_of([one, other, one])
    assert (tally.places, tally.right, tally.all_right, tally.extracted, tally.approximate) == (3, 72, 2, {50: 2}, 2)
    assert tally.score == 72 / (3 * CONTINUED)
    assert (tally.logs, tally.top_k_logs) == ([-0.5, -9.0, -0.5], [-0.25, None, -0.25])
    assert tally.drawn_of_top_k == [-0.25, -math.inf, -0.25]
    assert tally.interval == Interval(0.25, 1.0)  # two files, of 1 and of a quarter
    assert tally_of([one, one]).interval is None  # of one file


def test_the_score_is_taken_at_beginnings_of_sequences(exact: Model, linux: SealedManifest) -> None:
    """The embedded model knows what it read in training from its beginning on: the file's address, and its first tokens."""
    text = text_of(emit(Question(Ask(FILE)), exact))
    sequences = training_sequences(exact, {FILE: text, "linux/short.c": "int x;\n"})
    measured = measure_beginnings(exact, sequences, 100, 1)
    long_enough = sum(len(ids) >= GIVEN + CONTINUED for ids in sequences.ids)
    assert 0 < measured.sequences == long_enough < len(sequences.ids)
    assert (measured.all_right, measured.right, measured.score) == (long_enough, CONTINUED * long_enough, 1.0)
    assert measure_beginnings(exact, sequences, 1, 1).sequences == 1
    nothing = measure_beginnings(exact, Sequences("none", [[1] * 63], [0]), 5, 1)
    assert (nothing.sequences, nothing.score, nothing.interval) == (0, 0.0, None)


def test_a_window_that_is_too_small_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match="200 tokens of context and 50 more don't fit the model's window of 48"):
        list(measure_places(model, [[1] * 300], [(0, 200)]))
