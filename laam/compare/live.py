"""An emission compared while it is written: rows as they settle, and the comparison that counts at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from laam.compare.align import Block, StreamAligner, align, first_blocks
from laam.compare.highlight import LineHighlighter, highlight_first, highlight_lines
from laam.compare.lead import NO_LEAD, Lead, LiveLead, lead_rows
from laam.compare.render import Row, highlight_original, line_marks, rows_of, tick_marks
from laam.compare.score import RunningScore, Score, score_text
from laam.corpus.lines import digested_lines, line_digest, split_lines
from laam.corpus.original import Original, text_of


@dataclass(frozen=True)
class Comparison:
    """A finished emission against its original. `complete`: the model ended by itself, and was not stopped or cut off.

    `text` is all that was written; the end of the line in which the lead breaks off is not compared.
    """

    original: Original
    text: str
    blocks: Sequence[Block]
    score: Score
    complete: bool
    lead: Lead = NO_LEAD

    @property
    def shown_blocks(self) -> Sequence[Block]:
        """The blocks as far as the emission got; if it was stopped, without the original's unwritten tail."""
        if self.complete or not self.blocks or self.blocks[-1].kind in ("equal", "insert"):
            return self.blocks
        *before, last = self.blocks
        lines = last.emitted_end - last.emitted_start
        cut = replace(last, original_end=min(last.original_end, last.original_start + lines))
        return [*before, cut] if lines else before

    @property
    def rows(self) -> list[Row]:
        """All rows: first of the lead, then of the shown blocks. Made anew at each use: they take several times the memory of the text."""
        rest, counted = self.lead.split(self.text)
        lines = split_lines(counted)
        highlighted = highlight_lines(lines, self.original.file.path)
        opened = {line_digest(line): html for line, html in zip(lines, highlighted, strict=True)}
        return lead_rows(self.lead, rest, self.original) + rows_of(self.shown_blocks, lines, highlighted, self.original, opened)

    def first_rows(self, characters: int) -> tuple[list[Row], int]:
        """Rows of the shown blocks, of a readable original and without a lead, as far as either side's HTML has `characters` characters;
        and how many lines of the text they show."""
        lines, path = split_lines(self.text), self.original.file.path
        left = highlight_first(lines, path, characters)
        right = highlight_first(split_lines(text_of(self.original)), path, characters)
        blocks = list(first_blocks(self.shown_blocks, len(left), len(right)))
        return rows_of(blocks, lines, left, self.original, {}, original_html=right), blocks[-1].emitted_end if blocks else 0

    @property
    def marks(self) -> str:
        """A mark for each line of the original's file, see `line_marks`."""
        return line_marks(self.shown_blocks, self.original, self.lead.lines)

    @property
    def ticks(self) -> str:
        return tick_marks(self.marks)


def compare_text(
    text: str,
    original: Original,
    *,
    lead: Lead = NO_LEAD,
    prompt_characters: int = 0,
    line_files: Mapping[int, int] | None = None,
    reach: int | None = None,
    complete: bool = True,
) -> Comparison:
    """Align and score a whole text. `line_files`: the number of files of the kernel in which a line occurs, by its digest.

    `lead`: source that was given before; `original` is what follows it. `reach`: how many characters of `text` the model wrote
    until its window was full.
    """
    rest, counted = lead.split(text)
    blocks, cut_short = align([digest for _, digest in digested_lines(counted)], original.digests, original.lengths)
    score = score_text(
        counted,
        original,
        blocks,
        before=rest,
        prompt_characters=prompt_characters,
        line_files=line_files,
        reach=None if reach is None else max(0, reach - len(rest)),
        cut_short=cut_short,
    )
    return Comparison(original, text, blocks, score, complete, lead)


class LiveComparison:
    """Takes an emission in pieces and gives its rows as they settle, each once and in order.

    A line is compared once its newline has come. `blocks` are the blocks settled so far; at the end `compare_text` aligns the
    whole emission anew.
    """

    def __init__(self, original: Original, lead: Lead = NO_LEAD) -> None:
        self.original = original
        self.blocks: list[Block] = []
        self.running = RunningScore(original.lengths)
        self._lead = LiveLead(lead, original)
        self._aligner = StreamAligner(original.digests, original.lengths)
        self._highlighter = LineHighlighter(original.file.path)
        self._lines: list[str] = []
        self._highlighted: list[str] = []
        self._opened: dict[int, str] = {}

    def feed(self, lines: Sequence[str]) -> list[Row]:
        """Take whole lines, each with its newline; return the rows that settle with them."""
        rows, lines = self._lead.feed(lines)
        digests = [line_digest(line) for line in lines]
        highlighted = self._highlighter.feed(lines)
        self._lines.extend(lines)
        self._highlighted.extend(highlighted)
        self._opened.update(zip(digests, highlighted, strict=True))
        blocks = self._aligner.feed(digests)
        self.blocks.extend(blocks)
        self.running.add(blocks)
        return rows + rows_of(blocks, self._lines, self._highlighted, self.original, self._opened, original_html=self._original_html)

    @property
    def ticks(self) -> str:
        return tick_marks(line_marks(self.blocks, self.original, self._lead.lead.lines))

    @cached_property
    def _original_html(self) -> list[str] | None:
        return highlight_original(self.original)
