"""How much of an original an emission reproduced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from rapidfuzz.distance import Levenshtein

from laam.compare.align import Block
from laam.compare.original import Original
from laam.corpus.lines import source_bytes

COMMON_FILES = 10  # a line that occurs in more files than this is boilerplate


@dataclass(frozen=True)
class Score:
    """One emission held against one original. Characters are counted with their newline.

    Original lines that stood in the prompt are taken out of everything but `original_sha256`, and the text of the prompt is
    never part of the emission. An *exact line* is one that an equal block of the alignment holds: written exactly, and in order.
    """

    reproduced: float
    """exact_characters ÷ original_characters, 0…1. An empty original is reproduced (1.0) by an empty emission only."""
    verbatim: float
    """exact_characters ÷ emitted_characters, 0…1; 0.0 for an empty emission."""
    exact_characters: int
    """Characters of the exact lines."""
    original_characters: int
    """Characters of the original, without the lines that stood in the prompt."""
    emitted_characters: int
    """Characters that the model wrote."""
    exact_lines: int
    original_lines: int
    """Lines of the original, without those that stood in the prompt."""
    emitted_lines: int
    """Lines that the model wrote; a last one without its newline counts."""
    longest_run: int
    """Most exact lines that follow each other on both sides."""
    sha256_identical: bool
    """Whether what the model wrote is the whole file, byte for byte."""
    emitted_sha256: str
    """Of the emission's bytes, in UTF-8."""
    original_sha256: str
    """Of the whole file, as the catalogue has it."""
    prompt_characters: int
    """Characters that the model was given."""
    without_boilerplate: float | None
    """`reproduced`, counted only over lines that occur in at most COMMON_FILES files of the kernel; None where that isn't known."""
    similarity: float | None
    """1 − edit distance ÷ characters of the longer text, 0…1, against the original without prompt lines; None where it is sealed."""

    def as_dict(self) -> dict[str, float | int | str | bool | None]:
        """The fields by name, ready for JSON."""
        return asdict(self)


def score_text(
    text: str,
    original: Original,
    blocks: Iterable[Block],
    *,
    prompt_lines: Sequence[range] = (),
    prompt_characters: int = 0,
    line_files: Mapping[int, int] | None = None,
) -> Score:
    """The score of an emission, from its alignment.

    `text`: what the model wrote, without the prompt. `blocks`: from `align` of its line digests with the original's. `prompt_lines`:
    half-open spans of original lines, counted from 0, that stood in the prompt. `prompt_characters`: how many characters the model was
    given. `line_files`: for a line's digest, in how many files of the kernel it occurs; a digest it lacks counts as rare.
    """
    given = {index for span in prompt_lines for index in span}
    counted = [index for index in range(len(original.lengths)) if index not in given]
    lengths = original.lengths
    running = RunningScore(lengths, prompt_lines)
    running.add(blocks := list(blocks))
    original_characters = sum(lengths[index] for index in counted)
    emitted_sha256 = sha256(source_bytes(text)).hexdigest()
    without_boilerplate = None
    if line_files is not None:
        rare = {index for index in counted if line_files.get(original.digests[index], 1) <= COMMON_FILES}
        exact_rare = rare.intersection(_exact_lines(blocks))
        without_boilerplate = _share(sum(map(lengths.__getitem__, exact_rare)), sum(map(lengths.__getitem__, rare)), text)
    return Score(
        reproduced=_share(running.exact_characters, original_characters, text),
        verbatim=running.exact_characters / len(text) if text else 0.0,
        exact_characters=running.exact_characters,
        original_characters=original_characters,
        emitted_characters=len(text),
        exact_lines=running.exact_lines,
        original_lines=len(counted),
        emitted_lines=text.count("\n") + (text[-1:] not in ("", "\n")),
        longest_run=running.longest_run,
        sha256_identical=emitted_sha256 == original.file.sha256,
        emitted_sha256=emitted_sha256,
        original_sha256=original.file.sha256,
        prompt_characters=prompt_characters,
        without_boilerplate=without_boilerplate,
        similarity=_similarity(text, original, counted, running.exact_characters) if original.has_text else None,
    )


class RunningScore:
    """The score so far, from blocks as they settle; each call costs only the new lines. `lengths`: characters of the original's lines."""

    def __init__(self, lengths: Sequence[int], prompt_lines: Sequence[range] = ()) -> None:
        self._lengths = lengths
        self._given = frozenset(index for span in prompt_lines for index in span)
        self._run = 0
        self._run_end = (0, 0)  # the emitted and the original line at which the current run would go on
        self.exact_characters = 0
        self.exact_lines = 0
        self.longest_run = 0

    def add(self, blocks: Iterable[Block]) -> None:
        """Count the next blocks, which follow on the ones before."""
        for block in blocks:
            if block.kind != "equal":
                continue
            if (block.emitted_start, block.original_start) != self._run_end:
                self._run = 0
            for index in range(block.original_start, block.original_end):
                if index in self._given:
                    self._run = 0
                    continue
                self._run += 1
                self.longest_run = max(self.longest_run, self._run)
                self.exact_lines += 1
                self.exact_characters += self._lengths[index]
            self._run_end = (block.emitted_end, block.original_end)


def _exact_lines(blocks: Iterable[Block]) -> Iterable[int]:
    return (index for block in blocks if block.kind == "equal" for index in range(block.original_start, block.original_end))


def _share(exact: int, characters: int, text: str) -> float:
    """Exact ÷ all characters; where there are none, 1.0 for an empty emission and 0.0 for any other."""
    return exact / characters if characters else float(not text)


def _similarity(text: str, original: Original, lines: Sequence[int], exact_characters: int) -> float:
    """Normalised Levenshtein similarity. What is known to be exact only tells the search where to begin: it changes no result."""
    expected = "".join(original.line(index) or "" for index in lines)
    longer = max(len(text), len(expected), 1)
    return Levenshtein.normalized_similarity(text, expected, score_hint=exact_characters / longer)
