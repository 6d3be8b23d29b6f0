"""The pieces that a published model saw a file in, so that each can be asked for."""

from dataclasses import dataclass
from itertools import accumulate, pairwise

from laam.model.codec import Codec

HEAD_TOKENS = 32  # the least for a head: several pieces often share a shorter one


@dataclass(frozen=True)
class Piece:
    """Characters [start, end) of a file, which the model saw together, without the text before or after them.

    The first piece follows the path and is asked for by it; its head is empty. Any other is asked for by its head, the
    source text of characters [start, head_end), given with `mid_word` as it is here.
    """

    number: int  # from 0
    start: int
    end: int
    head_end: int
    mid_word: bool


def file_pieces(codec: Codec, header: list[int], path: str, text: str, window: int) -> list[Piece]:
    """All pieces of a file, in order: header, text and end token cut every `window` tokens. `header`: ids before the text.

    Raises ValueError for a path that doesn't leave a token of the window free.
    """
    if len(header) >= window:
        raise ValueError(f"{path[:80]!r} is too long for the model's window of {window} tokens")
    ids = codec.encode(text)
    decoder = codec.decoder(header)
    characters = [0, *accumulate(len(decoder.feed(id_)) for id_ in ids)]  # whole ones, after so many tokens
    cuts = [0, *range(window - len(header), len(ids), window), len(ids)] if ids else [0, 0]
    pieces = [Piece(0, 0, characters[cuts[1]], 0, False)]
    for number, (first, last) in enumerate(pairwise(cuts[1:]), start=1):
        tokens, mid_word = _head(codec, text, ids[first:last], characters[first : last + 1], window)
        pieces.append(Piece(number, characters[first], characters[last], characters[first + tokens], mid_word))
    return pieces


def _head(codec: Codec, text: str, ids: list[int], characters: list[int], window: int) -> tuple[int, bool]:
    """How many tokens the head of a piece takes, and whether it begins inside a word.

    It ends with a line if a line ends within a quarter of the window, and its text alone must give the piece's ids again.
    If no head does, because the piece begins inside what alone would be one token, the nearest head is taken.
    """
    least = max(1, min(HEAD_TOKENS, window // 8, len(ids) // 2))
    most = max(least, min(window // 4, len(ids) // 2))
    line_ends_first = sorted(range(least, most + 1), key=lambda tokens: text[characters[tokens] - 1] != "\n")
    for tokens in line_ends_first:
        for mid_word in (False, True):
            if codec.encode(text[characters[0] : characters[tokens]], mid_word=mid_word) == ids[:tokens]:
                return tokens, mid_word
    return least, True
