"""Near-verbatim blocks: what was written word for word, but for a few words here and there (Ahmed and others 2026, arXiv 2601.02671).

1. The blocks of equal words, as difflib finds them: the longest one first, then the same on either side of it.
2. Two blocks that follow one another become one if at most `gap` words stand between them, on either side, and the two gaps differ by at
   most `shift` words. Only the equal words of a block count.
3. Blocks of fewer than `words` words are dropped.

Steps 2 and 3 are done twice, with the numbers of PASSES. The paper's text could not be read here: its abstract was, and two
implementations by others, which agree on all of this. A third takes only the original's gap as bounded by the other's.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from difflib import Match, SequenceMatcher
from typing import NamedTuple

from laam.compare.undoing import TooMuchWorkError

STEPS = 12_000_000  # pairs of equal words that are looked at, in a second or so; the longest shipped file takes ten million


class Pass(NamedTuple):
    """One time of merging and dropping, all in words; see the module."""

    gap: int
    shift: int
    words: int


PASSES = (Pass(2, 1, 20), Pass(10, 3, 100))
LEAST = PASSES[-1].words  # words of a block, and so of any text that has one


class WordBlock(NamedTuple):
    """Words `written`…`written_end` of the text beside words `original`…`original_end` of the original; `words` of them are equal."""

    written: int
    written_end: int
    original: int
    original_end: int
    words: int


def near_verbatim_blocks(written: Sequence[str], original: Sequence[str], passes: Sequence[Pass] = PASSES) -> list[WordBlock]:
    """The blocks that are left after the last pass, in order. Raises TooMuchWorkError after STEPS."""
    blocks = [WordBlock(b, b + words, a, a + words, words) for a, b, words in _Bounded(original, written).get_matching_blocks() if words]
    for each in passes:
        blocks = [block for block in _merged(blocks, each) if block.words >= each.words]
    return blocks


def _merged(blocks: Sequence[WordBlock], by: Pass) -> Iterator[WordBlock]:
    last: WordBlock | None = None
    for block in blocks:
        if last is None:
            last = block
            continue
        gaps = block.written - last.written_end, block.original - last.original_end
        if max(gaps) <= by.gap and max(gaps) - min(gaps) <= by.shift:
            last = WordBlock(last.written, block.written_end, last.original, block.original_end, last.words + block.words)
        else:
            yield last
            last = block
    if last is not None:
        yield last


class _Bounded(SequenceMatcher[str]):
    """The matcher, which gives up after STEPS."""

    def __init__(self, a: Sequence[str], b: Sequence[str]) -> None:
        super().__init__(None, a, b, autojunk=False)  # words that stand everywhere, such as `*`, are words as well
        self._words, self._steps, self._length = a, 0, len(b)
        self._places: Mapping[str, Sequence[int]] = self.b2j  # type: ignore[attr-defined]  # where each word stands in `b`

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        end = self._length if bhi is None else bhi
        self._steps += sum(bisect_left(self._places.get(word, ()), end) for word in self._words[alo:ahi])
        if self._steps > STEPS:
            raise TooMuchWorkError
        return super().find_longest_match(alo, ahi, blo, bhi)
