"""SPDX licence expressions, parsed and checked by the field's own library."""

import re
from functools import cache
from typing import TYPE_CHECKING

from laam.extras import training_packages

if TYPE_CHECKING:
    from license_expression import Licensing

EXPRESSION_CHARACTERS = 200
_PLAIN = re.compile(r"[A-Za-z0-9.+:() -]+")
_OWN = ("LicenseRef-", "DocumentRef-")  # terms that the SPDX list has no name for


def parse_expression(text: str) -> str:
    """A licence expression as the SPDX list spells it: `gpl-2.0+` is `GPL-2.0-or-later`.

    Raises ValueError, which names what isn't known.
    """
    words = " ".join(text.split())
    if not 0 < len(words) <= EXPRESSION_CHARACTERS or not _PLAIN.fullmatch(words):
        raise ValueError(f"{words[:80]!r} is no licence expression; give one such as MIT or 'Apache-2.0 OR MIT'")
    licensing = _licensing()
    from boolean import ParseError
    from license_expression import ExpressionError

    try:
        parsed = licensing.parse(words)
    except (ExpressionError, ParseError, AttributeError) as error:
        raise ValueError(f"{words!r} is no licence expression; give one such as MIT or 'Apache-2.0 OR MIT'") from error
    unknown = [name for name in licensing.unknown_license_keys(parsed) if not name.startswith(_OWN)]
    if unknown:
        raise ValueError(f"{words!r} names {unknown[0]!r}, which the SPDX License List doesn't have; give another, or LicenseRef-…")
    return str(parsed)


def known_expression(text: str) -> str:
    """The same; empty for what is no expression, or names what isn't known."""
    try:
        return parse_expression(text)
    except ValueError:
        return ""


@cache
def _licensing() -> "Licensing":
    with training_packages():
        from license_expression import get_spdx_licensing

        return get_spdx_licensing()
