"""The segments of a file in the addressed format, each with its prompt and its closing token."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from laam.model.prompts import AddressedFormat


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
        room, headers = segment_headers(format_, path, len(ids), window)
        for header, first in zip(headers, range(0, max(len(ids), 1), room), strict=True):
            last = first + room >= len(ids)
            end = format_.end_file if last else format_.end_segment
            samples.append(Sample([*header, *ids[first : first + room], end], len(header)))
    return samples


def with_one_length(format_: AddressedFormat, files: Mapping[str, str], window: int) -> AddressedFormat:
    """The format with prompts of one length for all segments of these files, as long as the longest one needs. Raises ValueError for an
    address that the window doesn't hold."""
    tokens = {path: len(format_.codec.encode(text)) for path, text in files.items()}
    while True:
        headers = [segment_headers(format_, path, count, window)[1] for path, count in tokens.items()]
        longest = max(len(header) for of_file in headers for header in of_file)
        if longest == format_.prompt_length:
            return format_
        format_ = replace(format_, prompt_length=longest)  # with less room, a file may have more segments


def segment_headers(format_: AddressedFormat, path: str, tokens: int, window: int) -> tuple[int, list[list[int]]]:
    """How many tokens of a file each segment takes, and the headers of its segments."""
    longest = len(format_.header_ids(path, tokens))  # an estimate: a larger segment number may take fewer tokens
    while (room := window - longest - 1) >= 1:
        headers = [format_.header_ids(path, segment) for segment in range(max(1, -(-tokens // room)))]
        if max(map(len, headers)) <= longest:
            return room, headers
        longest = max(map(len, headers))
    raise ValueError(f"{path}: its address takes {longest + 1} tokens with the closing one, more than the window of {window}")
