"""The words of an exhibit: `exhibit.toml` in its folder, which its maker writes and a person may change.

Every field but the title may be left out; what isn't said there is found out, or isn't shown.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from laam.faults import brief
from laam.files import write_whole

WORDS_FILE = "exhibit.toml"
TITLE_CHARACTERS = 80
LINE_CHARACTERS = 200
ABOUT_CHARACTERS = 2_000
CHOICES = 5  # of a vote, at most
EXAMPLES = 20  # at most
LATIN_1 = 20_000  # as many files as a source may have
_LIMITS = {
    "title": TITLE_CHARACTERS,
    "date": TITLE_CHARACTERS,
    "name": TITLE_CHARACTERS,
    "noun": 40,
    "root": 100,
    "about": ABOUT_CHARACTERS,
}
_NUMBERS = {"choices": CHOICES, "examples": EXAMPLES, "latin_1": LATIN_1}


class WordsError(ValueError):
    """An exhibit.toml that can't be used. The sentence names the field and says what to give."""


@dataclass(frozen=True)
class ExhibitWords:
    """Text is plain: whoever shows it escapes it."""

    title: str
    """Of the corpus: `ItsDangerous 2.2.0`."""
    name: str = ""
    """Of the exhibit; empty: `TITLE as a Model`."""
    date: str = ""
    """When it was released, as people write it."""
    source: str = ""
    """The web address at which a reader gets the text."""
    people: str = ""
    """Whose work it is, in words that go on from `the work of`."""
    licence: str = ""
    """The SPDX expression of the files that name none."""
    licence_place: str = ""
    """The file that says so."""
    root: str = ""
    """The folder that all paths begin with, as in the manifest."""
    noun: str = ""
    """What the corpus is, in the singular: `package`, `book`."""
    question: str = ""
    """What the front page asks; empty: made from the licences, if they are known."""
    choices: tuple[str, ...] = ()
    """What a visitor may mark of a text; empty: as the weights, as the file, neither, undecided."""
    examples: tuple[str, ...] = ()
    """Files to try first, without the root; empty: those that come back whole."""
    about: str = ""
    """A paragraph for *What this is*."""
    latin_1: tuple[str, ...] = ()
    """Files, without the root, that were in Latin-1 and are sealed as the same text in UTF-8."""

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name))
        if not self.title:
            raise WordsError("title is missing; give the corpus a name, such as 'Linux 2.0'")
        if self.source and not _is_address(self.source):
            raise WordsError(f"source is {self.source[:80]!r}; give a web address, such as https://example.org/poems, or leave it out")
        if "/" in self.root or self.root in (".", ".."):
            raise WordsError(f"root is {self.root!r}; give the name of one folder, as the manifest has it")


def read_words(file: Path) -> ExhibitWords:
    """The words in a file. Raises WordsError, which names the file and the field."""
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise WordsError(f"{file}: can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise WordsError(f"{file}: is no TOML in UTF-8: {brief(error)}") from error
    try:
        return _words(values)
    except WordsError as error:
        raise WordsError(f"{file}: {error}") from error


def write_words(words: ExhibitWords, file: Path) -> None:
    """Write the words that are there, a line for each field. Raises OSError."""
    said = {name: value for name, value in asdict(words).items() if value}
    # A JSON string or list of strings is one of TOML, too, as long as no character is written as a pair of surrogates.
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items())
    write_whole(file, "".join(lines))


def _words(values: Mapping[str, Any]) -> ExhibitWords:
    known = {field.name for field in fields(ExhibitWords)}
    if unknown := sorted(values.keys() - known):
        raise WordsError(f"{unknown[0]} is no field of it; there are {', '.join(sorted(known))}")
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return ExhibitWords(**{"title": "", **given})


def _check(name: str, value: object) -> None:
    """Raises WordsError for a field of another type, with what can't be printed, or too long."""
    most = _LIMITS.get(name, LINE_CHARACTERS)
    if name in _NUMBERS:
        if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
            raise WordsError(f"{name} must be a list of texts, each in quotes")
        if len(value) > _NUMBERS[name]:
            raise WordsError(f"{name} has {len(value):,} entries; give at most {_NUMBERS[name]:,}")
        texts = value
    elif isinstance(value, str):
        texts = (value,)
    else:
        raise WordsError(f"{name} must be a text in quotes")
    for text in texts:
        if not text.isprintable():
            raise WordsError(f"{name} has a character that can't be shown, such as a line's end; give one line")
        if len(text) > most:
            raise WordsError(f"{name} has {len(text):,} characters; give at most {most:,}")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s\"'<>\\]", text)
