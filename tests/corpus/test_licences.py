import time

import pytest

from laam.corpus.licences import NOTICE_CHARACTERS, licence_of, notice_of


@pytest.mark.parametrize(
    ("path", "licence"),
    [
        ("linux/kernel/sched.c", "GPL-2.0"),
        ("linux/drivers/sound/audio.c", "BSD-2-Clause"),
        ("drivers/sound/audio.c", "BSD-2-Clause"),
        ("linux/drivers/soundless.c", "GPL-2.0"),
        ("linux/include/linux/soundcard.h", "BSD-2-Clause"),
        ("linux/include/linux/ultrasound.h", "BSD-2-Clause"),
        ("linux/drivers/net/slhc.c", "BSD with advertising clause"),
        ("linux/drivers/net/slhc.h", "BSD with advertising clause"),
        ("linux/drivers/char/tpqic02.c", "own terms"),
    ],
)
def test_licence(path: str, licence: str) -> None:
    assert licence_of(path) == licence


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("/*\n *  Copyright (C) 1998,1999  Ada Example\n */", "© 1998, 1999 Ada Example"),
        ("! boot.s\t\tcopyright (c) 1999 by Ada Example.", "© 1999 Ada Example"),
        ("/* (C) 1999 Ada Example <ada@example.org>. All rights reserved. */", "© 1999 Ada Example"),
        ("/* (c) Copyright 1999 A. Example (ada@example.org) */", "© 1999 A. Example"),
        (" * Copyright Ada Example 1999; see the file TERMS", "© Ada Example 1999"),
        (" * Copyright 1999 Ada Example. This file is a test.", "© 1999 Ada Example"),
        (" | Copyright (C) 1998,1999            |\n |   A. Example, 12 Test St, Testville   |", "© 1998, 1999 A. Example"),
        (" * Copyright 1999 Made-up Government as represented by the\n * Director", "© 1999 Made-up Government"),
        ("© 1999 Ada Example", "© 1999 Ada Example"),
        ("/* no notice */\nint a;\n", ""),
        ("#define isteapot(c) ((c) == 1999)\n", ""),
        ('puts("Copyright 1999 Nobody");\n', ""),
        (" * the above copyright notice of 1999 must be kept\n", ""),
        (" * Copyright 1999\n *\n", ""),
        (" * built on other/work.c  Copyright (C) 1999 Somebody Else\n", ""),
        ("\n" * 60 + "Copyright 1999 Ada Example", ""),
        ("", ""),
    ],
)
def test_notice(text: str, notice: str) -> None:
    assert notice_of(text) == notice


def test_a_notice_is_short_and_printable() -> None:
    notice = notice_of("Copyright 1999 \x1b[31m" + "Ada\x00 " * 80)
    assert notice.startswith("© 1999 [31m") is True
    assert len(notice) <= NOTICE_CHARACTERS
    assert notice.isprintable()


@pytest.mark.parametrize("unit", ["(c) ", "copyright ", "copyright(c)", " ", "a ", "@", "1999,", "<a@", "- ", "\t*", "\ud800"])
def test_odd_text_takes_no_time(unit: str) -> None:
    start = time.perf_counter()
    notice_of(f"Copyright 1999 A {unit * 100_000}\n" + f"{unit * 100_000}\n" * 3)
    assert time.perf_counter() - start < 1
