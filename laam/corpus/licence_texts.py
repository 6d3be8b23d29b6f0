"""Which licence a whole text is, such as the one in LICENSE or COPYING: by words that only that licence has, near its beginning.

Nothing is guessed: a text that fits none of them, or that grants more than one, is unread.
"""

import re

from laam.corpus.licences import UNREAD, read_terms

HEAD = 3_000  # characters, blanks joined, in which a licence says which it is
EITHER_WAY = "the text of the licence doesn’t say whether later versions may be chosen"

_GNU = re.compile(
    r"\bGNU (?P<family>GENERAL|LESSER GENERAL|LIBRARY GENERAL|AFFERO GENERAL) PUBLIC LICENSE\s+Version (?P<version>\d(?:\.\d)?),",
    re.IGNORECASE,
)
_FAMILIES = {"general": "GPL", "lesser general": "LGPL", "library general": "LGPL", "affero general": "AGPL"}
_NAMED = (
    (r"\bApache License,? Version 2\.0", "Apache-2.0"),
    (r"\bMozilla Public License,? (?:Version |v\. ?)?2\.0", "MPL-2.0"),
    (r"\bEclipse Public License - v 2\.0", "EPL-2.0"),
    (r"\bBoost Software License - Version 1\.0", "BSL-1.0"),
    (r"\bThis is free and unencumbered software released into the public domain\.", "Unlicense"),
    (r"\bPYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\b", "PSF-2.0"),
    (r"\bDO WHAT THE FUCK YOU WANT TO PUBLIC LICENSE", "WTFPL"),
    (r"\bCC0 1\.0 Universal", "CC0-1.0"),
    (r"\bAttribution 4\.0 International", "CC-BY-4.0"),
    (r"\bAttribution-ShareAlike 4\.0 International", "CC-BY-SA-4.0"),
    (r"\bAttribution-NonCommercial 4\.0 International", "CC-BY-NC-4.0"),
    (r"\bSIL OPEN FONT LICENSE Version 1\.1", "OFL-1.1"),
    (r"\bThis software is provided ['‘]as-is['’], without any express or implied warranty\. In no event will the authors", "Zlib"),
)
"""What licences call themselves, and their SPDX names."""


def licence_of_text(text: str) -> tuple[str, str]:
    """The SPDX expression of a licence's text, and what isn't settled about it; `UNREAD` and nothing if it isn't one that is known."""
    head = " ".join(text.split())[:HEAD]
    if found := _GNU.search(head):
        version = found["version"] if "." in found["version"] else f"{found['version']}.0"
        return f"{_FAMILIES[found['family'].lower()]}-{version}-only", EITHER_WAY
    named = {expression for pattern, expression in _NAMED if re.search(pattern, head, re.IGNORECASE)}
    if len(named) > 1:
        return UNREAD, ""
    if named:
        return named.pop(), ""
    terms = read_terms(text)
    return (terms.expression or UNREAD if terms else UNREAD), ""
