"""The pieces that a published model saw a file in, each with the prompt that asks for it."""

from dataclasses import dataclass
from itertools import pairwise

from laam.model.prompts import Prompt, PromptFormat


@dataclass(frozen=True)
class Piece:
    """Characters [start, end) of a file, which the model saw together, without the text before or after them.

    The first piece is asked for by the path, and `given_end` is its start. The prompt of any other is its own beginning, characters
    [start, given_end), in the very tokens of training; the model has to write the rest.
    """

    prompt: Prompt
    start: int
    given_end: int
    end: int


def file_pieces(format_: PromptFormat, path: str, text: str, window: int, given: int) -> list[Piece]:
    """All pieces of a file, in order: header, text and end token cut every `window` tokens.

    `given`: how many of its own tokens the prompt of a later piece holds, but no more than half of them, and whole characters.
    Raises ValueError for a path that doesn't leave a token of the window free.
    """
    first = format_.path_prompt(path)
    if len(first.ids) >= window:
        raise ValueError(f"{path[:80]!r} is too long for the model's window of {window} tokens")
    ids, decoder = format_.codec.encode(text), format_.codec.decoder(first.ids)
    characters, whole = [0], [True]  # after so many tokens: the whole characters, and whether nothing is left over
    for id_ in ids:
        characters.append(characters[-1] + len(decoder.feed(id_)))
        whole.append(decoder.between_characters)
    cuts = [*range(window - len(first.ids), len(ids), window), len(ids)]
    pieces = [Piece(first, 0, 0, characters[cuts[0]])]
    for start, end in pairwise(cuts):
        least = start + max(1, min(given, (end - start) // 2))
        told = next((tokens for tokens in range(least, end) if whole[tokens]), end)
        source = text[characters[start] : characters[told]]
        prompt = Prompt("source", ids[start:told], source, len(source))
        pieces.append(Piece(prompt, characters[start], characters[told], characters[end]))
    return pieces
