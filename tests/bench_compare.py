"""How long the comparison takes on made-up files, beside difflib: `python -m tests.bench_compare`. Not a test.

The first two are the bounds that the alignment keeps: a file as long as the longest of Linux 1.0 with 500 wrong lines, and a text of 40,000
lines against it. *kept*: characters of the original in matched lines. The seconds are the processor's, so a busy machine shows the same.
"""

import difflib
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from time import process_time
from typing import TypeVar

from laam.compare import highlight
from laam.compare.align import StreamAligner, align
from laam.compare.render import highlight_original, render_rows, rows_of
from laam.compare.score import RunningScore, score_text
from laam.corpus.lines import split_lines
from tests.compare.made_up import MadeUpOriginal, digests_of, edit_source, make_source

LINES, BATCHES = 3_000, 93
LONGEST, WRONG, ENDLESS = 3_725, 500, 40_000  # lines
Result = TypeVar("Result")
Opcode = tuple[str, int, int, int, int]


class ReadyOriginal:
    """A MadeUpOriginal whose lines and digests are computed once."""

    def __init__(self, held: MadeUpOriginal) -> None:
        self.file, self.has_text, self._lines = held.file, held.has_text, split_lines(held.text)
        self.digests, self.lengths, self.numbers = held.digests, held.lengths, held.numbers

    def line(self, index: int, /) -> str | None:
        return self._lines[index] if self.has_text else None

    @cached_property
    def html(self) -> list[str] | None:
        return highlight_original(self)


def seconds(work: Callable[[], Result]) -> tuple[float, Result]:
    start = process_time()
    result = work()
    return process_time() - start, result


def kept_by(opcodes: Sequence[Opcode], lengths: Sequence[int]) -> int:
    return sum(sum(lengths[start:end]) for tag, _, _, start, end in opcodes if tag == "equal")


def measure_bounds() -> None:
    source = make_source(LONGEST)
    held, chance = MadeUpOriginal(source), random.Random(1)
    digests, lengths = held.digests, held.lengths
    wrong = list(digests)
    for place in chance.sample(range(LONGEST), WRONG):
        wrong[place] = -place - 1
    cases = {
        f"{LONGEST:,} lines, {WRONG} wrong": wrong,
        f"{ENDLESS:,} lines, the same again and again": (wrong * (ENDLESS // LONGEST + 1))[:ENDLESS],
    }
    for name, emitted in cases.items():
        align_time, blocks = seconds(lambda emitted=emitted: align(emitted, digests, lengths).blocks)  # type: ignore[misc]
        matcher = difflib.SequenceMatcher(None, emitted, digests, autojunk=False)
        difflib_time, opcodes = seconds(matcher.get_opcodes)
        running = RunningScore(held)
        running.add(blocks)
        print(
            f"{name:46} align {align_time:.3f} s, kept {running.exact_characters:,}"
            f"   difflib {difflib_time:.3f} s, kept {kept_by(opcodes, lengths):,}"
        )


def measure(name: str, emitted: str, held: MadeUpOriginal) -> None:
    original = ReadyOriginal(held)
    lines, digests = split_lines(emitted), digests_of(emitted)
    highlight._highlight_line_cached.cache_clear()
    highlight._word_tag.cache_clear()
    colour_time, coloured = seconds(lambda: highlight.highlight_lines(lines, held.path))
    align_time, blocks = seconds(lambda: align(digests, original.digests, original.lengths).blocks)
    rows_time, page = seconds(lambda: render_rows(rows_of(blocks, lines, coloured, original, {}, original_html=original.html)))
    score_time, score = seconds(lambda: score_text(emitted, original, blocks))
    difflib_time, opcodes = seconds(lambda: difflib.SequenceMatcher(None, digests, original.digests, autojunk=False).get_opcodes())
    junk_time, _ = seconds(lambda: difflib.SequenceMatcher(None, digests, original.digests).get_opcodes())

    def stream() -> None:
        aligner = StreamAligner(original.digests, original.lengths)
        for at in range(0, len(digests), LINES // BATCHES):
            aligner.feed(digests[at : at + LINES // BATCHES])
        aligner.finish()

    stream_time, _ = seconds(stream)
    total = colour_time + align_time + rows_time
    print(
        f"{name:30} {'text' if held.has_text else 'sealed':6} reproduced {score.reproduced:.4f}  colour {colour_time:.3f}"
        f"  align {align_time:.3f}"
        f"  rows {rows_time:.3f}  sum {total:.3f} s  {len(page):,} B  score {score_time:.3f}  stream {stream_time:.3f}"
        f"  difflib {difflib_time:.3f} ({difflib_time / max(align_time, 1e-6):.1f}x)  with autojunk {junk_time:.3f}"
        f"  difflib keeps {kept_by(opcodes, original.lengths) / len(held.text):.4f}"
    )


def main() -> None:
    measure_bounds()
    source = make_source(LINES)
    cases = {
        "exact": source,
        "1 % of the lines edited": edit_source(source, 0.01),
        "5 %": edit_source(source, 0.05),
        "30 %": edit_source(source, 0.3),
        "another file": make_source(LINES, seed=9),
        "every line a little different": "".join(f"{line[:-1]}.\n" for line in split_lines(source)),
        "a loop of blanks and braces": "\n\t}\n}\n" * (LINES // 3),
    }
    for name, emitted in cases.items():
        for has_text in (True, False):
            measure(name, emitted, replace(MadeUpOriginal(source), has_text=has_text))


if __name__ == "__main__":
    main()
