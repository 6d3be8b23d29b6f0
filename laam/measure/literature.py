"""Measures of memorisation as the literature defines them, each with its source, and what they say of places in a text
(`laam.measure.extraction`)."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from laam.emission import wording
from laam.measure.archives import NO_SOURCE, ModelInBytes
from laam.measure.capacity import capacity_of, membership_of
from laam.measure.extraction import Tally
from laam.measure.intervals import Interval, wilson
from laam.measure.places import CONTINUED, EDITS, GIVEN, PREFIX, SUFFIX
from laam.measure.sampling import CHANCE, DRAWS, TOP_K, discoverable
from laam.model.model import Model


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
    f"Given {GIVEN} true tokens, the share of the next {CONTINUED} that are right at their places. Taken here at places within files; "
    "the paper begins where a training sequence does.",
    "Biderman and others 2023",
    "https://arxiv.org/abs/2304.11158",
    "abstract read",
)
SCORE_AT_BEGINNINGS = Measure(
    "memorisation score, at beginnings",
    f"The same at the paper’s own places: the first {GIVEN} tokens of a training sequence are given. Here that is {{what}}.",
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
_ONE_OF_N = (
    f"Given {PREFIX} true tokens, one of n draws at temperature 1 gives the next {SUFFIX} exactly with a chance of at least {CHANCE:.0%}: "
    "1 − (1 − q)ⁿ, where q is the product of the probabilities of the true tokens."
)
DISCOVERABLE = Measure(
    f"(n, p)-discoverable, top-{TOP_K}",
    f"{_ONE_OF_N} Each draw is from the {TOP_K} likeliest tokens, as in the paper.",
    "Hayes and others 2024",
    "https://arxiv.org/abs/2410.19482",
    f"abstract read; the {TOP_K} are from a summary",
)
DISCOVERABLE_OF_ALL = Measure(
    "(n, p)-discoverable, all tokens",
    "The same with draws from all tokens, which is what the model itself says.",
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
CAPACITY = Measure(
    "bits a parameter",
    "The bits that the files take under a reference, minus those under the model, clipped at 0 for each, and divided by the parameters. "
    "They are the lab’s code lengths, given each file’s path. With an untrained copy as the reference, what anyone could guess counts as "
    "well; the paper’s own reference for text, a larger model of the same kind of text, isn’t here.",
    "Morris and others 2025",
    "https://arxiv.org/abs/2505.24832",
    "abstract read; the clipping is from a summary",
)
MEMBERSHIP = Measure(
    "members against others",
    "Files told apart by the bits a byte in which the model codes them, given the path: the area under the ROC curve is the chance that a "
    "file that it was trained on takes fewer than another one. Its interval is Hanley and McNeil’s, turned round as Newcombe does.",
    "Yeom and others 2018",
    "https://arxiv.org/abs/1709.01604",
    "abstract read",
)


@dataclass(frozen=True)
class Row:
    """What a measure says of a file. `value`: in words; `measure`: what it is called, how it is defined, and where."""

    value: str
    measure: Measure

    def as_dict(self) -> dict[str, str]:
        return {"value": self.value, **asdict(self.measure)}


def tally_rows(tally: Tally, *, random: bool = True) -> Iterator[Row]:
    """The measures of a tally, in words. `random`: whether its places were drawn, so that a share has an interval."""

    def of(count: int, total: int = tally.places, noun: str = "places") -> str:
        interval = wilson(count, total) if random else None
        return f"{wording.percent(count / total)} ({count:,} of {total:,} {noun}{f', 95 %: {interval.in_words}' if interval else ''})"

    def score(share: float, interval: Interval | None) -> str:
        within = f" (95 %: {interval.in_words})" if interval and interval.low < interval.high else ""  # all alike tell of no others
        return f"{wording.percent(share)} on average{within}"

    def draws(logs: Sequence[float]) -> str:
        return "; ".join(f"n = {draws:,}: {of(discoverable(logs, draws))}" for draws in DRAWS)

    yield Row(f"{score(tally.score, tally.interval)}; all {CONTINUED} right at {of(tally.all_right)}", SCORE)
    if (begin := tally.beginnings) and begin.sequences:
        all_right = of(begin.all_right, begin.sequences, "sequences")
        at_beginnings = replace(SCORE_AT_BEGINNINGS, definition=SCORE_AT_BEGINNINGS.definition.format(what=begin.what))
        yield Row(f"{score(begin.score, begin.interval)}; all {CONTINUED} right at {all_right}", at_beginnings)
    yield Row("; ".join(f"k = {context}: {of(count)}" for context, count in tally.extracted.items()), EXTRACTABLE)
    yield Row(draws(tally.drawn_of_top_k), DISCOVERABLE)
    yield Row(draws(tally.logs), DISCOVERABLE_OF_ALL)
    yield Row(of(tally.approximate), APPROXIMATE)


def lab_rows(measured: ModelInBytes) -> Iterator[Row]:
    """What the lab's code lengths say of a model, as far as there are files that it is known to be trained on."""
    if capacity := capacity_of(measured):
        untrained = ""
        if capacity.untrained is not None:
            untrained = f"{capacity.untrained:.2f} against an untrained copy, which takes {capacity.bits_a_token:.2f} bits a token; "
        of_xz = f"{capacity.xz:.2f} against xz, of one tar; as xz alone counts that tar, {capacity.as_xz_counts:.2f}"
        yield Row(f"{untrained}{of_xz}", CAPACITY)
    if told_apart := membership_of(measured):
        within, members = told_apart.interval, wording.count(told_apart.members, "member")
        kind = ": these aren’t source code, so they differ in kind as well" if told_apart.of_others == NO_SOURCE else ""
        others = f"{wording.count(told_apart.others, 'other')} ({told_apart.of_others}{kind})"
        yield Row(f"AUC {told_apart.auc:.3f} (95 %: {within.low:.3f} to {within.high:.3f}), {members} against {others}", MEMBERSHIP)


def compression_ratio(model: Model, path: str, tokens: int, segments: int) -> float:
    """Tokens that a file took, for each token of the prompts that gave it."""
    return tokens / sum(len(model.format.path_prompt(path, segment).ids) for segment in range(segments))
