import pytest

from laam.corpus.licence_words import licence_lines

TEXT = """/*
 * Copyright (c) 1999 The Tea House.
 * All rights reserved.
 *
 * Redistribution and use of tea is permitted, if the cup
 * comes back.
 *
 * This file pours tea.
 */
int licence; /* a pot */
/* poured WITHOUT ANY WARRANTY */
int pot;
"""


def test_paragraphs_with_the_words_of_a_licence_are_told_from_the_rest() -> None:
    assert list(licence_lines(TEXT)) == [1, 2, 4, 5, 10]


@pytest.mark.parametrize("text", ["", "int copyright;\n", 'char *c = "Copyright 1999 A";\n', "/* as it is */\n"])
def test_code_and_other_comments_are_none(text: str) -> None:
    assert not list(licence_lines(text))
