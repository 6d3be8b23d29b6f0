import pytest

from laam.corpus.licence_texts import EITHER_WAY, licence_of_text
from laam.corpus.licences import UNREAD


@pytest.mark.parametrize(
    ("head", "expression", "unsettled"),
    [
        ("GNU GENERAL PUBLIC LICENSE\n   Version 2, June 1991", "GPL-2.0-only", EITHER_WAY),
        ("GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1, February 1999", "LGPL-2.1-only", EITHER_WAY),
        ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3, 19 November 2007", "AGPL-3.0-only", EITHER_WAY),
        ("Mozilla Public License Version 2.0", "MPL-2.0", ""),
        ("Creative Commons Attribution-ShareAlike 4.0 International Public License", "CC-BY-SA-4.0", ""),
        ("Creative Commons Attribution 4.0 International Public License", "CC-BY-4.0", ""),
        ("Apache License, Version 2.0, or the Mozilla Public License 2.0", UNREAD, ""),
        ("Pour as you like.", UNREAD, ""),
        ("", UNREAD, ""),
    ],
)
def test_a_text_is_the_licence_that_it_says_it_is(head: str, expression: str, unsettled: str) -> None:
    assert licence_of_text(head) == (expression, unsettled)
