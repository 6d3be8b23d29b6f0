from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import floor

import pytest

from laam.compare.live import compare_text
from laam.compare.measures import IN_ORIGINAL_LINES
from laam.corpus.catalog import describe_file
from laam.corpus.exhibit_words import ExhibitWords
from laam.corpus.lines import line_digest
from laam.corpus.lookup import Location
from laam.corpus.releases import SHIPPED, Release, with_words
from laam.emission import wording
from laam.words import say
from tests.compare.made_up import MadeUpOriginal

described = partial(describe_file, licences=SHIPPED.licences)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0 %"),
        (1e-9, "0.0 %"),
        (0.00099, "0.0 %"),
        (0.001, "0.1 %"),
        (0.29, "29.0 %"),
        (0.57, "57.0 %"),
        (0.58, "58.0 %"),
        (0.99949, "99.9 %"),
        (0.99999, "99.9 %"),
        (1 - 2**-53, "99.9 %"),
        (1 - 0.9, "10.0 %"),  # as a similarity is computed; the float lies below a tenth
        (1.0, "100 %"),
    ],
)
def test_percent_rounds_down(share: float, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize("whole", [7, 1000, 3_000, 94_851])
def test_percent_is_the_true_floor_of_every_fraction(whole: int) -> None:
    for part in range(0, whole, max(1, whole // 3_000)):
        tenths = floor(Fraction(part, whole) * 1000)
        assert wording.percent(part / whole) == f"{tenths // 10}.{tenths % 10} %", part


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines"), (1_000, "1,000 lines"), (1_234_567, "1,234,567 lines")]
)
def test_count(number: int, text: str) -> None:
    assert wording.count(number, "line") == text


def test_model_size() -> None:
    assert wording.model_size(4_966_144) == "It has 5.0 M parameters."


def test_origin_names_author_licence_release_and_size() -> None:
    file = described("linux/toy/pot.c", b"/* Copyright (C) 1999 Ada Example */\n")
    terms = "GPL-2 (GPL-2.0-only, by COPYING)"
    assert wording.origin(file, SHIPPED) == f"© 1999 Ada Example · {terms} · Linux 1.0, 14 March 1994 · 37 bytes, 1 line"
    assert wording.origin(described("linux/toy/pot.c", b"\n\n"), SHIPPED).startswith("© its authors · GPL-2 (")


def test_of_a_file_that_names_nobody_is_said_what_is_known_of_its_release() -> None:
    file = described("poems/pot.txt", b"The pot is cold.\n")
    poems = Release("Poems", "", "")
    assert wording.notice_of(file, poems) == ""
    assert wording.origin(file, poems).startswith("GPL-2 (")
    known = with_words(poems, ExhibitWords("Poems", people="Ada & Bo"))
    assert wording.notice_of(file, known) == "the work of Ada & Bo"
    assert wording.origin(file, known).startswith("the work of Ada & Bo · GPL-2 (")
    assert wording.notice_of(replace(file, source_notices=("© 1999 Cy (jug.c)",)), poems) == "1 notice of what it came from"


def test_origin_names_the_place_of_the_words_that_decided() -> None:
    file = described("linux/toy/pot.c", b"/* pot.c\n * Distributed under the GPL.\n */\n")
    assert " · GPL, no version named (GPL-1.0-or-later, by the file itself, line 2) · " in wording.origin(file, SHIPPED)
    file = described("linux/drivers/sound/pot.c", b"int pot;\n")
    assert " · 2-clause BSD (BSD-2-Clause, by drivers/sound/COPYING, line 4) · " in wording.origin(file, SHIPPED)


def test_a_file_that_is_not_copyrighted_has_no_authors_notice() -> None:
    file = described("linux/toy/pot.c", b"/* Not copyrighted. */\n")
    assert wording.origin(file, SHIPPED).startswith("no copyright claimed · not copyrighted, by its own words (LicenseRef-public-domain, ")


def test_all_notices_are_named_the_file_s_own_first() -> None:
    text = b"/*\n * toy/lid.c\n * Copyright 1998 Bo Older\n *\n * toy/pot.c\n * Copyright 1999 Ada Example\n */\n"
    file = described("linux/toy/pot.c", b"/* pot.c, which is from */\n" + text)
    assert wording.notice_of(file, SHIPPED) == "© 1999 Ada Example and 1 more"
    assert wording.notices(file) == "© 1999 Ada Example\n© 1998 Bo Older (toy/lid.c) – of what it came from"
    assert wording.notices(described("linux/toy/pot.c", b"/* Copyright 1999 Ada Example */\n")) == ""


def test_what_is_not_settled_is_said_in_a_sentence() -> None:
    assert wording.unsettled(described("linux/toy/pot.c", b"int pot;\n")) == ""
    said = wording.unsettled(described("linux/include/linux/tpqic02.h", b"int pot;\n"))
    assert said.startswith("Not settled: the file reserves all rights") and said.endswith(".")


def test_where_source_was_found() -> None:
    file = described("linux/toy/pot.c", b"a\nb\n")
    assert wording.found_at(Location(file, 0, 2, 2, following=0)) == " · your source is from lines 1 to 2"
    assert wording.found_at(Location(file, 1, 1, 0, following=0)) == " · your source is within line 2"


def test_the_fields_of_a_score() -> None:
    original = MadeUpOriginal("one\ntwo\nsix\n")
    fields = wording.score_fields(compare_text("one\ntwo\nten\n", original, prompt_characters=1, line_files={}).score)
    assert f"in the originals’ lines 0.0 %: {IN_ORIGINAL_LINES.meaning} (0 of 12 characters)" in fields.pop("measures").splitlines()
    assert fields == {
        "lines": "2 of 3 lines",
        "longest_run": "longest run 2 lines",
        "sha256": "sha256 differs",
        "characters": "1 character in → 12 out",
        "verbatim": "verbatim 66.6 %",
        "without_boilerplate": "without boilerplate 66.6 %",
        "similarity": "similarity 75.0 %",
    }


def test_what_the_whole_text_differs_in_is_said_beside_the_number() -> None:
    fields = wording.score_fields(compare_text("+one\n+two\n", MadeUpOriginal("one\ntwo\nsix\n")).score)
    assert fields["difference"] == "“+” stands before each line; without that, 66.6 % would be reproduced."


def test_a_file_that_lacks_boilerplate_is_not_called_a_whole() -> None:
    files = {line_digest("}\n"): 11}
    original = MadeUpOriginal("one\n}\n")
    lacking = wording.score_fields(compare_text("one\n", original, line_files=files).score)
    assert lacking["without_boilerplate"] == "only boilerplate is missing"
    whole = wording.score_fields(compare_text("one\n}\n", original, line_files=files).score)
    assert whole["without_boilerplate"] == "without boilerplate 100 %"
    junk = wording.score_fields(compare_text("x\none\n}\ny\n", original, line_files=files).score)
    assert (junk["verbatim"], junk["sha256"]) == ("verbatim 60.0 %", "sha256 differs")


def test_of_a_part_nothing_is_said_of_the_whole_file() -> None:
    fields = wording.score_fields(compare_text("one\n", MadeUpOriginal("one\ntwo\n"), reach=4).score, whole_file=False)
    assert "sha256" not in fields
    assert fields["within_reach"] == "its window can hold the first 4 characters, 1 line"


def test_where_nothing_follows_nothing_is_called_reproduced() -> None:
    fields = wording.score_fields(compare_text("", MadeUpOriginal("")).score, whole_file=False)
    assert fields["lines"] == "nothing follows in the original"


def test_what_is_not_known_is_not_said() -> None:
    fields = wording.score_fields(compare_text("one\n", MadeUpOriginal("one\n", has_text=False)).score)
    assert fields["sha256"] == "sha256 identical ✓"
    assert fields.keys().isdisjoint({"without_boilerplate", "similarity", "measures"})


def test_what_may_be_too_low_is_said_beside_the_number() -> None:
    score = compare_text("a\nb\n", MadeUpOriginal("a\nc\n")).score
    assert "difference" not in wording.score_fields(score)
    both = wording.score_fields(replace(score, cut_short=True, difference_looked_for=False))["difference"]
    assert both == f"{say('cut_short')} {say('not_looked_for')}"
