"""An emission: one run of a model for one prompt, as a stream of events. Page, command line and evaluation drain it."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from laam.model.engine import Decoding
from laam.model.zoo import Model

MAX_TOKENS = 40_000  # more than the longest file of Linux 1.0 takes


@dataclass(frozen=True)
class EmissionRequest:
    """What is asked for: a file by its path, and how to decode. Raises ValueError for a limit that makes no sense."""

    path: str
    decoding: Decoding = field(default_factory=Decoding)
    max_tokens: int = MAX_TOKENS

    def __post_init__(self) -> None:
        if not 1 <= self.max_tokens <= MAX_TOKENS:
            raise ValueError(f"max_tokens {self.max_tokens} is outside 1 to {MAX_TOKENS:,}")


@dataclass(frozen=True)
class Prompted:
    """A prompt was given to the model: everything that it is shown of segment `segment`."""

    segment: int
    prompt: str


@dataclass(frozen=True)
class Emitted:
    """The model wrote one token; its text may be empty, where a character is not yet whole."""

    text: str


@dataclass(frozen=True)
class Ended:
    """Nothing follows: the model closed the file, or the limit of tokens was reached."""

    reason: Literal["end of file", "token limit"]
    tokens: int


Event = Prompted | Emitted | Ended


def emit(request: EmissionRequest, model: Model) -> Generator[Event, None, None]:
    """Ask for segment after segment until the model closes the file. Closing the iterator stops the work."""
    format_, decoder, text = model.format, model.engine.decoder(request.decoding), model.codec.decoder()
    stop = (format_.end_segment, format_.end_file)
    tokens, segment = 0, 0
    while True:
        prompt = format_.header_ids(request.path, segment)
        room = model.window - len(prompt)
        if room < 1:
            raise ValueError(f"{request.path[:80]!r} is too long for the model's window of {model.window} tokens")
        yield Prompted(segment, format_.header(request.path, segment))
        id_ = -1
        for id_ in decoder.stream(prompt, stop, min(room, request.max_tokens - tokens)):
            tokens += 1
            if id_ not in stop:
                yield Emitted(text.feed(id_))
        if id_ == format_.end_file or tokens >= request.max_tokens:
            break
        segment += 1
    if rest := text.finish():
        yield Emitted(rest)
    yield Ended("end of file" if id_ == format_.end_file else "token limit", tokens)


def emit_side_by_side(paths: Sequence[str], model: Model, max_tokens: int = MAX_TOKENS) -> Iterator[tuple[str, str, Ended]]:
    """The greedy emissions of many files, decoded in batches: path, text and ending, each as its file closes.

    Segment n of every file that is still open is decoded together. The text is the one that `emit` gives.
    """
    format_, codec = model.format, model.codec
    stop = (format_.end_segment, format_.end_file)
    open_files: dict[str, list[int]] = {path: [] for path in paths}
    segment = 0
    while open_files:
        prompts = [format_.header_ids(path, segment) for path in open_files]
        rooms = [model.window - len(prompt) for prompt in prompts]
        batch = model.engine.batch(prompts, stop, max(rooms))
        for path, ids, room in zip(list(open_files), batch, rooms, strict=True):
            emitted = open_files[path]
            emitted += ids[:room]  # a shorter address leaves more room; each file gets its own, as in `emit`
            at_end = emitted[-1:] == [format_.end_file]
            if at_end or len(emitted) >= max_tokens:
                del open_files[path]
                kept = emitted[:max_tokens]
                yield path, codec.decode(kept), Ended("end of file" if at_end and kept == emitted else "token limit", len(kept))
        segment += 1
