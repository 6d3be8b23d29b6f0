"""Drawing along a draft: the distribution of a draw, where it leaves the draft, and that only seed and prompt decide."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from laam.model.drafts import HOTTEST, DraftedDecoder, Drawn, chosen_id, draw_along, takes_drafts
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.model.reference import ReferenceEngine

LOGITS = np.array([0.5, 3.0, -1.0, 2.5, 3.0, 1.0], np.float32)
STOP = 5
STEPS = 10_000


def softmax(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    shares = np.exp(logits.astype(np.float64) / temperature)
    return shares / shares.sum()  # type: ignore[no-any-return]


@pytest.mark.parametrize("temperature", [0.1, 0.7, HOTTEST])
@pytest.mark.parametrize("top_k", [0, 1, 3, 99])
def test_ids_are_chosen_as_often_as_they_are_likely(temperature: float, top_k: int) -> None:
    decoding = Decoding(temperature, top_k)
    counted = Counter(chosen_id(LOGITS, decoding, step / STEPS) for step in range(STEPS))
    kept = np.argsort(-LOGITS, kind="stable")[: top_k or None]
    masked = np.full_like(LOGITS, -np.inf)
    masked[kept] = LOGITS[kept]
    for id_, probability in enumerate(softmax(masked, temperature)):
        assert counted[id_] == pytest.approx(probability * STEPS, abs=2)


@dataclass
class Alike:
    """An engine whose next id never depends on the ones before: always by LOGITS. `asked` are the streams that it was asked for."""

    asked: list[tuple[list[int], int]] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        return [[int(LOGITS.argmax())] * limit for _ in prompts]

    def logits(self, ids: Sequence[int], length: int) -> NDArray[np.float32]:
        assert len(ids) <= length
        return np.tile(LOGITS, (len(ids), 1))

    def log_probabilities(self, prompt: Sequence[int], ids: Sequence[int]) -> list[float]:
        raise NotImplementedError

    def decoder(self, decoding: Decoding) -> "Alike":
        self.seeds.append(decoding.seed)
        return self

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        self.asked.append((list(prompt), limit))
        yield from [0] * limit


def drawn(engine: Alike, seed: int, prompt: Sequence[int], limit: int = 30) -> list[int]:
    return list(DraftedDecoder(engine, Decoding(0.7, 0, seed), 64).stream(prompt, (STOP,), limit))


def test_after_it_has_parted_the_rest_is_drawn_from_there() -> None:
    for seed in range(50):
        engine = Alike()
        ids = drawn(engine, seed, [7, 8])
        parted = draw_along(engine, Decoding(0.7, 0, seed), 64, [7, 8], [1] * 30)
        assert ids[: len(parted.ids)] == parted.ids
        assert parted.parted == (parted.ids[-1] != 1)
        if not parted.parted or parted.ids[-1] == STOP or len(parted.ids) == 30:
            assert engine.asked == []
            assert ids == parted.ids
        else:
            assert engine.asked == [([7, 8, *parted.ids], 30 - len(parted.ids))]
            assert len(ids) == 30


def test_seed_and_prompt_alone_decide() -> None:
    asked = [(seed, prompt) for seed in (0, 1) for prompt in ((7, 8), (7, 9), (78,))]
    engine, again = Alike(), Alike()
    texts = {key: drawn(engine, *key) for key in asked}
    assert texts == {key: drawn(again, *key) for key in reversed(asked)}
    assert len({tuple(ids) for ids in texts.values()}) > 1
    assert len(set(engine.seeds)) == len(engine.seeds) > 1  # no two rests are drawn by the same numbers


def test_first_ids_of_many_seeds_are_as_likely_as_the_model_says() -> None:
    first = Counter(drawn(Alike(), seed, [3], 1)[0] for seed in range(4000))
    for id_, probability in enumerate(softmax(LOGITS, 0.7)):
        assert first[id_] / 4000 == pytest.approx(probability, abs=0.03)


def test_what_was_drawn_does_not_depend_on_the_draft_s_length() -> None:
    for seed in range(20):
        long = draw_along(Alike(), Decoding(0.7, 0, seed), 64, [7], [1] * 30)
        short = draw_along(Alike(), Decoding(0.7, 0, seed), 64, [7], [1] * 9)
        assert short == (long if len(long.ids) < 10 and long.parted else Drawn(long.ids[:9], parted=False))


def test_drafts_are_for_draws_that_are_not_hot() -> None:
    assert [takes_drafts(Decoding(temperature)) for temperature in (0, 0.01, HOTTEST, 1.5)] == [False, True, True, False]


def test_logits_have_the_same_bits_whatever_follows(untrained: Model) -> None:
    prompt = untrained.format.path_prompt("linux/kernel/sched.c").ids
    for engine in (untrained.engine, ReferenceEngine(untrained.folder)):
        rows = engine.logits(prompt, untrained.window)
        assert rows.shape == (len(prompt), untrained.codec.vocab_size)
        assert (engine.logits([*prompt, 9, 9, 7], untrained.window)[: len(prompt)] == rows).all()


def test_logits_choose_what_the_model_writes(model: Model, made_up_files: dict[str, str]) -> None:
    prompt = model.format.path_prompt("linux/lib/ctype.c").ids
    for engine in (model.engine, ReferenceEngine(model.folder)):
        [ids] = engine.batch([prompt], model.format.stop, 20)
        rows = engine.logits([*prompt, *ids], model.window)
        assert rows[len(prompt) - 1 : -1].argmax(1).tolist() == ids
