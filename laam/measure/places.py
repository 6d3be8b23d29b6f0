"""Places of source from which a model is let go on: a token of a text, with so many true tokens before it and some after."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random

CONTEXTS = (50, 100, 200)  # tokens
PREFIX, SUFFIX = 50, 50  # tokens, of the measures that have one length of context
GIVEN = CONTINUED = 32  # tokens, of the memorisation score
EDITS = 0.1  # of the characters, at most, for an approximate match
PLACES = 1000


def draw_places(lengths: Sequence[int], count: int, seed: int, contexts: Sequence[int] = CONTEXTS) -> list[tuple[int, int]]:
    """`count` places as (file, token), each as likely as any other among the tokens that have the longest context before them and
    a suffix from there on. `lengths`: tokens of each file. The same places serve every context.

    Raises ValueError if no file is long enough.
    """
    longest = max(contexts)
    ends = list(accumulate(max(0, length - longest - SUFFIX + 1) for length in lengths))
    if not ends or not ends[-1]:
        raise ValueError(f"no file has {longest + SUFFIX} tokens; select longer files")
    draw = Random(seed)
    places = []
    for _ in range(count):
        at = draw.randrange(ends[-1])
        file = bisect_right(ends, at)
        places.append((file, at - (ends[file - 1] if file else 0) + longest))
    return places


def even_places(length: int, most: int, context: int, suffix: int = SUFFIX) -> list[int]:
    """At most `most` places, evenly over a text of such a length, each with the context before it and the suffix from there on; all in
    tokens, or all in another unit."""
    last = length - suffix
    count = min(most, max(0, last - context + 1))
    return [context + (last - context) * number // max(1, count - 1) for number in range(count)]
