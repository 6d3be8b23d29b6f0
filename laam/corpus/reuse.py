"""What REUSE declares of files outside of them: in REUSE.toml, or in .reuse/dep5 before there was that.

See https://reuse.software/spec-3.3/ and, of dep5, https://reuse.software/spec-3.0/: Debian's machine-readable copyright file.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from fnmatch import translate
from pathlib import PurePosixPath

from laam.corpus.lines import source_text
from laam.corpus.notices import holder_of_tag
from laam.corpus.spdx import known_expression

REUSE, DEP5 = "REUSE.toml", ".reuse/dep5"


@dataclass(frozen=True)
class Annotation:
    """What is said of some files. `pattern`: of their names in the tree; `expression`: SPDX, and `holders`, as notices, both perhaps
    empty; `place`: the file that says so; `is_override`: whether it goes before what a file says of itself."""

    pattern: re.Pattern[str]
    expression: str
    holders: tuple[str, ...]
    place: str
    is_override: bool = False


def annotations_in(tree: Mapping[str, bytes]) -> list[Annotation]:
    """All annotations of a tree; of several for a file the last counts. What can't be read says nothing."""
    names = sorted((name for name in tree if PurePosixPath(name).name == REUSE), key=lambda name: (name.count("/"), name))
    found = list(_in_dep5(source_text(tree[DEP5]))) if DEP5 in tree else []
    return found + [each for name in names for each in _in_toml(source_text(tree[name]), name)]


def _in_toml(text: str, name: str) -> Iterator[Annotation]:
    try:
        entries = tomllib.loads(text).get("annotations", [])
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    folder = name.removesuffix(REUSE)
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            expression = known_expression(" AND ".join(f"({tag})" for tag in _texts(entry.get("SPDX-License-Identifier"))))
            holders = _holders(_texts(entry.get("SPDX-FileCopyrightText")))
            for path in _texts(entry.get("path")):
                yield Annotation(_glob(folder + path), expression, holders, name, entry.get("precedence") == "override")


def _in_dep5(text: str) -> Iterator[Annotation]:
    for paragraph in re.split(r"\n\s*\n", text):
        fields = HeaderParser().parsestr(paragraph)
        expression = known_expression((fields["License"] or "").partition("\n")[0])
        holders = _holders((fields["Copyright"] or "").splitlines())
        for pattern in (fields["Files"] or "").split():
            yield Annotation(re.compile(translate(pattern)), expression, holders, DEP5)


def _texts(value: object) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _holders(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(holder for value in values if (holder := holder_of_tag(value))))


def _glob(pattern: str) -> re.Pattern[str]:
    """A path of a REUSE.toml: `*` stands for anything but a slash, `**` for anything, a backslash takes a star as it is."""
    parts = re.findall(r"\\.|\*\*|\*|[^*\\]+", pattern)
    made = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(made.get(part) or re.escape(part.removeprefix("\\")) for part in parts), re.DOTALL)
