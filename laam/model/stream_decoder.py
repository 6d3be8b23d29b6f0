"""Ids to text, one at a time: what `laam.model.codec` gives for a prompt or an emission under way."""

import codecs
from collections.abc import Sequence


class StreamDecoder:
    """Takes ids and gives text, one at a time; the bytes of an unfinished UTF-8 character are held back.

    `bytes_of_id` has None for control ids. An id beyond the vocabulary gives nothing, since some models have spare rows.
    """

    def __init__(self, bytes_of_id: Sequence[bytes | None]) -> None:
        self._bytes_of_id = bytes_of_id
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, id_: int) -> str:
        return self._utf8.decode(self._bytes(id_))

    def finish(self) -> str:
        return self._utf8.decode(b"", final=True)

    @property
    def between_characters(self) -> bool:
        """Whether nothing is held back."""
        return not self._utf8.getstate()[0]

    def _bytes(self, id_: int) -> bytes:
        return (self._bytes_of_id[id_] if id_ < len(self._bytes_of_id) else None) or b""


class WordDecoder(StreamDecoder):
    """See PublishedCodec: drops the one space at the start of each word. `breaks` are the ids that end a word."""

    def __init__(self, bytes_of_id: Sequence[bytes | None], breaks: frozenset[int], *, in_word: bool) -> None:
        super().__init__(bytes_of_id)
        self._breaks, self._in_word = breaks, in_word

    def _bytes(self, id_: int) -> bytes:
        starts_word = not self._in_word and id_ not in self._breaks
        self._in_word = id_ not in self._breaks
        return super()._bytes(id_).removeprefix(b" " if starts_word else b"")


class FirstSpaceDecoder(StreamDecoder):
    """See SpacedCodec: drops the one space at the start of a text that hasn't `begun`."""

    def __init__(self, bytes_of_id: Sequence[bytes | None], *, begun: bool) -> None:
        super().__init__(bytes_of_id)
        self._begun = begun

    def _bytes(self, id_: int) -> bytes:
        found = super()._bytes(id_)
        first, self._begun = not self._begun and bool(found), self._begun or bool(found)
        return found.removeprefix(b" ") if first else found
