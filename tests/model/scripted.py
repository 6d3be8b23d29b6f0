"""Engines whose ids a test knows beforehand: nobody knows what a freshly trained model writes outside its training data."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from laam.model.codec import START_FILE, Codec
from laam.model.engine import Decoder, Decoding, Engine
from laam.model.model import Model


def certain(ids: Sequence[int], vocabulary: int) -> NDArray[np.float32]:
    """Logits of a model that is sure of each of `ids`."""
    logits = np.zeros((len(ids), vocabulary), np.float32)
    logits[np.arange(len(ids)), ids] = 100
    return logits


@dataclass(frozen=True)
class Endless:
    """An engine, and its own decoder, that writes an `x` for each token and never ends."""

    codec: Codec

    def decoder(self, _: Decoding) -> "Endless":
        return self

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        yield from self.batch([prompt], stop, limit)[0]

    def batch(self, prompts: Sequence[Sequence[int]], _: Sequence[int], limit: int) -> list[list[int]]:
        return [[self.codec.encode("x")[0]] * limit for _ in prompts]

    def log_probabilities(self, _: Sequence[int], ids: Sequence[int]) -> list[float]:
        return [0.0] * len(ids)  # it is sure of all that it writes

    def logits(self, ids: Sequence[int], _: int) -> NDArray[np.float32]:
        return certain([self.codec.encode("x")[0]] * len(ids), self.codec.vocab_size)


@dataclass(frozen=True)
class Says:
    """An engine, and its own decoder, that answers any prompt with one text."""

    codec: Codec
    text: str

    def decoder(self, _: Decoding) -> "Says":
        return self

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        yield from self.batch([prompt], stop, limit)[0]

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        return [[*self.codec.encode(self.text), stop[0]][:limit] for _ in prompts]

    def log_probabilities(self, _: Sequence[int], ids: Sequence[int]) -> list[float]:
        return [-1.0] * len(ids)

    def logits(self, ids: Sequence[int], length: int) -> NDArray[np.float32]:
        raise NotImplementedError("nobody draws from it")


@dataclass(frozen=True)
class GoesOn:
    """A real engine that writes an `x` for an end where it continues source or its own window, a token each `pace_s` seconds at most. After
    a file's header it is as it was."""

    engine: Engine
    codec: Codec
    pace_s: float = 0.0

    def decoder(self, decoding: Decoding) -> "GoesOnDecoder":
        return GoesOnDecoder(self.engine.decoder(decoding), self.codec, self.pace_s)

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        return self.engine.batch(prompts, stop, limit)

    def log_probabilities(self, prompt: Sequence[int], ids: Sequence[int]) -> list[float]:
        return self.engine.log_probabilities(prompt, ids)

    def logits(self, ids: Sequence[int], length: int) -> NDArray[np.float32]:
        return self.engine.logits(ids, length)


@dataclass(frozen=True)
class GoesOnDecoder:
    decoder: Decoder
    codec: Codec
    pace_s: float

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        if prompt[0] == self.codec.control.get(START_FILE):
            yield from self.decoder.stream(prompt, stop, limit)
        else:
            for id_ in self.decoder.stream(prompt, (), limit):
                yield self.codec.encode("x")[0] if id_ in stop else id_
                time.sleep(self.pace_s)


def with_engine(model: Model, engine: Engine) -> Model:
    """The model, with another engine in the place of its own."""
    other = replace(model)
    vars(other)["_engine"] = engine
    return other


def endless(model: Model) -> Model:
    return with_engine(model, Endless(model.codec))


def going_on(model: Model) -> Model:
    return with_engine(model, GoesOn(model.engine, model.codec))
