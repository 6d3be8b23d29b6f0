"""An emission compared while it is written: rows as they settle, and the comparison that counts at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from laam.compare.align import Block, StreamAligner, align, first_blocks
from laam.compare.highlight import LineHighlighter, State, highlight_first
from laam.compare.instead import Instead
from laam.compare.lead import NO_LEAD, Lead, LiveLead, lead_rows, sections, split_answers, states
from laam.compare.render import NOWHERE, Row, highlight_original, line_marks, rows_of, tick_marks
from laam.compare.score import RunningScore, Score, score_text
from laam.corpus.lines import digested_lines, line_digest, split_lines
from laam.corpus.original import Original, text_of


@dataclass(frozen=True)
class Part:
    """What answered one prompt. `lead`: the source that stands before it; `rest`: the end of the line in which the lead breaks off;
    `text`: the lines after it, which are compared; `blocks`: their alignment, numbered through all parts."""

    lead: Lead
    rest: str
    text: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Comparison:
    """A finished emission against its original. `complete`: the model ended by itself, and was not stopped or cut off.

    `original`: its lines of which no prompt gave a part. `text`: all that was written, and `parts` what of it is compared, see
    `laam.compare.lead`. `instead`: the file that it is of, if that was looked for.
    """

    original: Original
    text: str
    parts: Sequence[Part]
    score: Score
    complete: bool
    instead: Instead | None = None

    @property
    def counted(self) -> str:
        """The lines that are compared."""
        return "".join(part.text for part in self.parts)

    @property
    def blocks(self) -> Sequence[Block]:
        """The whole alignment."""
        return [block for part in self.parts for block in part.blocks]

    @property
    def shown_blocks(self) -> Sequence[Block]:
        """The blocks as far as the emission got; if it was stopped, without the original's unwritten tail."""
        return [block for blocks in self._shown_blocks for block in blocks]

    @property
    def _shown_blocks(self) -> Sequence[Sequence[Block]]:
        """The same of each part."""
        *before, last = (part.blocks for part in self.parts)
        return [*before, last if self.complete else _as_far_as_written(last)]

    @property
    def cut(self) -> tuple[int, int | None] | None:
        """The written line that was cut off where the emission ended, and the original's line beside it, both counted from 0; None if there
        is none, or if it was already wrong. Of a sealed line only its length can tell that, unless just the newline is missing. If another
        file was written instead, no line stands beside it."""
        _, _, piece = self.parts[-1].text.rpartition("\n")
        last = self._shown_blocks[-1][-1] if self._shown_blocks[-1] else None
        if self.complete or not piece or last is None or last.kind not in ("replace", "insert"):
            return None
        e, o = last.emitted_end - 1, last.original_start + last.emitted_end - 1 - last.emitted_start
        if self.instead:
            return e, None
        if o >= last.original_end:
            return None
        text = self.original.line(o)
        fits = len(piece) < self.original.lengths[o] - 1 or line_digest(f"{piece}\n") == self.original.digests[o]
        return (e, o) if (fits if text is None else text.startswith(piece)) else None

    @property
    def rows(self) -> list[Row]:
        """All rows: of each part the lead's, then those of the shown blocks. Made anew at each use: they take several times the memory of
        the text."""
        highlighter = LineHighlighter(self.original.file.path)
        lines, highlighted, leads = list[str](), list[str](), list[list[Row]]()
        for part, state in zip(self.parts, states([part.lead for part in self.parts], self.original), strict=True):
            highlighter.state = state
            leads.append(lead_rows(part.lead, part.rest, self.original, highlighter))
            lines += (own := split_lines(part.text))
            highlighted += highlighter.feed(own)
        opened = {line_digest(line): html for line, html in zip(lines, highlighted, strict=True)}
        exact = all(block.kind == "equal" for block in self.shown_blocks)
        original_html = None if exact else highlight_original(self.original)
        elsewhere = self.instead.places if self.instead else NOWHERE
        cut, _ = self.cut or (None, None)
        rows = list[Row]()
        for lead, blocks in zip(leads, self._shown_blocks, strict=True):
            shown = rows_of(blocks, lines, highlighted, self.original, opened, original_html=original_html, elsewhere=elsewhere, cut=cut)
            rows += lead + shown
        return rows

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
        _, cut = self.cut or (None, None)
        return line_marks(self.shown_blocks, self.original, [part.lead.lines for part in self.parts], cut)

    @property
    def ticks(self) -> str:
        return tick_marks(self.marks)


def _as_far_as_written(blocks: Sequence[Block]) -> Sequence[Block]:
    """Without the original's lines after the last one that was written, or passed over."""
    if not blocks or blocks[-1].kind in ("equal", "insert"):
        return blocks
    *before, last = blocks
    lines = last.emitted_end - last.emitted_start
    cut = replace(last, original_end=min(last.original_end, last.original_start + lines))
    return [*before, cut] if lines else before


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
    return compare_answers(
        [text], original, [lead], prompt_characters=prompt_characters, line_files=line_files, reach=reach, complete=complete
    )


def compare_answers(
    texts: Sequence[str],
    original: Original,
    leads: Sequence[Lead],
    *,
    prompt_characters: int = 0,
    line_files: Mapping[int, int] | None = None,
    reach: int | None = None,
    complete: bool = True,
) -> Comparison:
    """The same of a text with several leads, see `laam.compare.lead`. `texts`: what was written after each; the last ones may be missing.
    `original`: its lines of which no lead has a part."""
    parts, lines, cut_short = list[Part](), 0, False
    for (lead, rest, text), section in zip(split_answers(leads, texts), sections(leads, original), strict=False):
        digests, part = [digest for _, digest in digested_lines(text)], slice(section.start, section.stop)
        alignment = align(digests, original.digests[part], original.lengths[part], lines, section.start)
        parts.append(Part(lead, rest, text, alignment.blocks))
        lines, cut_short = lines + len(digests), cut_short or alignment.cut_short
    score = score_text(
        "".join(part.text for part in parts),
        original,
        [block for part in parts for block in part.blocks],
        written="".join(texts),
        prompt_characters=prompt_characters,
        line_files=line_files,
        reach=None if reach is None else max(0, reach - len(parts[0].rest)),
        cut_short=cut_short,
    )
    return Comparison(original, "".join(texts), parts, score, complete)


class LiveComparison:
    """Takes an emission in pieces and gives its rows as they settle, each once and in order.

    A line is compared once its newline has come. `blocks` are the blocks settled so far; at the end `compare_text` aligns the
    whole emission anew. `leads`: all that will be given, see `laam.compare.lead`; the first one is given at once.
    """

    def __init__(self, original: Original, leads: Sequence[Lead] = (NO_LEAD,)) -> None:
        self.original = original
        self.blocks: list[Block] = []
        self.running = RunningScore(original)
        self._highlighter = LineHighlighter(original.file.path)
        self._ends = [section.stop for section in sections(leads, original)]
        self._all_leads = leads
        self._leads = [LiveLead(leads[0], original, self._highlighter)]
        self._aligner = StreamAligner(original.digests, original.lengths, end=self._ends[0])
        self._lines: list[str] = []
        self._highlighted: list[str] = []
        self._opened: dict[int, str] = {}

    def feed(self, lines: Sequence[str]) -> list[Row]:
        """Take whole lines, each with its newline; return the rows that settle with them."""
        rows, lines = self._leads[-1].feed(lines)
        digests = [line_digest(line) for line in lines]
        highlighted = self._highlighter.feed(lines)
        self._lines.extend(lines)
        self._highlighted.extend(highlighted)
        self._opened.update(zip(digests, highlighted, strict=True))
        return rows + self._settled(self._aligner.feed(digests))

    def follow(self, lead: Lead) -> list[Row]:
        """The next lead is given, with the line that was under way; return the rows that settle of what came before it."""
        rows = self._leads[-1].finish() + self._settled(self._aligner.finish())
        self._highlighter.state = self._states[len(self._leads)]
        self._leads.append(LiveLead(lead, self.original, self._highlighter))
        self._aligner.end = self._ends[len(self._leads) - 1]
        return rows

    def _settled(self, blocks: Sequence[Block]) -> list[Row]:
        self.blocks.extend(blocks)
        self.running.add(blocks)
        return rows_of(blocks, self._lines, self._highlighted, self.original, self._opened, original_html=self._original_html)

    @property
    def ticks(self) -> str:
        return tick_marks(line_marks(self.blocks, self.original, [live.lead.lines for live in self._leads]))

    @cached_property
    def _states(self) -> list[State]:
        return states(self._all_leads, self.original)

    @cached_property
    def _original_html(self) -> list[str] | None:
        return highlight_original(self.original)
