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
WIDTHS = (8, 4)  # how many columns a tab may have filled

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


def traits_of(lines: Sequence[str]) -> list[Trait]:
    """The traits that the lines show, in the order in which they are removed."""
    bodies = [line.removesuffix("\n") for line in lines]
    traits: list[Trait] = []
    spellings = [partial(_spelling, what=what, before=before) for what, before in SPELLINGS.items()]
    looks: list[Callable[[Sequence[str]], Trait | None]]
    looks = [_byte_order_mark, *spellings, _carriage_return, _trailing, _numbers, _mark, _indentation, _tabs]
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
    if not _most(body.endswith("\r") for body in bodies):
        return None
    return Trait("each line ends with CR LF", lambda body: [body.removesuffix("\r")])


def _trailing(bodies: Sequence[str]) -> Trait | None:
    if not _most(body.endswith((" ", "\t")) for body in bodies if body.strip()):
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
    if not _most(counted) or not _most(_NUMBER.match(body) is not None for body in bodies if body.strip()):
        return None
    rests = [body[found.end() :] for body in bodies if (found := _NUMBER.match(body))]
    separators = [each for each in SEPARATORS if _most(rest.startswith(each) or rest == each.rstrip(" ") for rest in rests)]
    return Trait("a number stands before each line", partial(_without_number, separators=separators))


def _without_number(body: str, separators: Sequence[str]) -> Iterable[str]:
    found = _NUMBER.match(body)
    if not found:
        return [body.strip(), body]  # a blank line may have no number
    rest = body[found.end() :]
    return (rest.removeprefix(each if rest.startswith(each) else each.rstrip(" ")) for each in separators)


def _mark(bodies: Sequence[str]) -> Trait | None:
    for mark in MARKS:
        if _most(body.startswith(mark) or body == mark.rstrip() for body in bodies):
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


def _tabs(bodies: Sequence[str]) -> Trait | None:
    indented = [body for body in bodies if body[:1] in ("\t", " ") and body.strip()]
    if not _most(body[0] == " " for body in indented):
        return None
    return Trait("tabs are written as blanks", _with_tabs)


def _with_tabs(body: str) -> Iterator[str]:
    if "  " in body:
        code = body.lstrip(" ")
        blanks = len(body) - len(code)
        yield from ("\t" * (blanks // width) + " " * (blanks % width) + code for width in WIDTHS)
        yield from (_with_tab_stops(body, width) for width in WIDTHS)
    yield body


def _with_tab_stops(body: str, width: int) -> str:
    """The line with tabs for every run of blanks that reaches a tab stop, unless it is a single blank, as `unexpand -a` does it."""
    parts = [body[at : at + width] for at in range(0, len(body), width)]
    after = [*parts[1:], ""]
    return "".join(
        f"{part.rstrip(' ')}\t" if len(part) == width and (part.endswith("  ") or (part.endswith(" ") and following[:1] == " ")) else part
        for part, following in zip(parts, after, strict=True)
    )


def _most(holds: Iterable[bool]) -> bool:
    """Whether it holds for most; False for none at all."""
    all_of_them = list(holds)
    return bool(all_of_them) and sum(all_of_them) >= MOST * len(all_of_them)
