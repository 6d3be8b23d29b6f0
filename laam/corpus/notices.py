"""Copyright notices as facts – holders and years, no line of a file – and the work that each belongs to; or who wrote the file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath

NOTICE_CHARACTERS = 100
LINE_CHARACTERS = 400  # the part of a line that is looked at, so that an odd file costs no time
NEARBY_LINES = 8  # a work's name stands at most so many lines before its notice

_NOTICE = re.compile(r"(?:(?:\(c\)\s*)?\bcopyright\b\s*(?:\(c\)|©)?|(?<!\w)\(c\)|©)[\s:,]*(?P<rest>\S.*)?$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ONLY_YEARS = re.compile(r"[\d\s,–-]+")
_NAMES = re.compile(r"[A-Z][\w.'-]* (?:[A-Z][\w.'-]* ?){1,3}")
_ADDRESS = re.compile(r"[<(\[]?[^\s<>()\[\]]*@[^\s<>()\[\]]*[>)\]]?")
_RIGHTS = re.compile(r"all rights reserved|\(!\)", re.IGNORECASE)
_WHAT_FOLLOWS = re.compile(
    r"\s-+\s|;|, \d{1,3}\s|(?<=[a-z]{3})\.\s|\b(?:adapted|and is|as|for|hacked|modified|released|see|this|under|written)\b", re.IGNORECASE
)
_SIGNATURE = re.compile(r"\d/\d|\bV\d", re.IGNORECASE)  # a date or a version: what a program prints, quoted in a comment
_WORK = re.compile(r"(?<![\w<$])(?:/?[\w.-]+/)*[\w-]+\.(?:asm|c|h|s)\b|\blinux/[\w/.-]+\w", re.IGNORECASE)
_REVISION = re.compile(r"\$\w+: [^$]*\$?")  # what a revision control system wrote
_FROM = re.compile(
    r"\b(?:adapted|derived|extracted|taken|stolen) from\b|\b(?:based|inspired)\b.*\b(?:on|by)\b|\bfrom$|^from\b|\bwhich carries\b"
    r"|\bsources\b.*\breferences\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"\bSPDX-FileCopyrightText:(?P<holder>.*)")
_C_LIKE = (".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++", ".s", ".rs", ".js", ".ts", ".java", ".go", ".css")
"""Of a file whose name ends so, only the comments are read."""
_DECORATION = " \t*/|!;#-"
_AUTHORS = re.compile(
    r"(?:^|[.,:(-] )(?:re)?written(?: (?:in )?\d{4}[\d/, ]*)? by:? (?P<author>.+)|^authors?: (?P<authors>.+)", re.IGNORECASE
)
_AUTHOR = re.compile(r"(?:[A-Z]\.|[A-Z][\w'-]+)(?: (?:van|von|der?|la|[A-Z]\.|[A-Z][\w'-]+))* [A-Z][\w'-]+")
AUTHORS_LINES = 40  # of the comments, in which a file names who wrote it
AUTHORS = 6  # that are named; more are "and others"


@dataclass(frozen=True)
class Notices:
    """The notices of a file, each such as `© 1991, 1992 Linus Torvalds`, in the order of the file, none twice.

    `own` are the file's; if it has none, its one entry is `written by …`, as far as the file says that at its head. `others` belong to
    works that it says it came from, with the work's name in brackets if it is given.
    """

    own: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def has_holder(self) -> bool:
        """Whether one of its own names a holder, and not only who wrote it."""
        return any(notice.startswith("©") for notice in self.own)


def notices_of(name: str, text: str) -> Notices:
    """All copyright notices in the comments of a file, by its path without the top folder and its text.

    Comment marks, addresses and phrases are dropped and white space is collapsed, so no notice is a line of the file. Each has at
    most `NOTICE_CHARACTERS` characters, all printable. A notice counts only if it has a holder and a year, or a holder of two names.
    """
    own: dict[str, None] = {}
    others: dict[str, None] = {}
    work = _Work(name)
    has_comments = PurePosixPath(name).suffix.lower() in _C_LIKE
    lines = list(comment_lines(text) if has_comments else all_lines(text))
    for at, (number, line) in enumerate(lines):
        if tagged := _TAG.search(line):
            own |= {holder: None for holder in [holder_of_tag(tagged["holder"])] if holder}
            continue
        match = _NOTICE.search(line)
        work.read(number, line[: match.start()] if match else line)
        if not match:
            continue
        following = lines[at + 1][1] if at + 1 < len(lines) else ""
        holder = _holder(line[: match.start()], match["rest"] or "", following)
        if holder and work.own:
            own[f"© {holder}"] = None
        elif holder:
            others[f"© {holder} ({work.named})" if work.named else f"© {holder}"] = None
    if not own and has_comments and (authors := _authors([line for _, line in lines[:AUTHORS_LINES]])):
        own[f"written by {', '.join(authors[:AUTHORS])}{' and others' if len(authors) > AUTHORS else ''}"] = None
    return Notices(tuple(own), tuple(other for other in others if other not in own))


def _authors(lines: Sequence[str]) -> list[str]:
    """Who wrote the file, by the first line that says it, and those below it that go on with a name and an address."""
    for at, line in enumerate(lines):
        if (found := _AUTHORS.search(line)) and not _FROM.search(line):
            named = _AUTHOR.findall(_ADDRESS.sub(" ", found["author"] or found["authors"]))
            more = lines[at + 1 :] if found["authors"] else ()
            for name in (_AUTHOR.match(line) for line in takewhile(lambda line: "@" in line and ":" not in line, more)):
                named += [name[0]] if name else []
            return named
    return []


class _Work:
    """The work that the lines of a comment speak of: the file itself, until they name another work or say that it came from one."""

    def __init__(self, name: str) -> None:
        self._name = PurePosixPath(name)
        self._first = ""  # how the file calls itself, which may be an older name
        self._line = 0
        self.own = True
        self.named = ""

    def read(self, number: int, words: str) -> None:
        """Read the words of a line, up to its notice if it has one."""
        if number > self._line + NEARBY_LINES:
            self.own, self.named = True, ""
        words = _REVISION.sub(" ", words)
        source = _FROM.search(words)
        names = _WORK.findall(words)
        if source and not (names and self._is_own(names[-1])):
            self.own, self.named, self._line = False, "", number
        if not names:
            return
        self._line = number
        if not self._first and self.own:
            self._first = names[0]
        self.own = self._is_own(names[-1])
        self.named = "" if self.own else names[-1]

    def _is_own(self, named: str) -> bool:
        parts = PurePosixPath(named.removeprefix("/").removeprefix("linux/")).parts
        return named == self._first or tuple(map(str.lower, self._name.parts[-len(parts) :])) == tuple(map(str.lower, parts))


def comment_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of comments of a source file, or the part of a line that is a comment, with their numbers from 1, without comment marks."""
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        line = line[:LINE_CHARACTERS]
        if not inside and line.lstrip().startswith(("!", "|", "//")):
            yield number, without_marks(line)
            continue
        shown = []
        rest = line
        while rest:
            if inside:
                comment, end, rest = rest.partition("*/")
                shown.append(comment)
                inside = not end
            else:
                _, begin, rest = rest.partition("/*")
                inside = bool(begin)
        if shown:
            yield number, without_marks(" ".join(shown))


def all_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a file of any other language, or of prose, which may all hold a notice; as `comment_lines` gives them."""
    return ((number, without_marks(line[:LINE_CHARACTERS])) for number, line in enumerate(text.split("\n"), start=1))


def holder_of_tag(words: str) -> str:
    """The notice that a tag `SPDX-FileCopyrightText` gives, in which any name is a holder's; empty if there is none."""
    words = without_marks(re.sub(r"\(c\)|©|\bcopyright\b|\ball rights reserved\b", " ", _ADDRESS.sub(" ", words), flags=re.IGNORECASE))
    kept = re.sub(r"\s*,\s*", ", ", words).strip(" ,.")
    return f"© {kept[: NOTICE_CHARACTERS - 2].rstrip()}" if any(map(str.isalpha, kept)) else ""


def without_marks(line: str) -> str:
    """A line without comment marks and without anything unprintable, its white space collapsed."""
    printable = "".join(character if character.isprintable() else " " for character in line)
    return " ".join(printable.strip(_DECORATION).split())


def _holder(before: str, rest: str, following: str) -> str:
    """Years and names, without what is said about them; empty if this is no notice."""
    if not rest and _YEAR.match(following):
        rest = following  # the years stand below the word
    if _ONLY_YEARS.fullmatch(rest):
        rest = f"{rest} {following}"  # the name stands below the years
    if not rest or '"' in before + rest or _SIGNATURE.search(before + rest):
        return ""  # code, or what a program prints
    if not (rest[0].isdigit() or rest[0].isupper() or rest.startswith("by ")):
        return ""  # a sentence about copyright
    rest = _RIGHTS.sub(" ", _ADDRESS.sub(" ", rest))
    kept = _WHAT_FOLLOWS.split(rest, maxsplit=1)[0]
    kept = re.sub(r"\bby\b", " ", kept, flags=re.IGNORECASE)
    kept = re.sub(r"\s*,\s*", ", ", kept)
    kept = " ".join(kept.split()).strip(" .,:*|/-([&<").removesuffix(" and")
    whole = (_YEAR.search(kept) and any(map(str.isalpha, kept))) or _NAMES.fullmatch(kept)
    return kept[: NOTICE_CHARACTERS - 2].rstrip() if whole else ""
