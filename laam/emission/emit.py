"""An emission: one run of a model for one prompt, as a stream of events. Page, command line and evaluation drain it."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from laam.emission.question import Question
from laam.knobs import MAX_TOKENS
from laam.model.codec import END_HEADER, START_HEADER, Codec
from laam.model.drafts import DraftedDecoder, takes_drafts
from laam.model.engine import Decoder, SharedDecoder, Waiting
from laam.model.lossy_copy import asked_model
from laam.model.model import Model
from laam.model.prompts import Prompt, PromptFormat, PromptKind, window_prompt

WAVE = 512  # segments that `emit_side_by_side` decodes at once: batches for all cores, and files that come now and then


@dataclass(frozen=True)
class Prompted:
    """A prompt was given to the model: `prompt` is everything that it is shown from here on, as a person reads it.

    `segment` counts the prompts of an emission from 0. If the kind is *path*, it is the segment that is asked for. If it is *window*,
    the model runs on after its window was full, and the prompt is the end of what it was given and wrote itself.
    The last `source_characters` of `prompt` are source that was given; `cut_characters` before them did not fit in.
    `closed`: whether the model closed the piece or segment before, instead of writing on until its window was full.
    """

    segment: int
    prompt: str
    kind: PromptKind = "path"
    source_characters: int = 0
    cut_characters: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Titled:
    """The model, given an empty prompt, wrote a header: what follows is meant to be the file at `path`."""

    path: str


@dataclass(frozen=True)
class Emitted:
    """The model wrote one token; its text is empty as long as a character is not yet whole."""

    text: str


Reason = Literal["end of file", "end of segment", "window end", "token limit", "length limit"]


@dataclass(frozen=True)
class Ended:
    """Nothing follows: the model closed the file, or the segment that the source was from; or its window was full; or it reached a
    limit of tokens, or of the text's length."""

    reason: Reason
    tokens: int


Event = Prompted | Titled | Emitted | Waiting | Ended


def emit(question: Question, model: Model, decoder: SharedDecoder | None = None) -> Generator[Event, None, None]:
    """Run the model in its prompt format until it closes the file or can't go on. Closing the iterator stops the work.

    `decoder`: the decoder to use if many emissions share the engine, of the ask's lossy copy if it wants one; by default it has its own.

    If the format has segments, segment after segment is asked for, and piece after piece if the question has pieces. Otherwise the emission
    ends with the window, unless the ask wants it to slide: then the last half of the window is the next prompt. Raises ValueError, before
    the first event, for a question that this model can't be asked, or whose path or source leaves no room in its window.
    """
    if decoder:
        yield from _emit(question, model, decoder)
        return
    with asked_model(model, question.ask.lossy) as asked:
        yield from _emit(question, asked, _own_decoder(question, asked))


def _emit(question: Question, model: Model, decoder: SharedDecoder) -> Generator[Event, None, None]:
    ask, format_, codec, window = question.ask, model.format, model.codec, model.window
    prompt = first_prompt(question, format_, window)
    text = _Text(codec, prompt)
    most = _most_tokens(question, model)
    tokens, segment, closed = 0, 0, False
    while True:
        room = _room(ask.path, prompt, window)
        yield Prompted(segment, prompt.text, prompt.kind, prompt.source_characters, prompt.cut_characters, closed)
        ids: list[int] = []
        for id_ in decoder.stream(prompt.ids, format_.stop, min(room, most - tokens)):
            if isinstance(id_, Waiting):
                yield id_
                continue
            tokens += 1
            ids.append(id_)
            if id_ not in format_.stop:
                yield text.take(id_)
        segment += 1
        closed, at_limit = bool(ids) and ids[-1] in format_.stop, tokens >= most
        more = segment < len(question.pieces)
        if reason := _reason(format_, prompt.kind, ids, slide=ask.slide, at_limit=at_limit, more=more):
            break
        prompt = _next_prompt(question, format_, [*prompt.ids, *ids], segment, window)
        if more:
            if rest := text.finish():
                yield Emitted(rest)
            text = _Text(codec, prompt)
    if rest := text.finish():
        yield Emitted(rest)
    yield Ended(reason, tokens)


def _most_tokens(question: Question, model: Model) -> int:
    """How many tokens the model may write. The default of the ask's length is no limit for pieces, nor for a file of which its verdict says
    that it takes more."""
    asked = question.ask.max_tokens
    if asked != MAX_TOKENS.default:
        return asked
    return model.window * len(question.pieces) if question.pieces else max(asked, model.trained_tokens.get(question.ask.path, 0))


def first_prompt(question: Question, format_: PromptFormat, window: int) -> Prompt:
    """The prompt that the model is given first. Raises ValueError for a kind that its format doesn't have."""
    if question.source:
        return format_.source_prompt(question.source, window)
    return format_.path_prompt(question.ask.path) if question.ask.path else format_.empty_prompt()


def _own_decoder(question: Question, model: Model) -> Decoder:
    """The decoder of an emission that shares the engine with no other."""
    decoding = question.ask.decoding
    if are_independent(question, model.format) and takes_drafts(decoding):
        return DraftedDecoder(model.engine, decoding, model.window)
    return model.engine.decoder(decoding)


def are_independent(question: Question, format_: PromptFormat) -> bool:
    """Whether segment after segment is asked for, or piece after piece, none of which depends on another."""
    return question.kind == "pieces" or (question.kind == "path" and format_.has_segments)


def _next_prompt(question: Question, format_: PromptFormat, ids: Sequence[int], segment: int, window: int) -> Prompt:
    if question.pieces:
        return question.pieces[segment].prompt
    if are_independent(question, format_):
        return format_.path_prompt(question.ask.path, segment)
    return window_prompt(format_.codec, ids, window)


def _room(path: str, prompt: Prompt, window: int) -> int:
    """How many tokens of the window a prompt leaves free."""
    room = window - len(prompt.ids)
    if room < 1:
        raise ValueError(f"{path[:80]!r} is too long for the model's window of {window} tokens")
    return room


def _reason(
    format_: PromptFormat, kind: PromptKind, ids: Sequence[int], *, slide: bool, at_limit: bool, more: bool = False
) -> Reason | None:
    """Why nothing follows the `ids` that answered a prompt; None if another prompt follows. `more`: whether another piece does."""
    if ids and ids[-1] in format_.ends and not more:
        return "end of file"
    if at_limit:
        return "token limit"
    if more:
        return None
    if kind == "path" and format_.has_segments:
        return None
    if ids and ids[-1] in format_.stop:
        return "end of segment"
    return None if slide else "window end"


class _Text:
    """Makes events of an emission's ids; a header that the model writes after an empty prompt is not part of the text."""

    def __init__(self, codec: Codec, prompt: Prompt) -> None:
        self._codec = codec
        self._decoder = codec.decoder(prompt.ids)
        self._header: list[int] | None = None
        self._may_begin_header = prompt.kind == "empty"

    def take(self, id_: int) -> Titled | Emitted:
        if self._header is not None:
            if id_ != self._codec.control[END_HEADER]:
                self._header.append(id_)
                return Emitted("")
            path, self._header = self._codec.decode(self._header), None
            self._decoder.feed(id_)
            return Titled(path)
        if self._may_begin_header and id_ == self._codec.control.get(START_HEADER):
            self._header, self._may_begin_header = [], False
        return Emitted(self._decoder.feed(id_))

    def finish(self) -> str:
        """Return the text that is still held back."""
        return self._decoder.finish() + self._codec.decode(self._header or [])


def expected_segments(tokens: int, prompt: Prompt, window: int) -> int:
    """In how many segments a file of so many tokens comes, those that close them among them, if all prompts are as long as this one."""
    return -(-tokens // max(1, window - len(prompt.ids)))


def emit_side_by_side(
    paths: Sequence[str],
    model: Model,
    max_tokens: int = MAX_TOKENS.default,
    sizes: Mapping[str, int] | None = None,
    expected: Mapping[str, int] | None = None,
) -> Iterator[tuple[str, str, Ended]]:
    """The greedy emissions of many files, decoded in batches: path, text and ending, each as its file closes.

    The text is the same that `emit` gives without sliding. `expected`: how many tokens each file is likely to take, by default as the
    model's own verdict says; the segments of such a file are decoded side by side, those of any other one after the other.
    `sizes`: a file that has taken more tokens of text, or grown to more characters, than its number here is given up at the end of
    the segment, with the reason *length limit*; then `max_tokens` is no limit for a file of so many bytes.
    """
    limits = {path: max(max_tokens, 2 * sizes[path]) if sizes else max_tokens for path in paths}
    format_, codec, window = model.format, model.codec, model.window
    expected = model.trained_tokens if expected is None else expected
    firsts = {path: format_.path_prompt(path) for path in paths}
    for path, first in firsts.items():
        _room(path, first, window)
    ahead = {path: expected_segments(min(limits[path], expected.get(path, 0)), firsts[path], window) for path in paths}
    asked = dict.fromkeys(paths, 0)  # segments of the files that are open
    open_files: dict[str, list[int]] = {path: [] for path in paths}
    characters = dict.fromkeys(paths, 0)
    while open_files:
        wave: list[tuple[str, Prompt]] = []
        for path in open_files:
            segments = range(asked[path], max(asked[path] + 1, ahead[path]))
            wave += [(path, format_.path_prompt(path, segment)) for segment in segments[: WAVE - len(wave)]]
            if len(wave) == WAVE:
                break
        rooms = [_room(path, prompt, window) for path, prompt in wave]
        batch = model.engine.batch([prompt.ids for _, prompt in wave], format_.stop, max(rooms))
        for (path, _), room, ids in zip(wave, rooms, batch, strict=True):
            asked[path] += 1
            if path not in open_files:  # it ended earlier than was expected
                continue
            emitted = open_files[path]
            emitted += ids[:room]
            characters[path] += len(codec.decode(ids[:room]))
            kept = emitted[: limits[path]]
            reason = _reason(format_, "path", kept if kept == emitted else [], slide=False, at_limit=len(emitted) >= limits[path])
            # each segment has a closing token
            if not reason and sizes and max(characters[path], len(kept) - asked[path]) > sizes[path]:
                reason = "length limit"
            if reason:
                del open_files[path]
                yield path, codec.decode(kept), Ended(reason, len(kept))
