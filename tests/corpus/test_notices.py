import pytest

from laam.corpus import notices
from laam.corpus.notices import LINE_CHARACTERS, NOTICE_CHARACTERS, notices_of
from laam.corpus.sealed import SealedManifest


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("/*\n *  Copyright (C) 1998,1999  Ada Example\n */", "© 1998, 1999 Ada Example"),
        ("! boot.s\t\tcopyright (c) 1999 by Ada Example.", "© 1999 Ada Example"),
        ("/* (C) 1999 Ada Example <ada@example.org>. All rights reserved. */", "© 1999 Ada Example"),
        ("/* (c) Copyright 1999 A. Example (ada@example.org) */", "© 1999 A. Example"),
        ("/* Copyright Ada Example 1999; see the file TERMS */", "© Ada Example 1999"),
        ("/* Copyright 1999 Ada Example. This file is a test. */", "© 1999 Ada Example"),
        ("/*\n | Copyright (C) 1998,1999            |\n |   A. Example, 12 Test St, Testville   |\n*/", "© 1998, 1999 A. Example"),
        ("/* Copyright 1999 Made-up Government as represented by the\n * Director */", "© 1999 Made-up Government"),
        ("// © 1999 Ada Example", "© 1999 Ada Example"),
        ("/* (C) Ada Example */", "© Ada Example"),
        ("/*\n Its lid is of bronze. This lid is Copyright (C)\n 1999 Ada Example. */", "© 1999 Ada Example"),
        ("int pot; /* pot */\n/* Portions (C) Copyright 1999 Ada Example */", "© 1999 Ada Example"),
        ("\n" * 400 + "/* Copyright 1999 Ada Example */", "© 1999 Ada Example"),
    ],
)
def test_a_notice(text: str, notice: str) -> None:
    found = notices_of("toy/pot.c", text)
    assert (found.own, found.others) == ((notice,), ())


@pytest.mark.parametrize("name", ["pot.py", "LICENSE", "docs/pot.rst", "poems/pot.txt"])
@pytest.mark.parametrize(
    "text", ["# Copyright (c) 1999 Ada Example\n", "Pots\n\n© 1999 Ada Example\n", "# SPDX-FileCopyrightText: 1999 Ada Example"]
)
def test_of_what_has_other_comments_any_line_may_hold_it(name: str, text: str) -> None:
    assert notices_of(name, text).own == ("© 1999 Ada Example",)
    assert notices_of(name, "written by Ada Example\n__copyright__ = 'Copyright 1999 by \"Ada\"'\n").own == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/* no notice */\nint a;\n",
        "#define isteapot(c) ((c) == 1999)\n",
        'puts("Copyright 1999 Nobody");\n',
        'puts("/* x */ Copyright 1999 Nobody");\n',
        "Copyright 1999 Nobody\n",
        "/*\n * the above copyright notice of 1999 must be kept\n */",
        "/*\n * Copyright 1999\n *\n */",
        "/* Not copyrighted 1999 by Ada Example */",
        "/* POTS CORP. (C) 1998-1999 V4.0I 03/16/99 */",
        "/* POTS CORP. (C) 1998 V4.0 */",
        '/* it prints "Copyright 1999 Nobody" */',
    ],
)
def test_no_notice(text: str) -> None:
    found = notices_of("toy/pot.c", text)
    assert (found.own, found.others) == ((), ())


def test_a_file_that_lists_what_it_came_from_has_its_own_notice_for_its_own() -> None:
    text = (
        "/*\n *  toys/tea/pot.c\n *\n *  jug/pot.c\n *  Copyright (C) 1997  Cy Oldest\n *\n"
        " *  can/spout.c\n *  Copyright (C) 1998  Bo Older\n *\n *  tea/pot.c\n *  Copyright (C) 1999  Ada Example\n */\n"
    )
    found = notices_of("toys/tea/pot.c", text)
    assert found.own == ("© 1999 Ada Example",)
    assert found.others == ("© 1997 Cy Oldest (jug/pot.c)", "© 1998 Bo Older (can/spout.c)")


@pytest.mark.parametrize(
    ("before", "other"),
    [
        ("pot.c by Ada\n * adapted from:\n *\tjug.c ", "© 1998 Bo Older (jug.c)"),
        ("pot.c\n * Based loosely on jug.c which is\n * ", "© 1998 Bo Older (jug.c)"),
        ("pot.c\n * inspired by the jug, which carries the following:\n *\n * ", "© 1998 Bo Older"),
        ("pot.c\n * from\n * ", "© 1998 Bo Older"),
        ("pot.c\n * derived from a book, ", "© 1998 Bo Older"),
        ("Lids taken from\n * linux/old/jug.c\n * ", "© 1998 Bo Older (linux/old/jug.c)"),
        ("pot.c\n * Sources & references:\n * linux/jug  ", "© 1998 Bo Older (linux/jug)"),
    ],
)
def test_the_notice_of_what_a_file_came_from_is_not_its_own(before: str, other: str) -> None:
    found = notices_of("toy/pot.c", f"/*\n * {before}Copyright 1998 Bo Older\n */\n")
    assert (found.own, found.others) == ((), (other,))
    found = notices_of("toy/pot.c", f"/*\n * {before}Copyright 1998 Bo Older\n *\n * This is pot.c, (C) 1999 Ada Example\n */\n")
    assert (found.own, found.others) == (("© 1999 Ada Example",), (other,))


@pytest.mark.parametrize("named", ["linux/old/pot.c", "toy/pot.c", "an_older_name.c", "$Id: pot.c,v 1.1 $\n * linux/old/pot.c"])
def test_a_file_may_call_itself_by_an_older_name(named: str) -> None:
    found = notices_of("toy/pot.c", f"/*\n * {named}\n *\n * Copyright 1999 Ada Example, and see jug.c\n */\n")
    assert len(found.own) == 1 and not found.others


def test_a_work_named_long_before_is_not_the_notice_s() -> None:
    lines = "\n" * 20
    assert notices_of("pot.c", f"/* as jug.c does */{lines}/* Copyright 1999 Ada Example */").own == ("© 1999 Ada Example",)


def test_no_notice_is_told_twice() -> None:
    text = "/* Copyright 1999 Ada Example */\n/* Copyright 1999 Ada Example */\n/* adapted from\n Copyright 1999 Ada Example */"
    assert notices_of("pot.c", text) == notices_of("pot.c", "/* Copyright 1999 Ada Example */")


def test_a_notice_is_short_and_printable() -> None:
    (notice,) = notices_of("pot.c", "/* Copyright 1999 \x1b[31m" + "Ada\x00 " * 80).own
    assert notice.startswith("© 1999 [31m")
    assert len(notice) <= NOTICE_CHARACTERS
    assert notice.isprintable()


@pytest.mark.parametrize(
    "unit", ["(c) ", "copyright ", "copyright(c)", " ", "a ", "@", "1999,", "<a@", "- ", "\t*", "\ud800", "a/", "a.", "/*", "*/", "based "]
)
def test_of_odd_text_no_more_than_the_start_of_a_line_is_looked_at(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    plain = notices.without_marks

    def watched(line: str) -> str:
        looked_at.append(plain(line))
        return looked_at[-1]

    monkeypatch.setattr(notices, "without_marks", watched)
    notices_of("pot.c", f"/* Copyright 1999 A {unit * 100_000}\n" + f"{unit * 100_000}\n" * 3)
    assert 0 < max(map(len, looked_at)) <= LINE_CHARACTERS


# What is shipped


@pytest.mark.parametrize(
    ("path", "own", "others"),
    [
        ("fs/sysv/balloc.c", "© 1993 Bruno Haible", 4),
        ("fs/sysv/truncate.c", "© 1993 Bruno Haible", 2),
        ("drivers/scsi/aha1740.c", "© 1992, 1993 Brad McLean", 1),
        ("drivers/scsi/sr.c", "", 1),
        ("drivers/scsi/sr.h", "", 1),
        ("drivers/block/sbpcd.c", "© 1993, 1994 Eberhard Moenkeberg", 0),
        ("kernel/sched.c", "© 1991, 1992 Linus Torvalds", 0),
        ("fs/fifo.c", "written by Paul H. Hargrove", 0),
        ("net/inet/udp.c", "written by Ross Biro, Fred N. van Kempen", 0),
    ],
)
def test_the_shipped_notices_are_the_files_own(linux: SealedManifest, path: str, own: str, others: int) -> None:
    file = linux.catalog.find(path)
    assert (file.notice, len(file.source_notices)) == (own, others)


def test_the_shipped_notices_are_all_there(linux: SealedManifest) -> None:
    assert sum(file.notice.startswith("©") for file in linux.catalog) == 284
    assert sum(bool(file.more_notices) for file in linux.catalog) == 64
    assert sum(bool(file.notices or file.source_notices) for file in linux.catalog) == 361
