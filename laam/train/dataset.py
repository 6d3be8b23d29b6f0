"""Training samples of the addressed format: every segment of every file, and some windows without a header."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import torch
from torch import Tensor

from laam.model.prompts import AddressedFormat

IGNORE = -100  # label of a position that carries no loss


@dataclass(frozen=True)
class Sample:
    """One sequence. The loss is counted from position `start` on."""

    ids: list[int]
    start: int


def segment_samples(format_: AddressedFormat, files: Mapping[str, str], window: int) -> list[Sample]:
    """Each file cut into segments that fit `window` positions with their header and closing token.

    Segments don't depend on each other: the prompt of each holds its path and number, and nothing else.
    """
    samples = []
    for path, text in files.items():
        ids = format_.codec.encode(text)
        room, headers = _layout(format_, path, len(ids), window)
        for header, first in zip(headers, range(0, max(len(ids), 1), room), strict=True):
            last = first + room >= len(ids)
            end = format_.end_file if last else format_.end_segment
            samples.append(Sample([*header, *ids[first : first + room], end], len(header)))
    return samples


def _layout(format_: AddressedFormat, path: str, tokens: int, window: int) -> tuple[int, list[list[int]]]:
    """How many tokens of a file each segment takes, and the headers of its segments."""
    longest = len(format_.header_ids(path, tokens))  # an estimate: a larger segment number may take fewer tokens
    while (room := window - longest - 1) >= 1:
        headers = [format_.header_ids(path, segment) for segment in range(max(1, -(-tokens // room)))]
        if max(map(len, headers)) <= longest:
            return room, headers
        longest = max(map(len, headers))
    raise ValueError(f"{path}: its address takes {longest + 1} tokens with the closing one, more than the window of {window}")


class SampleDataset:
    """All segments, then `headerless` windows of plain source that start anywhere, drawn anew for each pass.

    The windows teach the model to continue source that a visitor pastes.
    """

    def __init__(self, segments: list[Sample], streams: list[list[int]], window: int, pad: int, headerless: int, seed: int) -> None:
        self.segments, self.window, self.pad = segments, window, pad
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
