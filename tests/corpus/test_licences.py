"""The derivation of licences, on made-up heads of each kind that occurs; none is the head of a file of any kernel."""

from textwrap import wrap

import pytest
from packaging.licenses import canonicalize_license_expression

from laam.corpus import licences, notices
from laam.corpus.licences import HEADER_LINES, UNREAD, Licence, LicenceTable, Terms, licence_of, read_terms
from laam.corpus.linux_1_0_licences import TABLE
from laam.corpus.sealed import SealedManifest

LATER = "You may pour it under the terms of the GNU General Public License, either version 2 or (at your option) any later version."
TWO_CLAUSES = (
    "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following "
    "conditions are met: 1. Redistributions of teapots must retain their lids. 2. Redistributions in binary form must reproduce the "
    "lids. THIS SOFTWARE IS PROVIDED BY ADA EXAMPLE, who won't endorse it"
)
ADVERTISING = (
    "Redistribution and use in source and binary forms are permitted provided that the above copyright notice and this paragraph are "
    "duplicated in all such forms and that any documentation, advertising materials, and teapots name Ada Example."
)
PERMISSION = (
    "Permission to use, copy, modify, and distribute this software and its documentation for any purpose and without fee is hereby "
    "granted, provided that the above copyright notice appears in all copies and that no pot is broken."
)


def head(words: str, width: int = 57, mark: str = " * ") -> str:
    """A comment with these words, broken where no licence breaks them."""
    return "/*\n" + "".join(f"{mark}{line}\n" for line in wrap(words, width)) + " */\nint pot;\n"


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        (LATER, "GPL-2.0-or-later"),
        (LATER.replace(" or (at", " of the License, or(at"), "GPL-2.0-or-later"),
        ("It is under the GNU Public License, version 2 or later.", "GPL-2.0-or-later"),
        ("Pour it under the terms of the GNU General Public License version 3 as published.", "GPL-3.0-only"),
        ("Pour it in terms of the GNU Library General Public License, Version 2 or later, at will.", "LGPL-2.0-or-later"),
        ("Pour it under the GNU Lesser General Public License, version 2.1 or any later version.", "LGPL-2.1-or-later"),
        ("Pour it under the terms of the GNU Library General Public License.", "LGPL-2.0-or-later"),
        ("It may be poured according to the terms of the GNU Public License, incorporated herein.", "GPL-1.0-or-later"),
        ("This pot is distributed under the GPL.", "GPL-1.0-or-later"),
        ("Pour it under the terms of the GNU General Public License, see the file COPYING.", ""),
        ("See the files README and COPYING for warranty information.", ""),
        ("This pot may be redistributed per Teapot Copyright.", ""),
        ("Copyright 1999 Ada Example under the teapot copyright", ""),
        (TWO_CLAUSES, "BSD-2-Clause"),
        (ADVERTISING, "BSD-4.3TAHOE"),
        (PERMISSION, "HPND"),
        ("pot.c -- Not copyrighted 1999 by Ada Example", "LicenseRef-public-domain"),
        ("This file is in the public domain.", "LicenseRef-public-domain"),
        (f"{LATER} It came from lid.c, which Bo Older has put in the public domain.", "GPL-2.0-or-later"),
        (f"The lid is of others, which are released under the GPL. {LATER}", "GPL-2.0-or-later"),
    ],
)
@pytest.mark.parametrize("mark", [" * ", "\t", "| ", "!\t"])
def test_what_a_head_says(words: str, expression: str, mark: str) -> None:
    terms = read_terms(head(words, mark=mark))
    assert terms is not None and terms.expression == expression


@pytest.mark.parametrize(
    "words",
    [
        "Pour it under the terms of the GNU Public License as modified by the Teapot Center.",
        TWO_CLAUSES.replace("THIS", "3. No name may be used to endorse it. THIS"),
        TWO_CLAUSES.replace("2. Redistributions in binary form must reproduce the lids.", ""),
        "Copyright 1999 Ada Example. All rights reserved.",
        "Uses other than for tea are prohibited.",
        "It may be freely distributed as part of the kitchen.",
        "It is distributed under the same license as the lid.",
        "Distribution of this pot is only allowed with its lid.",
        "Some pots came from lid.c, which is released under the GPL.",
        "Hardly worth copyrighting",
    ],
)
def test_terms_that_fit_no_known_wording_are_not_guessed(words: str) -> None:
    terms = read_terms(head(words))
    assert terms is not None and terms.expression == UNREAD


@pytest.mark.parametrize(
    "text",
    ["", "int pot;\n", head("A pot for the GNU tea."), head("Copyright 1999 Ada Example"), "\tNULL\t\t/* permission */\n", "\n" * 999],
)
def test_a_head_without_terms(text: str) -> None:
    assert read_terms(text) is None


def test_the_line_is_that_of_the_words() -> None:
    assert read_terms("\n\n/* pot.c\n *\n * Poured under the\n * terms of the GPL.\n */\n") == Terms("GPL-1.0-or-later", 6)
    assert read_terms("/* Under the GPL. */\r\n") == Terms("GPL-1.0-or-later", 1)
    assert read_terms("\n" * (HEADER_LINES - 1) + "/* Under the GPL. */") == Terms("GPL-1.0-or-later", HEADER_LINES)
    assert read_terms("\n" * HEADER_LINES + "/* Under the GPL. */") is None


PANTRY = LicenceTable(
    release=Licence("GPL-2.0-only", "COPYING"),
    folders={"tea/": Licence("BSD-2-Clause", "tea/COPYING:3")},
    files={"tea/lid.c": Licence("LicenseRef-lid", "tea/lid.c:1", "nobody knows")},
)


@pytest.mark.parametrize(
    ("name", "words", "licence"),
    [
        ("pot.c", "A pot.", Licence("GPL-2.0-only", "COPYING")),
        ("teapot.c", "A pot.", Licence("GPL-2.0-only", "COPYING")),
        ("tea/pot.c", "A pot.", Licence("BSD-2-Clause", "tea/COPYING:3")),
        ("tea/pot.c", "Poured under the GPL.", Licence("GPL-1.0-or-later", "tea/pot.c:2")),
        ("tea/lid.c", "Poured under the GPL.", Licence("LicenseRef-lid", "tea/lid.c:1", "nobody knows")),
        ("pot.c", "Poured per Teapot Copyright.", Licence("GPL-2.0-only", "pot.c:2")),
        ("pot.c", "All rights reserved.", Licence(UNREAD, "pot.c:2")),
    ],
)
def test_a_file_s_row_goes_before_its_head_and_that_before_its_folder(name: str, words: str, licence: Licence) -> None:
    assert licence_of(name, head(words), PANTRY) == licence


@pytest.mark.parametrize("unit", ["GPL ", "under the ", "see the file ", "version 2", "per x", " ", "the terms of ", "a.", "- ", "\ud800"])
def test_of_odd_text_no_more_than_its_head_is_looked_at(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    plain = notices.without_marks

    def watched(line: str) -> str:
        looked_at.append(plain(line))
        return looked_at[-1]

    monkeypatch.setattr(licences, "without_marks", watched)
    read_terms(f"{unit * 100_000}\n" * 3 + f"{unit * 40}\n" * 200)
    assert len(looked_at) == HEADER_LINES
    assert max(map(len, looked_at)) <= 400


# What is shipped


def test_every_shipped_licence_is_an_spdx_expression_with_a_place(linux: SealedManifest) -> None:
    for file in linux.catalog:
        assert canonicalize_license_expression(file.licence).lower() == file.licence.lower(), file.path
        name, _, line = file.licence_place.partition(":")
        assert (name == "COPYING" and not line) or int(line) >= 1, file.path
        assert f"linux/{name}" in linux.catalog.files or name.rpartition("/")[2] in ("COPYING", "README", "LICENSE.SRC"), file.path


def test_the_shipped_table_is_of_files_that_are_there_and_names_its_own_terms(linux: SealedManifest) -> None:
    catalog = linux.catalog
    assert {f"linux/{name}" for name in TABLE.files} <= set(catalog.files)
    rows = [TABLE.release, *TABLE.folders.values(), *TABLE.files.values()]
    own = {row.expression for row in rows} | {file.licence for file in catalog}
    assert {expression for expression in own if expression.startswith("LicenseRef-")} == set(TABLE.names)
    assert UNREAD not in own
    for name, row in TABLE.files.items():
        shipped = catalog.files[f"linux/{name}"]
        assert Licence(shipped.licence, shipped.licence_place, shipped.unsettled) == row


def test_the_shipped_licences_by_their_number(linux: SealedManifest) -> None:
    licences = [file.licence for file in linux.catalog]
    assert {expression: licences.count(expression) for expression in licences} == {
        "GPL-2.0-only": 380,
        "GPL-2.0-or-later": 56,
        "BSD-2-Clause": 39,
        "GPL-1.0-or-later": 17,
        "LicenseRef-GPL-as-modified-by-SRC": 5,
        "BSD-4.3TAHOE": 2,
        "HPND": 1,
        "LGPL-2.0-or-later": 1,
        "LicenseRef-all-rights-reserved": 1,
        "LicenseRef-as-part-of-Linux": 1,
        "LicenseRef-pas": 1,
        "LicenseRef-public-domain": 1,
        "LicenseRef-tpqic02": 1,
    }
