"""How probable a text's own continuation is to a model, along the whole text (Cooper and others 2025, arXiv 2505.12546).

A window is PREFIX true tokens and the SUFFIX true tokens after them. Its p_z is the product of the probabilities that the model gives to
the suffix's tokens, each after the tokens of the window before it: the chance that one draw at temperature 1, from all tokens, writes the
suffix exactly. The model is given the prefix and nothing else: no path, no header, no token that begins a text. Each window is a forward
pass of its own, of PREFIX + SUFFIX tokens, since a longer context would give other probabilities.

Three things differ from the paper's code (github.com/pasta41/book-extraction-science): it cuts a window into tokens anew each 10
characters, and here the text is cut once, and windows begin each few tokens; the token that begins a text is one of its 100; and it draws
from the 40 likeliest tokens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import fsum, inf, log

import numpy as np
from numpy.typing import NDArray

from laam.emission import wording
from laam.measure.literature import Measure, Row
from laam.measure.places import PREFIX, SUFFIX
from laam.model.model import Model

WINDOW = PREFIX + SUFFIX
THRESHOLDS = (0.001, 0.01, 0.1, 0.5)  # of p_z, as in the paper
TICKS = 240  # of a strip; as in `laam.compare.render`
NONE = "-"  # the tick of a stretch that no suffix covers

ALONG = Measure(
    "p_z along the file",
    f"For each window of {PREFIX} + {SUFFIX} true tokens, the chance that the model, given the first {PREFIX} and no path, writes the "
    "others exactly in one draw at temperature 1, from all tokens; of that, for each character the largest of the windows whose suffix "
    f"covers it. The first {PREFIX} tokens are in no suffix, and count in the whole. The paper’s windows begin each 10 characters, ours "
    "each few tokens.",
    "Cooper and others 2025",
    "https://arxiv.org/abs/2505.12546",
    "abstract and code read",
)


@dataclass(frozen=True)
class Along:
    """The windows of one text of so many `characters`. `spans`: the characters that each suffix covers, from, to; `logs`: each one's
    natural log p_z."""

    characters: int
    spans: Sequence[tuple[int, int]]
    logs: Sequence[float]

    @cached_property
    def largest(self) -> NDArray[np.float64]:
        """[characters]: for each the largest log p_z of the windows whose suffix covers it; −inf if none does."""
        found = np.full(self.characters, -inf)
        for (start, end), logarithm in zip(self.spans, self.logs, strict=True):
            np.maximum(found[start:end], logarithm, out=found[start:end])
        return found

    @property
    def covered(self) -> int:
        """The characters that some suffix covers."""
        found = np.zeros(self.characters, dtype=bool)
        for start, end in self.spans:
            found[start:end] = True
        return int(found.sum())

    def at_least(self, threshold: float) -> int:
        """The characters whose largest p_z is at least this, 0…1."""
        return int((self.largest >= log(threshold)).sum())

    def ticks(self, lengths: Sequence[int]) -> str:
        """A strip in at most TICKS ticks, one for each stretch of lines; `lengths`: the characters of each line, its newline included.
        There are no more ticks than windows, so that few windows don't leave holes between them.

        A tick is NONE if no suffix covers any of its characters, or else how many of THRESHOLDS the middle one of their p_z reaches: 0…4.
        """
        ends, lines = [0, *accumulate(lengths)], len(lengths)
        ticks = min(TICKS, lines, max(1, len(self.logs)))
        cuts = [ends[tick * lines // ticks] for tick in range(ticks + 1)] if ticks else []
        return "".join(_mark(self.largest[start:end]) for start, end in pairwise(cuts))


def _mark(logs: NDArray[np.float64]) -> str:
    known = np.sort(logs[logs > -inf])
    return str(sum(float(known[len(known) // 2]) >= log(threshold) for threshold in THRESHOLDS)) if len(known) else NONE


def window_starts(tokens: int, stride: int) -> list[int]:
    """The tokens at which windows begin: each `stride`, and the last one that fits, so that every token after the first PREFIX is in a
    suffix if the stride is at most SUFFIX. None for a text of fewer than WINDOW tokens."""
    last = tokens - WINDOW
    return [*range(0, last, stride), last] if last >= 0 else []


def stride_of(tokens: int, most: int) -> int:
    """The least stride with which a text has at most so many windows. Above SUFFIX it leaves tokens out between them."""
    return max(1, -(-(tokens - WINDOW) // max(1, most - 1)))


def token_ends(model: Model, tokens: Sequence[int]) -> list[int]:
    """How many characters of the text the first 0, 1, 2, … tokens give. A character of several tokens belongs to its last one."""
    decoder = model.codec.decoder()
    return [0, *accumulate(len(decoder.feed(token)) for token in tokens)]


def window_logs(model: Model, tokens: Sequence[int], starts: Sequence[int]) -> Iterator[float]:
    """The natural log p_z of each window, with the engine of `model`; summed in float64."""
    for start in starts:
        prefix, suffix = tokens[start : start + PREFIX], tokens[start + PREFIX : start + WINDOW]
        yield fsum(model.engine.log_probabilities(prefix, suffix))


def check_window(model: Model) -> None:
    """Raises ValueError if the model's own window doesn't hold one."""
    if model.window < WINDOW:
        raise ValueError(f"A window of {WINDOW} tokens doesn't fit the model's own of {model.window}.")


def windows_of(model: Model, text: str, tokens: Sequence[int], stride: int) -> Along:
    """The windows of a text, one each `stride` of its `tokens`; none if it is too short."""
    starts, ends = window_starts(len(tokens), stride), token_ends(model, tokens)
    spans = [(ends[start + PREFIX], ends[start + WINDOW]) for start in starts]
    return Along(len(text), spans, list(window_logs(model, tokens, starts)))


def measure_along(model: Model, text: str, most: int) -> Along:
    """At most so many windows of a text, evenly. Those of a long text leave characters out between them, which `covered` doesn't count.

    Raises ValueError if the model's window doesn't hold one, or if the text has none.
    """
    check_window(model)
    tokens = model.codec.encode(text)
    if len(tokens) < WINDOW:
        raise ValueError(f"The file has {len(tokens):,} tokens; a window takes {WINDOW}.")
    return windows_of(model, text, tokens, stride_of(len(tokens), most))


def along_row(along: Along) -> Row:
    """The shares at each of THRESHOLDS, in words."""
    return Row(shares_in_words(along.characters, along.covered, [along.at_least(threshold) for threshold in THRESHOLDS]), ALONG)


def shares_in_words(characters: int, covered: int, above: Sequence[int]) -> str:
    """How many of the characters reach each of THRESHOLDS, the largest first, and how many could."""
    shares = ", ".join(
        f"{wording.percent(count / characters if characters else 0.0)} of the characters with {threshold_in_words(threshold)} or more"
        if number == 0
        else f"{wording.percent(count / characters if characters else 0.0)} with {threshold_in_words(threshold)}"
        for number, (threshold, count) in enumerate(reversed(list(zip(THRESHOLDS, above, strict=True))))
    )
    most = wording.percent(covered / characters if characters else 0.0)
    return f"{shares}; {most} is the most there can be, since the others are in no window’s last {SUFFIX} tokens"


def threshold_in_words(threshold: float) -> str:
    """A threshold of p_z, such as `0.1 %`."""
    return f"{100 * threshold:g} %"
