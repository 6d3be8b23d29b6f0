"""Text to token ids and back, with nothing lost."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

from laam.faults import brief, short_name
from laam.model.stream_decoder import FirstSpaceDecoder, StreamDecoder, WordDecoder

START_FILE, END_FILE, START_HEADER, END_HEADER, PAD, END_SEGMENT = SPECIAL_TOKENS = (
    "<|start_file|>",
    "<|end_file|>",
    "<|start_header|>",
    "<|end_header|>",
    "<|pad|>",
    "<|end_segment|>",
)
"""The special tokens of the embedded model. The published ones have the first five, then white space; see PublishedCodec."""
SPACE = "\u2581"  # how SentencePiece writes a space


class Codec:
    """A byte-level BPE tokenizer whose special tokens are control only: typed by a visitor, they are plain text.

    Whatever else such a tokenizer does to a text – put a space in front, normalise Unicode, cut off or pad the end – is
    switched off. Raises ValueError for a tokenizer that isn't byte-level BPE.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        _check_byte_level(tokenizer)
        added = tokenizer.get_added_tokens_decoder()
        self._tokenizer = _without_its_own_steps(tokenizer)
        self.control: dict[str, int] = {token.content: id_ for id_, token in added.items() if token.special}
        self.vocab_size: int = tokenizer.get_vocab_size()
        last = max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
        self._bytes: list[bytes | None] = [
            self._bytes_of(token.content, added=True) if (token := added.get(id_)) else self._bytes_of(self.token(id_))
            for id_ in range(last + 1)
        ]
        for id_ in self.control.values():
            self._bytes[id_] = None

    @staticmethod
    def load(folder: Path) -> "Codec":
        """The codec that the `tokenizer.json` of a model folder needs.

        Raises ValueError if the file can't be read, or isn't byte-level BPE.
        """
        tokenizer = read_tokenizer(folder)
        try:
            return codec_of(tokenizer)
        except ValueError as error:
            raise ValueError(f"{short_name(folder / 'tokenizer.json')}: {brief(error)}") from error

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; no id in it is a control id.

        Raises ValueError for a character that the vocabulary has no bytes for, and for a text that isn't Unicode.
        """
        self._check_encodable(text)
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def token(self, id_: int) -> str:
        """The vocabulary's own spelling of an id, for engines that take strings."""
        return str(self._tokenizer.id_to_token(id_) or f"<unused_{id_}>")

    def decode(self, ids: Sequence[int]) -> str:
        """The text of some ids; control ids give nothing, bytes that are not UTF-8 give U+FFFD."""
        decoder = self.decoder()
        return "".join(map(decoder.feed, ids)) + decoder.finish()

    def readable(self, ids: Sequence[int]) -> str:
        """Like `decode`, with control ids spelled out, for a person to read."""
        names = {id_: name for name, id_ in self.control.items()}
        decoder = self.decoder()
        return "".join(names.get(id_, "") + decoder.feed(id_) for id_ in ids) + decoder.finish()

    def decoder(self, after: Sequence[int] = ()) -> StreamDecoder:
        """A decoder that takes one id at a time; `after` are the ids of the prompt, whose text it doesn't give again."""
        return StreamDecoder(self._bytes)

    def _bytes_of(self, token: str, *, added: bool = False) -> bytes:
        """The bytes of a vocabulary entry, or of one that was `added` to it as text."""
        return token.encode() if added else _bytes_of_token(token)

    def _check_encodable(self, text: str) -> None:
        try:
            missing = set(text.encode()) - self._known_bytes
        except UnicodeEncodeError as error:
            raise ValueError(f"character {error.start} of the text is half a surrogate pair, and no Unicode text") from error
        if missing:
            found = next(character for character in text if missing.intersection(character.encode()))
            raise ValueError(f"the model's vocabulary has no token for {found!r}")

    @cached_property
    def _known_bytes(self) -> frozenset[int]:
        return frozenset(bytes_[0] for bytes_ in self._bytes if bytes_ and len(bytes_) == 1)


class PublishedCodec(Codec):
    """The published models' tokenizer: a tab and runs of one, two and four spaces are *special* tokens, and each run of other
    tokens, a "word" here, begins with one space that is not in the text.

    The Transformers decoder either loses these special tokens or keeps the added spaces. Here a white-space token gives
    its own literal, and the one space at the start of a word is dropped.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__(tokenizer)
        self._white = {name: self.control.pop(name) for name in list(self.control) if name.isspace()}
        for name, id_ in self._white.items():
            self._bytes[id_] = name.encode()
        self._breaks = frozenset([*self._white.values(), *self.control.values()])
        longest_first = sorted(self._white, key=len, reverse=True)
        self._pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})")

    def encode(self, text: str) -> list[int]:
        """See Codec."""
        self._check_encodable(text)
        parts = self._pattern.split(text)  # words at the even places, white-space tokens between them
        parts[::2] = [word and f" {word}" for word in parts[::2]]
        words = list(set(parts[::2]))
        encodings = self._tokenizer.encode_batch(words, add_special_tokens=False)
        ids_of = {word: encoding.ids for word, encoding in zip(words, encodings, strict=True)}
        return [id_ for place, part in enumerate(parts) for id_ in ([self._white[part]] if place % 2 else ids_of[part])]

    def decoder(self, after: Sequence[int] = ()) -> StreamDecoder:
        """See Codec. A decoder that starts after a prompt knows whether a word is under way."""
        return WordDecoder(self._bytes, self._breaks, in_word=bool(after) and after[-1] not in self._breaks)


class SpacedCodec(Codec):
    """A tokenizer that writes a space as U+2581, as SentencePiece does, and what it has no token for as bytes: `<0x0A>`.

    What it does to a text beyond that, such as normalising Unicode, is left out. If it puts a space in front of a text, it always does so
    here, even before another space, and the space isn't given back. A text that holds U+2581 itself is refused, since it would come back as
    a space.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__(tokenizer)
        self._puts_space = tokenizer.encode("a", add_special_tokens=False).tokens[0].startswith(SPACE)

    def encode(self, text: str) -> list[int]:
        """See Codec."""
        if SPACE in text:
            raise ValueError(f"this model's tokenizer can't tell {SPACE!r} from a space; leave it out of the text")
        return super().encode(f" {text}" if self._puts_space and text else text)

    def decoder(self, after: Sequence[int] = ()) -> StreamDecoder:
        """See Codec."""
        begun = not self._puts_space or any(id_ not in self.control.values() for id_ in after)
        return FirstSpaceDecoder(self._bytes, begun=begun)

    def _bytes_of(self, token: str, *, added: bool = False) -> bytes:
        byte = re.fullmatch("<0x([0-9A-F]{2})>", token)
        return bytes.fromhex(byte[1]) if byte else token.replace(SPACE, " ").encode()


def codec_of(tokenizer: Tokenizer) -> Codec:
    """The codec for a tokenizer, chosen by what it is. Raises ValueError for one that loses bytes."""
    if _falls_back_to_bytes(tokenizer):
        return SpacedCodec(tokenizer)
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}
    adds_space = any(step.get("add_prefix_space") for step in _pre_tokenizer_steps(tokenizer))
    return PublishedCodec(tokenizer) if adds_space and {"\t", " "} <= special else Codec(tokenizer)


def _falls_back_to_bytes(tokenizer: Tokenizer) -> bool:
    """Whether it is a tokenizer as SentencePiece makes them, with a token for each byte."""
    return all(tokenizer.token_to_id(f"<0x{byte:02X}>") is not None for byte in range(256))


def _check_byte_level(tokenizer: Tokenizer) -> None:
    if _falls_back_to_bytes(tokenizer):
        return
    kind, steps = type(tokenizer.model).__name__, [str(step.get("type")) for step in _pre_tokenizer_steps(tokenizer)]
    if kind != "BPE" or "ByteLevel" not in steps:
        raise ValueError(f"only tokenizers with a token for each byte are read, this one is {kind} after {', '.join(steps) or 'nothing'}")


def _pre_tokenizer_steps(tokenizer: Tokenizer) -> list[dict[str, Any]]:
    """The steps that the tokenizer takes before its model, as dictionaries."""
    if tokenizer.pre_tokenizer is None:
        return []
    return list(_steps(json.loads(tokenizer.pre_tokenizer.__getstate__())))  # only the pickled state has it all


def _steps(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A step itself, or the steps inside a sequence."""
    if part.get("type") == "Sequence":
        for inner in part["pretokenizers"]:
            yield from _steps(inner)
    else:
        yield part


def _without_its_own_steps(tokenizer: Tokenizer) -> Tokenizer:
    """A copy that doesn't normalise, add a space, cut off, pad or strip, and reads a special token in a text as text."""
    record = json.loads(tokenizer.to_str())
    record.update(normalizer=_spaces_only(record["normalizer"]), truncation=None, padding=None, post_processor=None)
    record["model"]["dropout"] = None
    for step in _steps(record["pre_tokenizer"] or {}):
        if step.get("type") == "ByteLevel":
            step["add_prefix_space"] = False
        if step.get("type") == "Metaspace":
            step["prepend_scheme"] = "never"
    for token in record["added_tokens"]:
        token.update(lstrip=False, rstrip=False)
    copy = Tokenizer.from_str(json.dumps(record))
    copy.encode_special_tokens = True
    return copy


def _spaces_only(normalizer: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a normaliser does to spaces inside a text: they become U+2581."""
    steps = [normalizer, *normalizer.get("normalizers", [])] if normalizer else []
    kept = [step for step in steps if step.get("content") == SPACE]
    return {"type": "Sequence", "normalizers": kept} if kept else None


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model folder, from its `tokenizer.json`. Raises ValueError if the file can't be read."""
    file = folder / "tokenizer.json"
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ValueError(f"{short_name(file)}: not a readable tokenizer: {brief(error)}") from error


def byte_of_character() -> dict[str, int]:
    """The byte that each character of a byte-level vocabulary stands for (GPT-2's table)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in table.values()]
    table.update({chr(0x100 + n): byte for n, byte in enumerate(others)})
    assert set(table) == set(ByteLevel.alphabet())
    return table


_BYTE_OF_CHARACTER = byte_of_character()


def _bytes_of_token(token: str) -> bytes:
    """The bytes of a vocabulary entry; an entry that isn't written in byte characters stands for itself."""
    try:
        return bytes(_BYTE_OF_CHARACTER[character] for character in token)
    except KeyError:
        return token.encode()
