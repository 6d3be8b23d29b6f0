"""The traits that the lines of a text have in common, and how each is undone: of mail, an editor, a listing or another system."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from os.path import commonprefix

MOST = 0.9  # the share of lines that must show a trait for it to count
BYTE_ORDER_MARK = "\ufeff"
MARKS = ("+", "-", "> ", ">", "| ", "|")
SEPARATORS = ("\t", ": ", ":", " | ", "| ", "|", ". ", ".", ") ", ")", "  ", " ", "")  # between a line's number and the line
TRAILING = 8  # how many blanks at a line's end may be the original's own
BLANKS = (1, 2, 4, 6, 8)
INDENTATIONS = (*("\t" * tabs for tabs in range(1, 7)), *(" " * blanks for blanks in BLANKS))  # that a line may have lost
WIDTHS = (8, 4)  # how many columns a tab may have filled
TABBED = 1_000  # characters of a line whose tabs are looked for

SPELLINGS = {
    "characters are written as HTML entities": {
        "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#34;": '"', "&apos;": "'", "&#39;": "'", "&#x27;": "'", "&#038;": "&",
        "&nbsp;": "\u00a0", "&#160;": "\u00a0",
    },
    "blanks are written as other blanks": dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
    "characters without width stand in it": dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    "quotation marks and dashes are a typographer’s": {
        "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "...", "–": "--", "—": "--",
    },
}  # fmt: skip
"""What web pages and word processors make of characters, and what each was before; in the order in which it is undone."""

_NUMBER = re.compile(r" *(\d+)")

Undo = Callable[[str], Iterable[str]]
"""What a line, without its newline, may have been before; the likeliest first."""


@dataclass(frozen=True)
class Trait:
    """`what`: a clause of a sentence. `undo`: what a line may have been before."""

    what: str
    undo: Undo


Look = Callable[[Sequence[str]], Trait | None]
"""Finds a trait that most lines, without their newlines, show."""


def traits_of(lines: Sequence[str], marks: Sequence[Look] | None = None) -> list[Trait]:
    """The traits that the lines show, in the order in which they are removed. `marks`: what looks for what stands before the lines, if it
    isn't what every line must have: a number, a mark, an indentation."""
    bodies = [line.removesuffix("\n") for line in lines]
    traits: list[Trait] = []
    spellings = [partial(_spelling, what=what, before=before) for what, before in SPELLINGS.items()]
    marks = [_numbers, _mark, _indentation] if marks is None else marks
    looks: list[Look] = [_byte_order_mark, *spellings, _carriage_return, _trailing, *marks, _tabs]
    for look in looks:
        trait = look(bodies)
        if trait:
            traits.append(trait)
            bodies = [next(iter(trait.undo(body))) for body in bodies]
    return traits


def _byte_order_mark(bodies: Sequence[str]) -> Trait | None:
    if not bodies[0].startswith(BYTE_ORDER_MARK):
        return None
    return Trait("the text begins with a byte order mark", lambda body: [body.removeprefix(BYTE_ORDER_MARK)])


def _spelling(bodies: Sequence[str], what: str, before: Mapping[str, str]) -> Trait | None:
    spelt = re.compile("|".join(map(re.escape, before)))
    if not any(spelt.search(body) for body in bodies):
        return None
    return Trait(what, lambda body: [spelt.sub(lambda found: before[found[0]], body), body])


def _carriage_return(bodies: Sequence[str]) -> Trait | None:
    if not most(body.endswith("\r") for body in bodies):
        return None
    return Trait("each line ends with CR LF", lambda body: [body.removesuffix("\r")])


def _trailing(bodies: Sequence[str]) -> Trait | None:
    if not most(body.endswith((" ", "\t")) for body in bodies if body.strip()):
        return None
    added = min(len(body) - len(body.rstrip(" \t")) for body in bodies if body.strip())
    return Trait("each line has blanks at its end", partial(_without_trailing, added=added))


def _without_trailing(body: str, added: int) -> Iterable[str]:
    bare = len(body.rstrip(" \t"))
    own = range(bare, min(len(body), bare + TRAILING) + 1)
    return (body[:end] for end in (max(bare, len(body) - added), *own))


def _numbers(bodies: Sequence[str]) -> Trait | None:
    numbers = [int(found[1][:9]) for body in bodies if (found := _NUMBER.match(body))]
    counted = [after == before + 1 for before, after in pairwise(numbers)]
    if not most(counted) or not most(_NUMBER.match(body) is not None for body in bodies if body.strip()):
        return None
    rests = [body[found.end() :] for body in bodies if (found := _NUMBER.match(body))]
    separators = [each for each in SEPARATORS if most(rest.startswith(each) or rest == each.rstrip(" ") for rest in rests)]
    return Trait("a number stands before each line", partial(_without_number, separators=separators))


def _without_number(body: str, separators: Sequence[str]) -> Iterable[str]:
    found = _NUMBER.match(body)
    if not found:
        return [body.strip(), body]  # a blank line may have no number
    rest = body[found.end() :]
    return (rest.removeprefix(each if rest.startswith(each) else each.rstrip(" ")) for each in separators)


def _mark(bodies: Sequence[str]) -> Trait | None:
    for mark in MARKS:
        if most(body.startswith(mark) or body == mark.rstrip() for body in bodies):
            return Trait(f"“{mark.rstrip()}” stands before each line", partial(_without_mark, mark=mark))
    return None


def _without_mark(body: str, mark: str) -> Iterable[str]:
    return [body.removeprefix(mark if body.startswith(mark) else mark.rstrip()), body]


def _indentation(bodies: Sequence[str]) -> Trait | None:
    common = commonprefix([body for body in bodies if body.strip()])  # noqa: RUF071  (of characters is what is meant)
    indentation = common[: len(common) - len(common.lstrip(" \t"))]
    if not indentation:
        return None
    return Trait("each line is indented", lambda body: [body.removeprefix(indentation), body])


def unindented(bodies: Sequence[str]) -> Trait | None:
    """White space that is missing before each line."""
    if not most(body[:1] not in ("\t", " ") for body in bodies if body):
        return None
    return Trait("white space at the beginning of lines is missing", lambda body: [body, *(f"{blanks}{body}" for blanks in INDENTATIONS)])


def _tabs(bodies: Sequence[str]) -> Trait | None:
    indented = [body for body in bodies if body[:1] in ("\t", " ") and body.strip()]
    spaced = [body for body in bodies if "\t" in body or "  " in body]
    if not most(body[0] == " " for body in indented) and not most("\t" not in body for body in spaced):
        return None
    return Trait("tabs are written as blanks", with_tabs)


def with_tabs(body: str) -> Iterator[str]:
    """What the line may have been before its tabs became blanks, the likeliest first; the line itself comes last."""
    if "  " in body and len(body) <= TABBED:
        code = body.lstrip(" ")
        blanks = len(body) - len(code)
        for width in WIDTHS:
            indentation = "\t" * (blanks // width) + " " * (blanks % width)
            yield indentation + code
            yield body.replace(" " * width, "\t")
            yield indentation + re.sub(f" {{{width},}}", lambda run: " " * (len(run[0]) % width) + "\t" * (len(run[0]) // width), code)  # noqa: B023
            yield from (_with_tab_stops(body, width, least) for least in (2, 1))
    yield body


def _with_tab_stops(body: str, width: int, least: int) -> str:
    """The line with a tab for each run of blanks that reaches a tab stop; for a single blank only if another follows, or `least` is 1."""
    tabbed = body
    for stop in reversed(range(width, len(body) + 1, width)):
        if body[stop - 1] == " " and (least == 1 or body[stop - 2] == " " or body[stop : stop + 1] == " "):
            tabbed = tabbed[: max(stop - width, len(body[:stop].rstrip(" ")))] + "\t" + tabbed[stop:]
    return tabbed


def most(holds: Iterable[bool]) -> bool:
    """Whether it holds for most; False for none at all."""
    all_of_them = list(holds)
    return bool(all_of_them) and sum(all_of_them) >= MOST * len(all_of_them)
