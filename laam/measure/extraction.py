"""What a model gives at places of a text, of which it is given true tokens, and no path: it goes on greedily, and what it writes is
held against the true tokens from the place on. What that says, by the literature's measures, is in `laam.measure.literature`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isinf
from random import Random

from rapidfuzz.distance import Levenshtein

from laam.measure.intervals import Interval, bootstrap_mean
from laam.measure.places import CONTEXTS, CONTINUED, EDITS, GIVEN, PREFIX, SUFFIX
from laam.measure.sampling import suffix_logs
from laam.measure.sequences import Sequences
from laam.model.model import Model

DIGITS = 4  # of logarithms that are kept


@dataclass(frozen=True)
class AtPlace:
    """What came at one place: token `at` of text number `text`.

    `right`: of the CONTINUED tokens. `extracted`: by k, whether all SUFFIX came. `approximate`: whether they nearly did. `log`,
    `top_k_log`: natural logarithm of the suffix's probability, see `laam.measure.sampling`; the second is None if it is −∞.
    """

    text: int
    at: int
    right: int
    extracted: Mapping[int, bool]
    approximate: bool
    log: float
    top_k_log: float | None


@dataclass(frozen=True)
class Beginnings:
    """The memorisation score at the beginnings of `sequences` training sequences. `what`: a sequence, in words. `right`, `all_right`,
    `interval`: as in Tally."""

    what: str
    sequences: int
    right: int
    all_right: int
    interval: Interval | None

    @property
    def score(self) -> float:
        return self.right / (CONTINUED * self.sequences) if self.sequences else 0.0


@dataclass(frozen=True)
class Tally:
    """What came at `places` places. `right`: of the CONTINUED tokens, over all places; `all_right`: places where each was right.

    `interval`: of the score, by a bootstrap over files; None of a single file. `extracted`: places by k; `approximate`: how many. `logs`,
    `top_k_logs`: of each place, as in AtPlace. `beginnings`: the score at the paper's own places, if it was measured.
    """

    places: int
    right: int
    all_right: int
    interval: Interval | None
    extracted: Mapping[int, int]
    approximate: int
    logs: Sequence[float]
    top_k_logs: Sequence[float | None]
    beginnings: Beginnings | None = None

    @property
    def score(self) -> float:
        """The mean memorisation score, 0…1."""
        return self.right / (CONTINUED * self.places) if self.places else 0.0

    @property
    def drawn_of_top_k(self) -> list[float]:
        """`top_k_logs` as numbers."""
        return [-inf if each is None else each for each in self.top_k_logs]


def tally_of(measured: Sequence[AtPlace], beginnings: Beginnings | None = None) -> Tally:
    """The sums over places, of which there is at least one."""
    return Tally(
        places=len(measured),
        right=sum(each.right for each in measured),
        all_right=sum(each.right == CONTINUED for each in measured),
        interval=score_interval([each.text for each in measured], [each.right for each in measured]),
        extracted={context: sum(each.extracted[context] for each in measured) for context in measured[0].extracted},
        approximate=sum(each.approximate for each in measured),
        logs=[each.log for each in measured],
        top_k_logs=[each.top_k_log for each in measured],
        beginnings=beginnings,
    )


def score_interval(texts: Sequence[int], right: Sequence[int]) -> Interval | None:
    """The interval of a mean memorisation score, by a bootstrap over the texts, of which there may be several places each."""
    of_text: dict[int, list[float]] = {}
    for text, each in zip(texts, right, strict=True):
        of_text.setdefault(text, []).append(each / CONTINUED)
    return bootstrap_mean([sum(of) / len(of) for of in of_text.values()], weights=[len(of) for of in of_text.values()])


def measure_places(
    model: Model, streams: Sequence[Sequence[int]], places: Sequence[tuple[int, int]], contexts: Sequence[int] = CONTEXTS, at_once: int = 16
) -> Iterator[AtPlace]:
    """What comes at each place, `at_once` of them side by side. `streams`: tokens of each text; `places`: (text, token), each
    with the longest of `contexts` before it and SUFFIX tokens from there on.

    Raises ValueError if the window doesn't hold context and suffix.
    """
    if max(contexts) + SUFFIX > model.window:
        raise ValueError(f"{max(contexts)} tokens of context and {SUFFIX} more don't fit the model's window of {model.window}")
    for first in range(0, len(places), at_once):
        yield from _measured(model, streams, places[first : first + at_once], contexts)


def _measured(
    model: Model, streams: Sequence[Sequence[int]], places: Sequence[tuple[int, int]], contexts: Sequence[int]
) -> Iterator[AtPlace]:
    def answers(context: int, length: int) -> list[list[int]]:
        return model.engine.batch([streams[text][at - context : at] for text, at in places], model.format.stop, length)

    suffixes = [list(streams[text][at : at + SUFFIX]) for text, at in places]
    continued = answers(GIVEN, CONTINUED)
    written = {context: answers(context, SUFFIX) for context in {*contexts, PREFIX}}
    for number, ((text, at), true) in enumerate(zip(places, suffixes, strict=True)):
        logs = suffix_logs(model, streams[text][at - PREFIX : at], true)
        distance = Levenshtein.normalized_distance(_text(model, written[PREFIX][number]), _text(model, true))
        yield AtPlace(
            text=text,
            at=at,
            right=equal_tokens(continued[number], true[:CONTINUED]),
            extracted={context: written[context][number] == true for context in contexts},
            approximate=distance <= EDITS,
            log=round(logs.of_all, DIGITS),
            top_k_log=None if isinf(logs.of_top_k) else round(logs.of_top_k, DIGITS),
        )


def measure_beginnings(model: Model, sequences: Sequences, most: int, seed: int, at_once: int = 64) -> Beginnings:
    """The memorisation score as its paper takes it: the first GIVEN tokens of a training sequence are given, and the next CONTINUED are
    held against what is written. At most so many sequences, drawn by `seed`, of those that are long enough."""
    long_enough = [number for number, ids in enumerate(sequences.ids) if len(ids) >= GIVEN + CONTINUED]
    drawn = sorted(Random(seed).sample(long_enough, min(most, len(long_enough))))
    right: list[int] = []
    for first in range(0, len(drawn), at_once):
        some = [sequences.ids[number] for number in drawn[first : first + at_once]]
        answers = model.engine.batch([ids[:GIVEN] for ids in some], model.format.stop, CONTINUED)
        right += [equal_tokens(answer, ids[GIVEN : GIVEN + CONTINUED]) for answer, ids in zip(answers, some, strict=True)]
    interval = score_interval([sequences.texts[number] for number in drawn], right)
    return Beginnings(sequences.what, len(drawn), sum(right), sum(each == CONTINUED for each in right), interval)


def equal_tokens(answer: Sequence[int], true: Sequence[int]) -> int:
    """How many tokens are right at their places."""
    return sum(one == other for one, other in zip(answer, true, strict=False))


def _text(model: Model, ids: Sequence[int]) -> str:
    decoder = model.codec.decoder()
    return "".join([*map(decoder.feed, ids), decoder.finish()])
