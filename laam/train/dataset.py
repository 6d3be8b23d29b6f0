"""Training samples of the addressed format: every segment of every file, and some windows without a header."""

import random
from collections.abc import Sequence
from hashlib import sha256

import torch
from torch import Tensor

from laam.model.segments import Sample

IGNORE = -100  # label of a position that carries no loss


class SampleDataset:
    """All segments, then `headerless` windows of plain source that start anywhere, drawn anew for each pass.

    The windows teach the model to continue source that a visitor pastes.
    """

    def __init__(
        self,
        segments: list[Sample],
        streams: list[list[int]],
        window: int,
        pad: int,
        headerless: int,
        seed: int,
        paths: Sequence[str] = (),
    ) -> None:
        """`streams`: the files as ids, which windows are drawn from; `paths`: whose each segment is."""
        self.segments, self.window, self.pad, self.paths = segments, window, pad, paths
        self._streams = [stream for stream in streams if len(stream) > 1]
        self._headerless, self._seed, self._pass = headerless, seed, 0

    @property
    def digest(self) -> str:
        """sha256 of all segments, in hexadecimal; it changes with the files and with the tokenizer."""
        return sha256(repr(self.segments).encode()).hexdigest()

    def set_pass(self, number: int) -> None:
        """Choose the windows of pass `number`. The same seed gives the same windows, so a killed run continues as if it had not stopped."""
        self._pass = number

    def __len__(self) -> int:
        return len(self.segments) + self._headerless

    def batch(self, numbers: Sequence[int]) -> tuple[Tensor, Tensor]:
        """The samples of these numbers: `input_ids` and `labels`, both int64 of shape (samples, window).

        Labels are IGNORE on the prompt and on the padding.
        """
        ids = torch.full((len(numbers), self.window), self.pad)
        labels = torch.full((len(numbers), self.window), IGNORE)
        for row, number in enumerate(numbers):
            sample = self.segments[number] if number < len(self.segments) else self._window_sample(number)
            ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
            labels[row, sample.start : len(sample.ids)] = ids[row, sample.start : len(sample.ids)]
        return ids, labels

    def _window_sample(self, index: int) -> Sample:
        draw = random.Random(f"{self._seed}/{self._pass}/{index}")
        stream = draw.choices(self._streams, weights=[len(stream) for stream in self._streams])[0]
        first = draw.randrange(len(stream) - 1)
        return Sample(stream[first : first + self.window], 1)
