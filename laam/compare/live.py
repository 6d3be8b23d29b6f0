"""An emission compared while it is written: rows that are settled as they come, and the comparison that counts at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from laam.compare.align import Block, StreamAligner, align
from laam.compare.highlight import LineHighlighter, highlight_lines
from laam.compare.original import Original
from laam.compare.render import Row, rows_of
from laam.compare.score import RunningScore, Score, score_text
from laam.corpus.lines import line_digest, split_lines


@dataclass(frozen=True)
class Comparison:
    """A finished emission against its original. `complete`: the model ended by itself, and was not stopped or cut off."""

    original: Original
    text: str
    blocks: Sequence[Block]
    score: Score
    complete: bool

    @property
    def shown_blocks(self) -> Sequence[Block]:
        """The blocks up to where the emission got: without the original's unwritten tail, where it was stopped."""
        if self.complete or not self.blocks or self.blocks[-1].kind in ("equal", "insert"):
            return self.blocks
        *before, last = self.blocks
        lines = last.emitted_end - last.emitted_start
        cut = replace(last, original_end=min(last.original_end, last.original_start + lines))
        return [*before, cut] if lines else before

    @cached_property
    def rows(self) -> list[Row]:
        """All rows of the shown blocks."""
        lines = split_lines(self.text)
        highlighted = highlight_lines(lines, self.original.file.path)
        opened = {line_digest(line): html for line, html in zip(lines, highlighted, strict=True)}
        return rows_of(self.shown_blocks, lines, highlighted, self.original, opened)


def compare_text(
    text: str, original: Original, *, prompt_characters: int = 0, line_files: Mapping[int, int] | None = None, complete: bool = True
) -> Comparison:
    """Align and score a whole text. `line_files`: in how many files of the kernel a line's digest occurs."""
    blocks = align([line_digest(line) for line in split_lines(text)], original.digests)
    score = score_text(text, original, blocks, prompt_characters=prompt_characters, line_files=line_files)
    return Comparison(original, text, blocks, score, complete)


class LiveComparison:
    """Takes an emission in pieces and gives its rows as they settle, each once and in order.

    A line is looked at when its newline has come. `blocks` are those settled so far; the end of the emission is aligned
    anew, as a whole, by `compare_text`.
    """

    def __init__(self, original: Original) -> None:
        self.original = original
        self.blocks: list[Block] = []
        self.running = RunningScore(original.lengths)
        self._aligner = StreamAligner(original.digests)
        self._highlighter = LineHighlighter(original.file.path)
        self._lines: list[str] = []
        self._highlighted: list[str] = []
        self._opened: dict[int, str] = {}

    def feed(self, lines: Sequence[str]) -> list[Row]:
        """Take whole lines, each with its newline; return the rows that are settled by them."""
        digests = [line_digest(line) for line in lines]
        highlighted = self._highlighter.feed(lines)
        self._lines.extend(lines)
        self._highlighted.extend(highlighted)
        self._opened.update(zip(digests, highlighted, strict=True))
        blocks = self._aligner.feed(digests)
        self.blocks.extend(blocks)
        self.running.add(blocks)
        return rows_of(blocks, self._lines, self._highlighted, self.original, self._opened)
