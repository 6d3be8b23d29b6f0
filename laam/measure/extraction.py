"""What can be extracted from the middle of a file: the next 50 tokens, from the k true tokens before them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from laam.model.model import Model

CONTEXTS = (50, 100, 200)  # tokens
SUFFIX = 50  # tokens
PLACES = 1000
_BATCH = 64  # how many prompts are decoded between two reports of progress


@dataclass(frozen=True)
class Extraction:
    """Of `places` random places in source, `extracted` are those whose next 50 tokens greedy decoding gives exactly from the
    `context` true tokens before them and nothing else, not even a path (Carlini et al. 2022, arXiv 2202.07646).

    The tokens before are true source text, so this doesn't measure what comes from a path alone.
    """

    context: int
    places: int
    extracted: int

    @property
    def share(self) -> float:
        """extracted ÷ places, 0…1."""
        return self.extracted / self.places if self.places else 0.0


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


def extract(
    model: Model, texts: Mapping[str, str], *, seed: int, places: int = PLACES, contexts: Sequence[int] = CONTEXTS
) -> Iterator[Extraction]:
    """An Extraction for each context, as it is measured. Raises ValueError if the window doesn't hold context and suffix."""
    if max(contexts) + SUFFIX > model.window:
        raise ValueError(f"{max(contexts)} tokens of context and {SUFFIX} more don't fit the model's window of {model.window}")
    streams = [model.codec.encode(text) for text in texts.values()]
    chosen = draw_places([len(stream) for stream in streams], places, seed, contexts)
    for context in contexts:
        extracted = 0
        for first in range(0, len(chosen), _BATCH):
            batch = chosen[first : first + _BATCH]
            prompts = [streams[file][at - context : at] for file, at in batch]
            answers = model.engine.batch(prompts, model.format.stop, SUFFIX)
            extracted += sum(answer == streams[file][at : at + SUFFIX] for answer, (file, at) in zip(answers, batch, strict=True))
        yield Extraction(context, len(chosen), extracted)
