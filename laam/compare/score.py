"""How much of an original an emission reproduced."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import Any

from rapidfuzz.distance import Levenshtein

from laam.compare.align import Block, exact_lines
from laam.compare.measures import Part, measure_text
from laam.compare.systematic import Difference, find_difference
from laam.compare.undoing import TooMuchWorkError
from laam.corpus.functions import whole_functions
from laam.corpus.lines import COMMON_FILES, source_sha256
from laam.corpus.original import Original, text_of, whole_of

SIMILARITY_CELLS = 10**10  # characters of one text times those of the other; 0.3 to 1 s of one core


@dataclass(frozen=True)
class Score:
    """One emission held against one original. Characters are counted with their newline.

    The text of a prompt is never part of the emission. Lines of which a prompt gave any part are not counted, on either side, nor are the
    original's lines before the source that a prompt gave; only `original_sha256` is that of the whole file. An *exact line* is a line in an
    equal block of the alignment: written exactly, and in order. Of all ways to match equal lines without crossing, the alignment keeps the
    most characters, newlines counted (the heaviest common subsequence, see `laam.compare.heaviest`). No other way has more
    exact_characters: not difflib's, nor that of `git diff --minimal`, which keeps the most *lines*. If a file was asked for piece by piece,
    that holds of each piece (see `laam.compare.lead`), and the counts are sums over all pieces.
    """

    reproduced: float
    """exact_characters ÷ original_characters, 0…1. An empty original is reproduced (1.0) by an empty emission only."""
    verbatim: float
    """exact_characters ÷ emitted_characters, 0…1; 0.0 for an empty emission."""
    exact_characters: int
    """Characters of the exact lines."""
    original_characters: int
    """Characters of the original."""
    emitted_characters: int
    """Characters that the model wrote."""
    exact_lines: int
    original_lines: int
    emitted_lines: int
    """Lines that the model wrote; a last one without its newline counts."""
    longest_run: int
    """The most exact lines that follow each other on both sides."""
    sha256_identical: bool
    """Whether what the model wrote is the whole file, byte for byte."""
    emitted_sha256: str
    """Of all the emission's bytes, in UTF-8, including the end of a line in which the prompt broke off."""
    original_sha256: str
    """Of the whole file, as the catalogue has it."""
    prompt_characters: int
    """Characters that the model was given."""
    without_boilerplate: float | None
    """`reproduced`, counted only over lines that occur in at most COMMON_FILES files of the kernel; None if that isn't known."""
    within_reach: float | None
    """`reproduced`, counted only over the original's lines that lie within its first `reach` characters; None if the window did not
    end the emission, or no whole line lies within."""
    reach: int | None
    """Characters that the model wrote until its window was full; None if it did not become full."""
    reach_lines: int | None
    """The original's lines that lie within its first `reach` characters; None if `within_reach` is."""
    similarity: float | None
    """1 − edit distance ÷ characters of the longer text, 0…1; None if the original is sealed, or if that would be too much work."""
    difference: Difference | None = None
    """A difference that runs through the whole text, such as its line ends, and what `reproduced` would be without it; None if there
    is none. It changes no other field."""
    difference_looked_for: bool = True
    """Whether such a difference was looked for as long as it takes; if not, `difference` is None."""
    cut_short: bool = False
    """Whether the alignment was cut short, because all of it would have been too much work: more may be exact than is counted here."""
    functions: int | None = None
    """How many functions the original's file has, as a parser of C finds them; None if that isn't known."""
    exact_functions: Sequence[str] = ()
    """The names of those of which all lines are exact, in their order."""
    measures: Mapping[str, Part] = field(default_factory=dict)
    """The declared measures by name, see `laam.compare.measures`, as far as something can be said."""

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, ready for JSON; `difference` as a dictionary too, and each of the `measures` as its share."""
        shares = {name: part.share for name, part in self.measures.items()}
        return {**asdict(self), "measures": shares, "exact_functions": list(self.exact_functions)}


def score_text(
    text: str,
    original: Original,
    blocks: Iterable[Block],
    *,
    written: str | None = None,
    prompt_characters: int = 0,
    line_files: Mapping[int, int] | None = None,
    reach: int | None = None,
    cut_short: bool = False,
) -> Score:
    """The score of an emission, from its alignment.

    `text`: what the model wrote, without the prompt. `written`: the same with what it wrote of lines that the prompt gave a part of,
    which counts only for the sha256; None if there is none of it. `blocks`: from `align` of the line digests of `text` with the original's.
    `prompt_characters`: how many characters the model was given. `line_files`: the number of files of the kernel in which a line
    occurs, by its digest; a digest that is missing counts as rare. `reach`, `cut_short`: see Score.
    """
    lengths, digests = original.lengths, original.digests
    running = RunningScore(original)
    running.add(blocks := list(blocks))
    original_characters = sum(lengths)
    emitted_sha256 = source_sha256(text if written is None else written)
    without_boilerplate = None
    if line_files is not None:
        rare = {index for index, digest in enumerate(digests) if line_files.get(digest, 1) <= COMMON_FILES}
        without_boilerplate = _share_of_lines(rare, blocks, lengths, text)
    difference, looked_for = None, True
    try:
        difference = find_difference(text, original, running.exact_characters)
    except TooMuchWorkError:
        looked_for = False
    exact_numbers = {original.numbers[index] for _, index in exact_lines(blocks)}
    within = range(bisect_right(list(accumulate(lengths)), reach)) if reach is not None else range(0)
    return Score(
        reproduced=_share(running.exact_characters, original_characters, text),
        verbatim=running.exact_characters / len(text) if text else 0.0,
        exact_characters=running.exact_characters,
        original_characters=original_characters,
        emitted_characters=len(text),
        exact_lines=running.exact_lines,
        original_lines=len(lengths),
        emitted_lines=text.count("\n") + (text[-1:] not in ("", "\n")),
        longest_run=running.longest_run,
        sha256_identical=whole_of(original) is original and emitted_sha256 == original.file.sha256,
        emitted_sha256=emitted_sha256,
        original_sha256=original.file.sha256,
        prompt_characters=prompt_characters,
        without_boilerplate=without_boilerplate,
        within_reach=_share_of_lines(set(within), blocks, lengths, text) if within else None,
        reach=reach,
        reach_lines=len(within) or None,
        similarity=_similarity(text, original, running.exact_characters) if original.has_text else None,
        difference=difference,
        difference_looked_for=looked_for,
        cut_short=cut_short,
        functions=len(original.file.functions) or None,
        exact_functions=whole_functions(original.file.functions, exact_numbers),
        measures=measure_text(text, original, line_files),
    )


class RunningScore:
    """The score so far, from blocks as they settle; each call costs only the new lines."""

    def __init__(self, original: Original) -> None:
        self._lengths, self._numbers = original.lengths, original.numbers
        self._run = 0
        self._run_end = (0, -1)  # the emitted line, and the number of the original's, at which the current run would go on
        self.exact_characters = 0
        self.exact_lines = 0
        self.longest_run = 0

    def add(self, blocks: Iterable[Block]) -> None:
        """Count the next blocks, which follow the ones before."""
        for block in blocks:
            if block.kind != "equal":
                continue
            if (block.emitted_start, self._numbers[block.original_start]) != self._run_end:
                self._run = 0
            for index in range(block.original_start, block.original_end):
                self._run += 1
                self.longest_run = max(self.longest_run, self._run)
                self.exact_lines += 1
                self.exact_characters += self._lengths[index]
            self._run_end = (block.emitted_end, self._numbers[block.original_end - 1] + 1)


def _share_of_lines(lines: set[int], blocks: Iterable[Block], lengths: Sequence[int], text: str) -> float:
    """Among some lines of the original: characters of the exact ones ÷ characters of all."""
    exact = lines.intersection(index for _, index in exact_lines(blocks))
    return _share(sum(map(lengths.__getitem__, exact)), sum(map(lengths.__getitem__, lines)), text)


def _share(exact: int, characters: int, text: str) -> float:
    """Exact ÷ all characters; if there are none, 1.0 for an empty emission and 0.0 for any other."""
    return exact / characters if characters else float(not text)


def _similarity(text: str, original: Original, exact_characters: int) -> float | None:
    """Normalised Levenshtein similarity. `exact_characters` only tells the search where to begin; it does not change the result."""
    expected = text_of(original)
    if len(text) * len(expected) > SIMILARITY_CELLS:
        return None
    longer = max(len(text), len(expected), 1)
    return Levenshtein.normalized_similarity(text, expected, score_hint=exact_characters / longer)
