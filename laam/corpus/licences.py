"""The licence of a source file as an SPDX expression: what its tag or the words at its head say, else what a release's table says.

The expressions come from the SPDX License List (https://spdx.org/licenses/), with `LicenseRef-…` for terms that the list
has no name for. A file that names the GPL without a version is `GPL-1.0-or-later`, as the kernel's own tags say today:
section 9 of the GPL lets the recipient choose any version then.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate

from laam.corpus.notices import LINE_CHARACTERS, without_marks
from laam.corpus.spdx import known_expression

HEADER_LINES = 120  # terms stand at the head of a file; the longest list of changes before them in the shipped release ends at line 85
UNREAD = "NOASSERTION"  # SPDX's word if nothing is asserted: the head speaks of terms that nobody has read yet
PUBLIC_DOMAIN = "LicenseRef-public-domain"  # the file says itself that it is not copyrighted

NAMES = {
    "BSD-2-Clause": "2-clause BSD",
    "BSD-4.3TAHOE": "BSD with advertising clause",
    "GPL-1.0-or-later": "GPL, no version named",
    "GPL-2.0-only": "GPL-2",
    "GPL-2.0-or-later": "GPL-2 or later",
    "HPND": "a permission notice like HPND",
    "LGPL-2.0-or-later": "Library GPL-2 or later",
    UNREAD: "terms not read",
}
"""Plain names of the SPDX expressions that occur."""

_NEAR = 160  # characters after a licence's name in which its version is looked for
_CONDITIONS = 1000  # characters that hold the conditions of a BSD licence, before its disclaimer

_GPL = re.compile(r"\bGNU (?P<lesser>Library |Lesser )?(?:General )?Public Licen[sc]e\b|\bGPL\b", re.IGNORECASE)
_GRANT = re.compile(r"\b(?:under|in|according to|to) (?:the )?(?:terms (?:and conditions )?of )?(?:the )?$", re.IGNORECASE)
_OF_OTHERS = re.compile(r"\b(?:which|that) (?:is|are) |\bnot permitted ", re.IGNORECASE)  # in the words before a grant
_VERSION = re.compile(
    r"\bversion (?P<major>\d)(?P<minor>\.\d)?(?P<later>.{0,30}?\bor\s?(?:\(at your option\) )?(?:any )?later)?", re.IGNORECASE
)
_COPYING = re.compile(r"\bsee the files? [^.]{0,40}\bCOPYING\b", re.IGNORECASE)
_RELEASE = re.compile(rf"{_COPYING.pattern}|\b(?:under the|per) \w+ copyright\b", re.IGNORECASE)
_BSD = re.compile(
    r"Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following "
    r"conditions are met",
    re.IGNORECASE,
)
_TAHOE = re.compile(
    r"Redistribution and use in source and binary forms are permitted provided that the above copyright notice and this paragraph "
    r"are duplicated in all such forms and that any documentation, advertising materials",
    re.IGNORECASE,
)
_HPND = re.compile(
    r"Permission to use, copy, modify,? and distribute this software and its documentation for any purpose and without fee is hereby "
    r"granted, provided that the above copyright notice appears? in all copies",
    re.IGNORECASE,
)
_MIT = re.compile(
    r"Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files",
    re.IGNORECASE,
)
_ISC = re.compile(
    r"Permission to use, copy, modify, and(?:/or)? distribute this software for any purpose with or without fee is hereby granted, "
    r"provided that the above copyright notice and this permission notice appear in all copies",
    re.IGNORECASE,
)
_APACHE = re.compile(r"\bLicensed under the Apache License, Version 2\.0\b", re.IGNORECASE)
_MOZILLA = re.compile(r"\bsubject to the terms of the Mozilla Public License, v\. 2\.0\b", re.IGNORECASE)
_TAG = re.compile(r"\bSPDX-License-Identifier:\s*(?P<expression>[\w.+:() -]*)")
_PUBLIC = re.compile(
    r"\bnot copyrighted\b|\bthis (?:file|code|program|software|work) is (?:hereby )?(?:placed )?in the public domain\b", re.IGNORECASE
)
_TERMS_WORDS = re.compile(
    r"\blicen[sc]ed?\b|\bwarrant(?:y|ies)\b|\bpublic domain\b|\bredistribut|\bprohibited\b|\ball rights reserved\b|\bcopyrighting\b"
    r"|\b(?:freely|be) distributed\b|\bdistribution of this\b|\bprior permission\b|\bpermission (?:is|to)\b|\bGPL\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Licence:
    """A licence, and why it is this one. `place` says where the deciding words stand, `COPYING` or `fs/x.c:9`, and never quotes them."""

    expression: str
    place: str
    unsettled: str = ""  # what could not be decided, as a sentence; empty if all is clear


@dataclass(frozen=True)
class LicenceTable:
    """What a release says about its licences outside the heads of its files. Paths are without the top folder.

    `release` is for every file that says nothing; `folders` for the files of a folder that has terms (named with its closing slash);
    `files` for each file whose head fits no known wording, or is not all that counts. `names`: plain names of its `LicenseRef-…`.
    `unsettled`: what could not be decided about the release's own licence, as a sentence. `read_by`: what read them, if a person didn't.
    `holders`: the copyright notices of files that are declared outside of them.
    """

    release: Licence
    folders: Mapping[str, Licence] = field(default_factory=dict)
    files: Mapping[str, Licence] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    unsettled: str = ""
    read_by: str = ""
    holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_release_s(self, name: str, expression: str) -> bool:
        """Whether a file of this licence, by its path without the top folder, has it from the release, and not from its folder."""
        by_folder = any(name.startswith(folder) and licence.expression == expression for folder, licence in self.folders.items())
        return expression == self.release.expression and not by_folder

    def name_of(self, expression: str) -> str:
        """A licence as people say it; an expression that has no plain name is returned as it is."""
        return self.names.get(expression) or NAMES.get(expression, expression)


@dataclass(frozen=True)
class Terms:
    """What the head of a file says: an SPDX expression, empty for `the release's own`; and its line, counted from 1."""

    expression: str
    line: int


def licence_of(name: str, text: str, table: LicenceTable) -> Licence:
    """The licence of a file, by its path without the top folder and its text.

    A row of the table for this very file comes first, then the file's head, then its folder's row, then the release.
    """
    if name in table.files:
        return table.files[name]
    terms = read_terms(text)
    if terms and terms.expression:
        return Licence(terms.expression, f"{name}:{terms.line}")
    folder = next((licence for folder, licence in table.folders.items() if name.startswith(folder)), table.release)
    return replace(folder, place=f"{name}:{terms.line}") if terms else folder


def read_tag(text: str) -> Terms | None:
    """The SPDX tag in the first `HEADER_LINES` lines of a file; None if there is none. One that names no known licence gives `UNREAD`."""
    for number, line in enumerate(text.split("\n", HEADER_LINES)[:HEADER_LINES], start=1):
        if found := _TAG.search(line[:LINE_CHARACTERS]):
            return Terms(known_expression(found["expression"].strip(" -")) or UNREAD, number)
    return None


def read_terms(text: str) -> Terms | None:
    """The terms that the first `HEADER_LINES` lines of a file grant, by their SPDX tag or else by their words, or None if they speak of
    none.

    A head that speaks of terms but fits no known wording gives `UNREAD`: nothing is guessed.
    """
    if tagged := read_tag(text):
        return tagged
    lines = [without_marks(line[:LINE_CHARACTERS]) for line in text.split("\n", HEADER_LINES)[:HEADER_LINES]]
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    head = " ".join(lines)
    found = [(start, expression) for reader in _READERS for start, expression in reader(head)]
    if not found:
        found = [(match.start(), UNREAD) for match in _TERMS_WORDS.finditer(head)]
    if not found:
        return None
    start, expression = min(found)
    return Terms(expression, next(number for number, after in enumerate(starts[1:], start=1) if start < after))


def _gpl(head: str) -> Iterator[tuple[int, str]]:
    for match in _GPL.finditer(head):
        before = head[max(0, match.start() - 90) : match.start()]
        grant = _GRANT.search(before)
        if not grant or _OF_OTHERS.search(before[-60:]):
            continue  # a name in passing, or the licence of other works
        after = head[match.end() : match.end() + _NEAR]
        version = _VERSION.search(after)
        family = "LGPL" if match["lesser"] else "GPL"
        if re.match(r"[\s,]*as modified\b", after):
            expression = UNREAD
        elif version:
            number = version["major"] + (version["minor"] or ".0")
            expression = f"{family}-{number}-{'or-later' if version['later'] else 'only'}"
        elif _COPYING.search(after):
            expression = ""
        else:
            expression = "LGPL-2.0-or-later" if match["lesser"] else "GPL-1.0-or-later"
        yield match.start(), expression


def _bsd(head: str) -> Iterator[tuple[int, str]]:
    for match in _BSD.finditer(head):
        conditions = head[match.end() : match.end() + _CONDITIONS].lower().partition("this software is provided")[0]
        more = re.search(r"\b3\. |advertising|endorse", conditions)
        third = "endorse or promote products" in conditions and not re.search(r"\b4\. |advertising", conditions)
        known = "binary form must reproduce" in conditions and (third or not more)
        yield match.start(), ("BSD-3-Clause" if third else "BSD-2-Clause") if known else UNREAD


def _wording(pattern: re.Pattern[str], expression: str) -> Callable[[str], Iterator[tuple[int, str]]]:
    return lambda head: ((match.start(), expression) for match in pattern.finditer(head))


_READERS = (
    _gpl,
    _bsd,
    _wording(_TAHOE, "BSD-4.3TAHOE"),
    _wording(_HPND, "HPND"),
    _wording(_MIT, "MIT"),
    _wording(_ISC, "ISC"),
    _wording(_APACHE, "Apache-2.0"),
    _wording(_MOZILLA, "MPL-2.0"),
    _wording(_PUBLIC, PUBLIC_DOMAIN),
    _wording(_RELEASE, ""),
)
