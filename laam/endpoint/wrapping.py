"""What stands around the text in a chat model's answer: thoughts, a code fence, words before it, and white space that is missing."""

import re
from dataclasses import dataclass

from laam.corpus.lines import split_lines

FENCE = "```"
_THOUGHTS = re.compile(r"\A\s*<think>(.*?)(?:</think>\n*|\Z)", re.DOTALL)
_THOUGHTS_ENDED = re.compile(r"\A(.*?)</think>\n*", re.DOTALL)
_PROSE_ENDS = (":", ".", "!", "…")
_SEEN = 20  # characters by which a text is known to be the original's


@dataclass(frozen=True)
class Unwrapped:
    """An answer's `text`, and what was set apart: the `reasoning`, and how many characters stood `before` the code within a fence, in the
    `fence` itself, and `after` it."""

    text: str
    reasoning: str = ""
    before: int = 0
    fence: int = 0
    after: int = 0


def unwrapped(answer: str, original: str) -> Unwrapped:
    """A chat model's answer without its thoughts (`<think>…</think>`; some servers leave out the first mark, and an answer that was cut
    off has no second one) and without a code fence and what stands outside of it. What the `original` itself has stays.

    Of several fences the first counts. It may also close a block that the model took for open; then it has no name of a language, and what
    stands before it is no prose, as far as its end and the original's lines tell.
    """
    reasoning = ""
    if "think>" not in original and (found := _THOUGHTS.match(answer) or _THOUGHTS_ENDED.match(answer)):
        reasoning, answer = found[1], answer[found.end() :]
    if FENCE in original:
        return Unwrapped(answer, reasoning)
    lines = split_lines(answer)
    marks = [number for number, line in enumerate(lines) if line.startswith(FENCE)]
    if not marks:
        return Unwrapped(answer, reasoning)
    first, *others = marks
    prose = "".join(lines[:first]).rstrip()
    is_prose = prose.endswith(_PROSE_ENDS) or (len(others) > 0 and not has_line_of(prose, original))
    opens = not prose or is_prose or bool(lines[first].strip("`\n\r "))
    start, end = (first + 1, others[0] if others else len(lines)) if opens else (0, first)
    fences = [lines[number] for number in (first, *others[:1]) if number in (start - 1, end)]
    return Unwrapped(
        "".join(lines[start:end]),
        reasoning,
        before=len("".join(lines[: max(0, start - 1)])),
        fence=len("".join(fences)),
        after=len("".join(lines[end + 1 :])),
    )


def has_line_of(text: str, original: str) -> bool:
    """Whether some line of a text that isn't blank is one of the original's."""
    return not {line.rstrip("\n") for line in split_lines(text) if line.strip()}.isdisjoint(original.split("\n"))


def stripped_characters(text: str, original: str) -> int:
    """How many characters of white space are missing at the beginning of a text that is otherwise the original's. `original`: from where
    the text should go on."""
    rest, bare = original.lstrip(), text.lstrip()
    space, own = original[: len(original) - len(rest)], text[: len(text) - len(bare)]
    seen = min(_SEEN, len(rest), len(bare))
    known = seen > 0 and rest[:seen] == bare[:seen] and space.endswith(own)
    return len(space) - len(own) if known else 0
