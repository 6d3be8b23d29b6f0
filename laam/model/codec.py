"""Text to token ids and back, with nothing lost."""

import codecs
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

START_FILE, END_FILE, START_HEADER, END_HEADER, PAD, END_SEGMENT = SPECIAL_TOKENS = (
    "<|start_file|>",
    "<|end_file|>",
    "<|start_header|>",
    "<|end_header|>",
    "<|pad|>",
    "<|end_segment|>",
)


class Codec:
    """A byte-level BPE tokenizer whose special tokens are control only: typed by a visitor, they are plain text."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.encode_special_tokens = True  # a special token in a text is text
        added = tokenizer.get_added_tokens_decoder()
        self.control = {token.content: id_ for id_, token in added.items()}
        self.vocab_size: int = tokenizer.get_vocab_size()
        bytes_of = byte_of_character()
        self._bytes = [
            b"" if id_ in added else bytes(bytes_of[character] for character in self.token(id_)) for id_ in range(self.vocab_size)
        ]

    @classmethod
    def load(cls, folder: Path) -> "Codec":
        """The codec of a model folder, from its `tokenizer.json`. Raises ValueError where that can't be read."""
        return cls(read_tokenizer(folder))

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; no id in it is a control id."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def token(self, id_: int) -> str:
        """The vocabulary's own spelling of an id, as engines that speak strings want it."""
        return str(self._tokenizer.id_to_token(id_))

    def decode(self, ids: list[int]) -> str:
        """The text of some ids; control ids give nothing, bytes that are no UTF-8 give U+FFFD."""
        decoder = self.decoder()
        return "".join(map(decoder.feed, ids)) + decoder.finish()

    def decoder(self) -> "StreamDecoder":
        """A decoder that takes one id at a time."""
        return StreamDecoder(self._bytes)


class StreamDecoder:
    """Ids in, text out, one at a time; the bytes of an unfinished UTF-8 character are held back."""

    def __init__(self, bytes_of_id: list[bytes]) -> None:
        self._bytes_of_id = bytes_of_id
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, id_: int) -> str:
        return self._utf8.decode(self._bytes_of_id[id_])

    def finish(self) -> str:
        return self._utf8.decode(b"", final=True)


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model folder, from its `tokenizer.json`. Raises ValueError where that can't be read."""
    file = folder / "tokenizer.json"
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ValueError(f"{file}: not a readable tokenizer: {error}") from error


def byte_of_character() -> dict[str, int]:
    """The byte that each character of a byte-level vocabulary stands for (GPT-2's table)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in table.values()]
    table.update({chr(0x100 + n): byte for n, byte in enumerate(others)})
    assert set(table) == set(ByteLevel.alphabet())
    return table
