"""What a moving card shows of an emission: its first lines, one after the other, and then how the rest of the file comes back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, zip_longest

from laam.compare.highlight import shown
from laam.compare.live import Comparison
from laam.corpus.lines import split_lines
from laam.corpus.original import whole_of
from laam.emission import wording
from laam.emission.transcript import Finished
from laam.serving.summary import Summary

WRITTEN = 24  # rows that are written one after the other
AHEAD = 18  # rows that may stand below them
CHARACTERS = 100  # of a row's text; more than a card has room for
TAB = 4


@dataclass(frozen=True)
class SceneRow:
    """A row of the scene. `text`: what the model wrote, None for a line that it didn't write; `bar`: the characters of the original's
    line, without the newline, None if the original has no such line. `reached`: how many lines of the file are decided with this row.
    `sign`: `∈` if it is a line of the file that was written instead, `…` if it was cut off.
    """

    text: str | None
    bar: int | None
    reached: int
    sign: str = ""


@dataclass(frozen=True)
class Scene:
    """`rows`: the first rows, WRITTEN of them to be written. `exact`: of the characters that the number counts, those that came
    back within so many lines of the file; `characters`: all of them."""

    summary: Summary
    rows: Sequence[SceneRow]
    exact: Sequence[int]
    characters: int

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.summary.marks)

    def percent(self, reached: int) -> str:
        """The number once so many lines of the file are decided."""
        return self.summary.headline.percent if reached >= self.lines else wording.percent(self.exact[reached] / max(1, self.characters))

    def marks(self, reached: int) -> str:
        """The marks of all lines once so many of them are decided."""
        marks = self.summary.marks
        return marks[:reached] + "".join("·" if mark == "·" else "." for mark in marks[reached:])


def scene_of(summary: Summary, finished: Finished) -> Scene:
    """The scene of an emission that was held against a file. Of the original, it has lengths only."""
    compared = finished.compared
    if not isinstance(compared, Comparison):
        raise ValueError(f"{finished.receipts.title} is held against no file, so it has no card")
    asked = compared.original.numbers[: summary.headline.lines]
    lengths = [length if line in asked else 0 for line, length in enumerate(summary.lengths)]
    exact = accumulate((length if mark == "=" else 0 for length, mark in zip(lengths, summary.marks, strict=True)), initial=0)
    rows = _rows(compared, split_lines(compared.counted))
    # Of a file that was written instead, what was written.
    shown_rows = (row for row in rows if row.text is not None or not compared.instead)
    return Scene(summary, list(islice(shown_rows, WRITTEN + AHEAD)), list(exact), sum(lengths))


def _rows(compared: Comparison, written: Sequence[str]) -> Iterator[SceneRow]:
    """In order; a line that was written otherwise stands before the original's."""
    original, elsewhere = compared.original, compared.instead.lines if compared.instead else ()
    cut, beside = compared.cut or (None, None)
    reached = original.numbers[0] if original.numbers else len(whole_of(original).digests)
    for block in compared.shown_blocks:
        for e, o in zip_longest(range(block.emitted_start, block.emitted_end), range(block.original_start, block.original_end)):
            text = None if e is None else shown(written[e][:CHARACTERS]).expandtabs(TAB)
            bar = None if o is None else original.lengths[o] - 1
            after = reached if o is None else original.numbers[o] + 1
            if block.kind == "equal":
                yield SceneRow(text, bar, after)
            elif e is not None and (e, o) == (cut, beside):
                yield SceneRow(text, bar, after, "…")
            else:
                if text is not None:
                    yield SceneRow(text, None, reached, "∈" if e in elsewhere else "…" if e == cut else "")
                if bar is not None:
                    yield SceneRow(None, bar, after)
            reached = after
