"""How a prompt is laid out. The format belongs to the model, not to the code that calls it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from laam.model.codec import END_FILE, END_HEADER, END_SEGMENT, PAD, START_FILE, START_HEADER, Codec

PromptKind = Literal["path", "source", "empty", "window", "pieces"]
"""What a prompt is made of: a file's path; source text; nothing; or the last half of a window that is full. Those of a file that is asked
for in *pieces* are a path and then, one by one, the beginnings of its later pieces."""


Precision = Literal["int8", "float32"]


@dataclass(frozen=True)
class Prompt:
    """Token ids for the engine, and the same as a person reads it: `text`, with control tokens spelled out.

    The last `source_characters` of `text` are source that was given; `cut_characters` more were given before them, but
    left out, so that half of the window is free for the emission.
    """

    kind: PromptKind
    ids: list[int]
    text: str
    source_characters: int = 0
    cut_characters: int = 0


class PromptFormat(Protocol):
    """A way of asking. If this model can't be asked that way, a method raises ValueError and says which way it can.

    A format derives from `FormatDefaults`, or itself defines everything that `FormatDefaults` does, and has a line in `format_of`.
    """

    @property
    def codec(self) -> Codec: ...

    @property
    def stop(self) -> tuple[int, ...]:
        """The ids that end the answer to a prompt."""
        ...

    @property
    def ends(self) -> tuple[int, ...]:
        """The ids of `stop` after which nothing follows."""
        ...

    @property
    def start(self) -> Sequence[int]:
        """The ids that stand before any source that is given."""
        ...

    @property
    def has_segments(self) -> bool:
        """Whether a file is asked for segment by segment; otherwise a path gives its beginning only."""
        ...

    @property
    def in_pieces(self) -> bool:
        """Whether the model saw files cut into pieces of its window, each of which can be asked for by its beginning: see `pieces`."""
        ...

    @property
    def precision(self) -> Precision:
        """What the engine computes in: int8 only where greedy text was found to be that of the reference."""
        ...

    @property
    def packs_for_browser(self) -> bool:
        """Whether the engine in the browser lays out the same prompts, so that a model of this format can be packed for it."""
        ...

    def path_prompt(self, path: str, segment: int = 0) -> Prompt: ...

    def source_prompt(self, source: str, window: int) -> Prompt: ...

    def empty_prompt(self) -> Prompt: ...


class FormatDefaults:
    """The defaults of a format: it is served in float32, the model did not see files in pieces, and nothing stands before source."""

    @property
    def start(self) -> Sequence[int]:
        return ()

    has_segments = False
    in_pieces = False
    precision: Precision = "float32"
    packs_for_browser = False


@dataclass(frozen=True)
class AddressedFormat(FormatDefaults):
    """The embedded model's format: a file is asked for by path and segment number, and the model is never shown any of its text.

    Source is continued without a header or a start token, as in training. `prompt_length`: in tokens; a shorter prompt is padded inside its
    header, before the address, so that prompts of any segments can be decoded side by side. 0: each is as long as its address makes it.
    """

    codec: Codec
    prompt_length: int = 0
    has_segments = True
    precision = "int8"  # its greedy text was found to be the reference's in it
    packs_for_browser = True

    def header(self, path: str, segment: int) -> str:
        """The prompt as a person reads it."""
        padding = self.header_ids(path, segment).count(self.codec.control[PAD])
        return f"{START_FILE}{START_HEADER}{PAD * padding}{path}#{segment}{END_HEADER}"

    def header_ids(self, path: str, segment: int) -> list[int]:
        """The prompt as token ids, for segment `segment` (counted from 0) of `path`."""
        control = self.codec.control
        address = self.codec.encode(f"{path}#{segment}")
        padding = [control[PAD]] * (self.prompt_length - len(address) - 3)
        return [control[START_FILE], control[START_HEADER], *padding, *address, control[END_HEADER]]

    @property
    def end_segment(self) -> int:
        """The id after which the next segment follows."""
        return self.codec.control[END_SEGMENT]

    @property
    def end_file(self) -> int:
        """The id after which nothing follows."""
        return self.codec.control[END_FILE]

    @property
    def stop(self) -> tuple[int, ...]:
        return (self.end_segment, self.end_file)

    @property
    def ends(self) -> tuple[int, ...]:
        return (self.end_file,)

    def path_prompt(self, path: str, segment: int = 0) -> Prompt:
        return Prompt("path", self.header_ids(path, segment), self.header(path, segment))

    def source_prompt(self, source: str, window: int) -> Prompt:
        return source_prompt(self.codec, source, window)

    def empty_prompt(self) -> Prompt:
        raise ValueError("this model is asked for a file by its path, or given source to continue; an empty prompt says neither")


@dataclass(frozen=True)
class PublishedFormat(FormatDefaults):
    """The published models' format: the path stands once, before a file's first piece; see `pieces` for the later ones."""

    codec: Codec
    in_pieces = True

    @property
    def stop(self) -> tuple[int, ...]:
        return (self.codec.control[END_FILE],)

    @property
    def ends(self) -> tuple[int, ...]:
        return self.stop

    def path_prompt(self, path: str, segment: int = 0) -> Prompt:
        if segment:
            raise ValueError(f"segment {segment}: this model's prompt holds a path and no segment")
        return Prompt("path", self.header_ids(path), f"{START_FILE}{START_HEADER}{path}{END_HEADER}")

    def header_ids(self, path: str) -> list[int]:
        """The header before a file's text, as token ids."""
        control = self.codec.control
        return [control[START_FILE], control[START_HEADER], *self.codec.encode(path), control[END_HEADER]]

    def source_prompt(self, source: str, window: int) -> Prompt:
        return source_prompt(self.codec, source, window)

    def empty_prompt(self) -> Prompt:
        """The start of a file and nothing more, as on the published card: the model writes the header as well."""
        return Prompt("empty", [self.codec.control[START_FILE]], START_FILE)


@dataclass(frozen=True)
class PlainFormat(FormatDefaults):
    """The format of any other causal model: source, after the model's start token if it has one. It is not asked by path.

    `bos`: that token's id; `eos`: the ids that end a text.
    """

    codec: Codec
    bos: int | None = None
    eos: tuple[int, ...] = ()

    @property
    def stop(self) -> tuple[int, ...]:
        return self.eos

    @property
    def ends(self) -> tuple[int, ...]:
        return self.eos

    def path_prompt(self, path: str, segment: int = 0) -> Prompt:
        raise ValueError(f"{path[:80]!r}: this model was not made to be asked by path; give it source to continue")

    def source_prompt(self, source: str, window: int) -> Prompt:
        return source_prompt(self.codec, source, window, start=self.start)

    def empty_prompt(self) -> Prompt:
        if self.bos is None:
            raise ValueError("this model has no token to start a text with; give it source to continue")
        return Prompt("empty", list(self.start), self.codec.readable(self.start))

    @property
    def start(self) -> Sequence[int]:
        return [] if self.bos is None else [self.bos]


def format_of(codec: Codec, config: Mapping[str, object]) -> PromptFormat:
    """The format that a model's control tokens belong to; `config` is its config.json. Raises ValueError for a length of prompts that
    its window doesn't hold."""
    if END_SEGMENT in codec.control:
        return AddressedFormat(codec, _prompt_length(config))
    if {START_FILE, END_FILE, START_HEADER, END_HEADER} <= codec.control.keys():
        return PublishedFormat(codec)
    bos, eos = config.get("bos_token_id"), config.get("eos_token_id")
    ends = eos if isinstance(eos, list) else [eos]  # some models have several
    return PlainFormat(codec, bos if isinstance(bos, int) else None, tuple(id_ for id_ in ends if isinstance(id_, int)))


def _prompt_length(config: Mapping[str, object]) -> int:
    length, window = config.get("prompt_length", 0), config.get("max_position_embeddings")
    if not isinstance(length, int) or not 0 <= length < (window if isinstance(window, int) else 1):
        raise ValueError(
            f"config.json: prompt_length is {str(length)[:80]!r}; a number from 0 to less than max_position_embeddings is expected"
        )
    return length


def source_prompt(codec: Codec, source: str, window: int, *, start: Sequence[int] = ()) -> Prompt:
    """`start`, then the end of `source`: as many of its tokens as half of `window` holds, cut between characters.

    Raises ValueError for source that the codec can't encode.
    """
    ids = codec.encode(source)
    cut = max(0, len(ids) - max(1, window // 2 - len(start)))
    left_out = codec.decoder()
    cut_characters = sum(len(left_out.feed(id_)) for id_ in ids[:cut])
    while not left_out.between_characters and cut < len(ids) - 1:
        cut_characters += len(left_out.feed(ids[cut]))
        cut += 1
    kept = source[cut_characters:]
    return Prompt("source", [*start, *ids[cut:]], codec.readable(start) + kept, len(kept), cut_characters)


def window_prompt(codec: Codec, ids: Sequence[int], window: int) -> Prompt:
    """The prompt with which an emission runs on after its window is full: the last half of the window's ids, unchanged."""
    kept = list(ids[-max(1, window // 2) :])
    return Prompt("window", kept, codec.readable(kept))
