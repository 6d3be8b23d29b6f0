"""What stands before the lines of a text that are somebody's: a mark of mail, a comment or a patch, a number, an indentation."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from laam.compare.traits import Trait, most, with_tabs
from laam.compare.undoing import spread

LOOKED_AT, LONGEST_LINE = 400, 400  # lines of a text that are looked at, and the characters of one
LONGEST = 24  # characters of a mark
LINES, SHARE = 2, 0.05  # that must be known without a mark, for it to be one: so many, and this part of those with any mark

_NUMBER, _BLANKS = r" *\d+", "blanks"


def find_marks(bodies: Sequence[str], tells: Callable[[str], bool]) -> Trait | None:
    """The marks without which some lines tell something. Marks that differ only in their numbers, and in blanks before those, are one mark.
    `tells`: whether a line, without its newline, is known and tells something."""
    some = [body for body in spread(bodies, LOOKED_AT) if len(body) <= LONGEST_LINE]
    heads = Counter(head for body in some for _, head in _heads(body))

    def mark_of(body: str) -> str | None:
        """The shortest one without which the line tells something."""
        marks = ((end, head) for end, head in _heads(body) if heads[head] >= LINES)
        return next((head for end, head in marks if any(map(tells, with_tabs(body[end:])))), None)

    found = Counter(mark for body in some if not tells(body) and (mark := mark_of(body)))
    marks: list[str] = []
    for mark, lines in found.most_common():
        if lines >= max(LINES, SHARE * found.total()) and not any(mark.startswith(other) or other.startswith(mark) for other in marks):
            marks.append(mark)
    patterns = [re.compile(_NUMBER.join(map(re.escape, mark.split("0")))) for mark in marks]
    everywhere = most(any(pattern.match(body) for pattern in patterns) for body in some if body.strip())
    names = " and ".join(dict.fromkeys(map(_name, marks)))
    what = f"{names} {'stand' if ' and ' in names or names == _BLANKS else 'stands'} before {'each line' if everywhere else 'many lines'}"
    return Trait(what, partial(_without_mark, patterns=patterns, own_first=not everywhere)) if marks else None


def _heads(body: str) -> Iterator[tuple[int, str]]:
    """The beginnings of a line, each with its end, with 0 for each number and the blanks before it; none ends within a number."""
    for end in range(1, min(LONGEST, len(body)) + 1):
        if not (body[end - 1].isdigit() and body[end : end + 1].isdigit()):
            yield end, re.sub(_NUMBER, "0", body[:end])


def _without_mark(body: str, patterns: Sequence[re.Pattern[str]], *, own_first: bool) -> Iterator[str]:
    if own_first:
        yield body
    # a blank line may have lost the blanks at the mark's end
    yield from (body[found.end() :] for pattern in patterns if (found := pattern.match(f"{body}  ")))
    if not own_first:
        yield body


def _name(mark: str) -> str:
    bare = mark.strip(" \t:|.)0")
    if not bare:
        return "a number" if "0" in mark else _BLANKS
    if not bare.isprintable():
        return "a mark"
    return f"“{mark.strip().replace('0', '1')}”" if "0" in mark else f"“{bare}”"
