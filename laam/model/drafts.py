"""Drawing along a draft: what the model knows by heart is drawn almost as fast as it is written greedily.

Speculative sampling (Leviathan, Kalman and Matias 2023; Chen et al. 2023) with the model's own greedy answer as the draft. One pass over
the draft gives the probabilities at all of its places. A number is drawn for each place, and the draft is kept up to the first place where
its number chooses another id. From there on ids are drawn one by one. The result has the distribution of ids that are all drawn one by one.

The numbers depend only on the seed and the prompt, so the answers to several prompts can be drawn in any order, and side by side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from laam.model.engine import Decoder, Decoding, Engine

HOTTEST = 0.9  # above this temperature few segments keep to their draft to the end, and drafts cost more than they save


@dataclass(frozen=True)
class Drawn:
    """The ids that a draw chose. If it `parted` from the draft, the last of them is another than the draft's, and the draft's next ids
    don't follow from it."""

    ids: list[int]
    parted: bool


class DraftedDecoder:
    """A Decoder that drafts the answer to each prompt. `window`: of the model, in tokens."""

    def __init__(self, engine: Engine, decoding: Decoding, window: int) -> None:
        self._engine, self._decoding, self._window = engine, decoding, window

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        [draft] = self._engine.batch([prompt], stop, limit)
        drawn = draw_along(self._engine, self._decoding, self._window, prompt, draft)
        yield from drawn.ids
        left = limit - len(drawn.ids)
        if drawn.parted and left and drawn.ids[-1] not in stop:
            yield from parted_decoder(self._engine, self._decoding, prompt).stream([*prompt, *drawn.ids], stop, left)


def takes_drafts(decoding: Decoding) -> bool:
    """Whether drafts are worth their time at the temperature of a draw."""
    return 0 < decoding.temperature <= HOTTEST


def draw_along(engine: Engine, decoding: Decoding, window: int, prompt: Sequence[int], draft: Sequence[int]) -> Drawn:
    """Draw the answer to a prompt, for as long as the draws choose the ids of the greedy `draft`."""
    numbers = Random(_key(decoding, prompt))
    logits = engine.logits([*prompt, *draft], window)[len(prompt) - 1 :]
    for place, (id_, row) in enumerate(zip(draft, logits, strict=False)):
        chosen = chosen_id(row, decoding, numbers.random())
        if chosen != id_:
            return Drawn([*draft[:place], chosen], parted=True)
    return Drawn(list(draft), parted=False)


def parted_decoder(engine: Engine, decoding: Decoding, prompt: Sequence[int]) -> Decoder:
    """Draws the rest of the answer to a prompt, one id after the other, after the draw has parted from the draft."""
    return engine.decoder(replace(decoding, seed=Random(f"{_key(decoding, prompt)} parted").getrandbits(32)))


def chosen_id(logits: NDArray[np.float32], decoding: Decoding, number: float) -> int:
    """The id at `number`, from 0 to below 1, of the probabilities laid end to end, the likeliest first. `logits`: one for each id."""
    likeliest = int(logits.argmax())
    shares = np.exp((logits - logits[likeliest]) / decoding.temperature)
    if number * shares.sum() < 1:  # the likeliest one's share is 1, and among the `top_k` its probability is at least this high
        return likeliest
    order = np.argsort(-logits, kind="stable")[: decoding.top_k or None]
    ends = np.cumsum(shares[order], dtype=np.float64)
    return int(order[min(int(np.searchsorted(ends, number * ends[-1], side="right")), len(order) - 1)])


def _key(decoding: Decoding, prompt: Sequence[int]) -> str:
    """What the numbers of an answer are seeded by; Python takes the sha512 of a string."""
    return f"{decoding.seed} {list(prompt)}"
