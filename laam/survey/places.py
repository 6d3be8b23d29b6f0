"""Where in a file a context is taken: what is given, and what the answer is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from laam.corpus.lines import split_lines
from laam.measure.places import even_places
from laam.model.codec import Codec
from laam.survey.plan import Context


@dataclass(frozen=True)
class Place:
    """Stretches of a file, in characters: from `start` to `given_end` is given, and from there to `end` is asked for.

    `ids`: the tokens that are given, if the context counts in tokens, and `then` how many follow; None otherwise.
    """

    start: int
    given_end: int
    end: int
    ids: tuple[int, ...] | None = None
    then: int | None = None


def places_of(context: Context, text: str, codec: Codec | None) -> list[Place]:
    """The places of a text; none if it is too short for the context. `codec`: of the model; None if its tokens aren't known.

    Raises ValueError if tokens are wanted and can't be had.
    """
    ids: Sequence[int] = ()
    if context.unit == "tokens":
        ids, ends = _tokens(text, codec)
    else:
        ends = list(accumulate(map(len, split_lines(text)), initial=0)) if context.unit == "lines" else range(len(text) + 1)
    length, amount = len(ends) - 1, context.amount
    ats = even_places(length, context.places, amount, context.write) if context.by_place else [amount] * (length > amount)
    found = []
    for at in ats:
        start, end = at - amount, min(length, at + context.write) if context.write else length
        given = tuple(ids[start:at]) if ids else None
        found.append(Place(ends[start], ends[at], ends[end], given, end - at if ids else None))
    return [place for place in found if place.end > place.given_end]


def _tokens(text: str, codec: Codec | None) -> tuple[Sequence[int], Sequence[int]]:
    """A text's tokens, and how many characters it has after so many of them."""
    if codec is None:
        raise ValueError("a server’s tokens aren’t known; give characters or lines")
    ids = codec.encode(text)
    decoder = codec.decoder()
    pieces = list(map(decoder.feed, ids))
    if "".join(pieces) + decoder.finish() != text:
        raise ValueError("its tokenizer doesn’t give this text back; give characters or lines")
    return ids, list(accumulate(map(len, pieces), initial=0))
