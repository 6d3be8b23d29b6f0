"""What each file of Linux 1.0 says about its own licence and its own copyright."""

import re

DEFAULT_LICENCE = "GPL-2.0"  # COPYING, for every file that has no terms of its own

_FILE_LICENCES = {
    "include/linux/soundcard.h": "BSD-2-Clause",
    "include/linux/ultrasound.h": "BSD-2-Clause",
    "drivers/net/slhc.c": "BSD with advertising clause",
    "drivers/net/slhc.h": "BSD with advertising clause",
    "drivers/char/tpqic02.c": "own terms",
}
_FOLDER_LICENCES = {"drivers/sound/": "BSD-2-Clause"}

NOTICE_LINES = 60  # a notice stands at the head of its file
NOTICE_CHARACTERS = 100
_LINE_CHARACTERS = 400  # of a line that are looked at, so that an odd file costs no time

# At most a few words before it, and no path: a list of the works a file draws on is not the file's own notice.
_NOTICE = re.compile(
    r"^(?:[^\s/]+ ){0,3}?(?:(?:\(c\)\s*)?\bcopyright\b\s*(?:\(c\)|©)?|(?<!\w)\(c\)|©)[\s:,]*(?P<rest>\S.*)?$", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ONLY_YEARS = re.compile(r"[\d\s,–-]+")
_ADDRESS = re.compile(r"[<(\[]?[^\s<>()\[\]]*@[^\s<>()\[\]]*[>)\]]?")
_RIGHTS = re.compile(r"all rights reserved|\(!\)", re.IGNORECASE)
_WHAT_FOLLOWS = re.compile(
    r"\s-+\s|;|, \d{1,3}\s|(?<=[a-z]{3})\.\s|\b(?:adapted|and is|as|for|hacked|modified|released|see|this|under|written)\b", re.IGNORECASE
)
_DECORATION = " \t*/|!;#-"


def licence_of(path: str) -> str:
    """The licence label of a file, by its path from `linux/` on: facts read in the files, GPL-2.0 for all others."""
    name = path.removeprefix("linux/")
    for folder, licence in _FOLDER_LICENCES.items():
        if name.startswith(folder):
            return licence
    return _FILE_LICENCES.get(name, DEFAULT_LICENCE)


def notice_of(text: str) -> str:
    """The first copyright notice of a file as a fact, such as `© 1991, 1992 Linus Torvalds`; empty where none is found.

    Comment marks, addresses and phrases are dropped and white space is collapsed, so this is not a line of the file.
    At most `NOTICE_CHARACTERS` characters, all printable; a notice counts only if it has a year.
    """
    lines = [_plain(line) for line in text.split("\n", NOTICE_LINES)[:NOTICE_LINES]]
    for number, line in enumerate(lines):
        match = _NOTICE.match(line)
        rest = (match["rest"] or "") if match else ""
        if not _YEAR.search(rest):
            continue
        if _ONLY_YEARS.fullmatch(rest) and number + 1 < len(lines):
            rest = f"{rest} {lines[number + 1]}"  # the name stands below the years
        if holder := _holder(rest):
            return f"© {holder}"
    return ""


def _plain(line: str) -> str:
    """A line without comment marks and without anything unprintable, its white space collapsed."""
    printable = "".join(character if character.isprintable() else " " for character in line[:_LINE_CHARACTERS])
    return " ".join(printable.strip(_DECORATION).split())


def _holder(rest: str) -> str:
    """Years and names, without what is said about them."""
    if '"' in rest or not (rest[0].isdigit() or rest[0].isupper() or rest.startswith("by ")):
        return ""  # code, or a sentence about copyright
    rest = _RIGHTS.sub(" ", _ADDRESS.sub(" ", rest))
    kept = _WHAT_FOLLOWS.split(rest, maxsplit=1)[0]
    kept = re.sub(r"\bby\b", " ", kept, flags=re.IGNORECASE)
    kept = re.sub(r"\s*,\s*", ", ", kept)
    kept = " ".join(kept.split()).strip(" .,:*|/-([&<").removesuffix(" and")
    whole = _YEAR.search(kept) and any(map(str.isalpha, kept))
    return kept[: NOTICE_CHARACTERS - 2].rstrip() if whole else ""
