"""Engines take token ids and give token ids. They know nothing of text.

An emission may last seconds, and meanwhile another visitor may start one: engines are shared, and safe under several threads.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ctranslate2
import numpy as np
from numpy.typing import NDArray

from laam.faults import TOO_LITTLE_MEMORY, brief, lacks_memory
from laam.glibc import keep_freed_memory
from laam.knobs import SEED, TEMPERATURE, TOP_K
from laam.model.codec import Codec

WORKERS = 2  # how many batches run at once


@dataclass(frozen=True)
class Decoding:
    """How the next id is chosen: at temperature 0 greedily, otherwise by a draw, repeatable by its seed, from the `top_k`
    likeliest ids (0: from all). Raises ValueError outside the bounds."""

    temperature: float = TEMPERATURE.default
    top_k: int = TOP_K.default
    seed: int = SEED.default

    def __post_init__(self) -> None:
        TEMPERATURE.check(self.temperature)
        TOP_K.check(self.top_k)
        SEED.check(self.seed)

    @property
    def greedy(self) -> bool:
        return self.temperature == 0


class Decoder(Protocol):
    """One emission's way of decoding: its draws follow one another, so the same seed gives the same ids."""

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        """The ids that follow `prompt`, one by one as they are decoded, at most `limit`.

        The first id of `stop` ends the stream and is its last. Closing the iterator stops the work.
        """
        ...


@dataclass(frozen=True)
class Waiting:
    """The engine is busy with other emissions; `before`: how many of them are served first. `copying`: the lossy copy
    that is asked isn't there yet."""

    before: int
    copying: bool = False


class SharedDecoder(Protocol):
    """A Decoder whose engine decodes for other emissions as well."""

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int | Waiting]:
        """See Decoder. While other emissions are served first, it also gives a Waiting now and then."""
        ...


class Engine(Protocol):
    """A loaded model."""

    def decoder(self, decoding: Decoding) -> Decoder: ...

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        """The ids that a greedy `stream` gives for each prompt, decoded side by side."""
        ...

    def log_probabilities(self, prompt: Sequence[int], ids: Sequence[int]) -> list[float]:
        """The natural logarithm of the probability of each of `ids`, after the prompt and those before it, at temperature 1. Prompt and
        ids together must fit into the model's window."""
        ...

    def logits(self, ids: Sequence[int], length: int) -> NDArray[np.float32]:
        """For each of `ids` the logits of the one that follows it, shape (len(ids), vocabulary). Always computed over `length` places, at
        least as many as there are ids, so that each row has the same bits however many ids come after it."""
        ...


class CTranslate2Engine:
    """Serves on a CPU. A second core doesn't speed up one decoding step of so small a model; it decodes a second batch."""

    def __init__(self, folder: Path, codec: Codec, workers: int = WORKERS) -> None:
        keep_freed_memory()
        self._folder, self._codec = folder, codec
        self._generator = self._load(workers)
        self.batch_size = 16 if "int8" in self._generator.compute_type else 64  # see the room's README

    def _load(self, workers: int = 1) -> Any:
        """The model with `workers` workers, which share its weights; each decodes one batch at a time, in one thread."""
        return ctranslate2.Generator(str(self._folder), device="cpu", compute_type="default", inter_threads=workers, intra_threads=1)

    def decoder(self, decoding: Decoding) -> "CTranslate2Decoder":
        if decoding.greedy:
            return CTranslate2Decoder(self._generator, self._codec, decoding)
        # CTranslate2 seeds a worker at its first draw, so each seeded emission needs its own worker.
        return CTranslate2Decoder(self._load(), self._codec, decoding)

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        """See Engine. Prompts of one length are decoded side by side, apart from those of another: CTranslate2 reads what all prompts
        of a batch have in length at once and the rest token by token, which changes the last bits of sums, and so a text of which the
        model is unsure."""
        by_length: dict[int, list[int]] = defaultdict(list)
        for number, prompt in enumerate(prompts):
            by_length[len(prompt)].append(number)
        waiting = {
            number: result
            for numbers in by_length.values()
            for number, result in zip(
                numbers,
                self._generator.generate_batch(
                    [self._tokens(prompts[number]) for number in numbers],
                    max_batch_size=self.batch_size,
                    max_length=limit,
                    end_token=self._tokens(stop),
                    return_end_token=True,
                    include_prompt_in_result=False,
                    asynchronous=True,  # or the second worker would wait until all prompts of a length are answered
                ),
                strict=True,
            )
        }
        return [list(waiting[number].result().sequences_ids[0]) for number in range(len(prompts))]

    def log_probabilities(self, prompt: Sequence[int], ids: Sequence[int]) -> list[float]:
        if not ids:
            return []
        [result] = self._generator.score_batch([self._tokens([*prompt, *ids])], max_input_length=0)
        return list(result.log_probs[-len(ids) :])

    def logits(self, ids: Sequence[int], length: int) -> NDArray[np.float32]:
        padded = [*ids, *[ids[-1]] * (length - len(ids))]
        [logits] = np.asarray(self._generator.forward_batch([self._tokens(padded)]))
        return logits[: len(ids)]  # type: ignore[no-any-return]  # ctranslate2 has no types

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        return [self._codec.token(id_) for id_ in ids]


_seeding = threading.Lock()  # CTranslate2 has one seed for the whole process


class CTranslate2Decoder:
    """See Decoder. A decoder that draws has its own generator, with one worker, which is seeded at its first draw."""

    def __init__(self, generator: Any, codec: Codec, decoding: Decoding) -> None:
        self._generator, self._codec, self._decoding = generator, codec, decoding
        self._seeded = decoding.greedy

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        sampling = (
            {} if self._decoding.greedy else {"sampling_topk": self._decoding.top_k, "sampling_temperature": self._decoding.temperature}
        )
        steps = self._generator.generate_tokens(
            [self._codec.token(id_) for id_ in prompt],
            max_length=limit,
            end_token=[self._codec.token(id_) for id_ in stop],
            **sampling,
        )
        if not self._seeded:
            self._seeded = True
            with _seeding:
                ctranslate2.set_random_seed(self._decoding.seed)
                first = next(steps, None)
            if first is not None:
                yield first.token_id
        try:
            for step in steps:
                yield step.token_id
        finally:
            steps.close()  # cancels the decoding and waits for it


def load_engine(folder: Path, codec: Codec) -> CTranslate2Engine:
    """The serving engine of a converted folder. Raises ValueError if CTranslate2 can't load it, or has too little memory for it."""
    try:
        return CTranslate2Engine(folder, codec)
    except (RuntimeError, MemoryError) as error:
        if lacks_memory(error):
            raise ValueError(TOO_LITTLE_MEMORY) from error
        raise ValueError(
            f"{folder.name}: CTranslate2 can't load this model ({brief(error)}); delete that folder in LAAM_CACHE, and it is made again"
        ) from error
