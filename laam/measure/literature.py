"""Measures of memorisation as the literature defines them, taken where a model continues true tokens of a text.

Each place is a token of a text. The model is given so many true tokens before it, and no path, and goes on greedily; what it writes is
held against the true tokens from the place on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, log, log1p

from rapidfuzz.distance import Levenshtein

from laam.emission import wording
from laam.measure.places import CONTEXTS, SUFFIX
from laam.model.model import Model

GIVEN = CONTINUED = 32  # tokens, of the memorisation score
PREFIX = 50  # tokens, of the measures that have one length of context
DRAWS = (1, 10, 100, 1000)
CHANCE = 0.9  # with which one of the draws must give the suffix
EDITS = 0.1  # of the characters, at most, for an approximate match


@dataclass(frozen=True)
class Measure:
    """A measure of the literature. `definition`: a sentence; `source`, `url`: where it is defined; `seen`: how that was read."""

    label: str
    definition: str
    source: str
    url: str
    seen: str


SCORE = Measure(
    "memorisation score",
    f"Given {GIVEN} true tokens, the share of the next {CONTINUED} that are right at their places. Taken here at random places of files; "
    "the paper begins where a training sequence does.",
    "Biderman and others 2023",
    "https://arxiv.org/abs/2304.11158",
    "abstract read",
)
EXTRACTABLE = Measure(
    "extractable",
    f"Given k true tokens, the next {SUFFIX} come exactly.",
    "Carlini and others 2022",
    "https://arxiv.org/abs/2202.07646",
    "abstract read",
)
DISCOVERABLE = Measure(
    "(n, p)-discoverable",
    f"Given {PREFIX} true tokens, one of n draws at temperature 1 gives the next {SUFFIX} exactly with a chance of at least {CHANCE:.0%}: "
    "1 − (1 − q)ⁿ, where q is the product of the probabilities of the true tokens. Draws are from all tokens, not from the 40 likeliest.",
    "Hayes and others 2024",
    "https://arxiv.org/abs/2410.19482",
    "abstract read",
)
APPROXIMATE = Measure(
    "approximately memorised",
    f"Given {PREFIX} true tokens, the next {SUFFIX} come with at most {EDITS:.0%} of their characters to be edited.",
    "Ippolito and others 2022",
    "https://arxiv.org/abs/2210.17546",
    "abstract read; the threshold is from a summary",
)
COMPRESSION = Measure(
    "adversarial compression ratio",
    "The tokens of the text for each token of the shortest prompt that gives it. No shorter prompt than the path was looked for, so this "
    "is a lower bound; above 1 is memorised.",
    "Schwarzschild and others 2024",
    "https://arxiv.org/abs/2404.15146",
    "abstract read",
)
LONGEST_COMMON = Measure(
    "longest common substring",
    "The most tokens in a row that stand both in the file and in what the model wrote for its path, each cut into the model’s own tokens; "
    "the paper’s score approximates it by blocks.",
    "Ahmed and others 2026",
    "https://arxiv.org/abs/2601.02671",
    "abstract read",
)


@dataclass(frozen=True)
class Tally:
    """What came at `places` places. `right`: of the CONTINUED tokens, over all places; `all_right`: places where each was right.

    `extracted`: places by k; `discoverable`: by n; `approximate`: how many. Each is of the places that have so much before them.
    """

    places: int
    right: int
    all_right: int
    extracted: Mapping[int, int]
    discoverable: Mapping[int, int]
    approximate: int

    @property
    def score(self) -> float:
        """The mean memorisation score, 0…1."""
        return self.right / (CONTINUED * self.places) if self.places else 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.places + other.places,
            self.right + other.right,
            self.all_right + other.all_right,
            {context: count + other.extracted[context] for context, count in self.extracted.items()},
            {draws: count + other.discoverable[draws] for draws, count in self.discoverable.items()},
            self.approximate + other.approximate,
        )


def tallies(
    model: Model, streams: Sequence[Sequence[int]], places: Sequence[tuple[int, int]], contexts: Sequence[int] = CONTEXTS, at_once: int = 16
) -> Iterator[Tally]:
    """A Tally of `at_once` places after the other; their sum is that of all. `streams`: tokens of each text; `places`: (text, token), each
    with the longest of `contexts` before it and SUFFIX tokens from there on.

    Raises ValueError if the window doesn't hold context and suffix.
    """
    if max(contexts) + SUFFIX > model.window:
        raise ValueError(f"{max(contexts)} tokens of context and {SUFFIX} more don't fit the model's window of {model.window}")
    for first in range(0, len(places), at_once):
        yield _tally(model, [(streams[text], at) for text, at in places[first : first + at_once]], contexts)


def _tally(model: Model, places: Sequence[tuple[Sequence[int], int]], contexts: Sequence[int]) -> Tally:
    def answers(context: int, length: int) -> list[list[int]]:
        return model.engine.batch([stream[at - context : at] for stream, at in places], model.format.stop, length)

    suffixes = [list(stream[at : at + SUFFIX]) for stream, at in places]
    equal = [equal_tokens(answer, true[:CONTINUED]) for answer, true in zip(answers(GIVEN, CONTINUED), suffixes, strict=True)]
    written = {context: answers(context, SUFFIX) for context in {*contexts, PREFIX}}
    logs = [
        sum(model.engine.log_probabilities(stream[at - PREFIX : at], true)) for (stream, at), true in zip(places, suffixes, strict=True)
    ]
    texts = [(_text(model, answer), _text(model, true)) for answer, true in zip(written[PREFIX], suffixes, strict=True)]
    return Tally(
        places=len(places),
        right=sum(equal),
        all_right=sum(count == CONTINUED for count in equal),
        extracted={context: sum(map(list.__eq__, written[context], suffixes)) for context in contexts},
        discoverable={draws: sum(is_discoverable(each, draws) for each in logs) for draws in DRAWS},
        approximate=sum(Levenshtein.normalized_distance(answer, true) <= EDITS for answer, true in texts),
    )


def equal_tokens(answer: Sequence[int], true: Sequence[int]) -> int:
    """How many tokens are right at their places."""
    return sum(one == other for one, other in zip(answer, true, strict=False))


def is_discoverable(log_probability: float, draws: int, chance: float = CHANCE) -> bool:
    """Whether one of so many draws gives a suffix with at least this chance; `log_probability`: of the suffix in one draw, natural."""
    one = exp(min(0.0, log_probability))
    return one >= 1 or draws * log1p(-one) <= log(1 - chance)


@dataclass(frozen=True)
class Row:
    """What a measure says of a file. `value`: in words; `measure`: what it is called, how it is defined, and where."""

    value: str
    measure: Measure

    def as_dict(self) -> dict[str, str]:
        return {"value": self.value, **asdict(self.measure)}


def tally_rows(tally: Tally) -> Iterator[Row]:
    """The measures of a tally, in words."""

    def of(count: int) -> str:
        return f"{wording.percent(count / tally.places)} ({count:,} of {tally.places:,} places)"

    yield Row(f"{wording.percent(tally.score)} on average; all {CONTINUED} right at {of(tally.all_right)}", SCORE)
    yield Row("; ".join(f"k = {context}: {of(count)}" for context, count in tally.extracted.items()), EXTRACTABLE)
    yield Row("; ".join(f"n = {draws:,}: {of(count)}" for draws, count in tally.discoverable.items()), DISCOVERABLE)
    yield Row(of(tally.approximate), APPROXIMATE)


def compression_ratio(model: Model, path: str, tokens: int, segments: int) -> float:
    """Tokens that a file took, for each token of the prompts that gave it."""
    return tokens / sum(len(model.format.path_prompt(path, segment).ids) for segment in range(segments))


def _text(model: Model, ids: Sequence[int]) -> str:
    decoder = model.codec.decoder()
    return "".join([*map(decoder.feed, ids), decoder.finish()])
