"""The sentences that the server and the visitor's browser both say: they stand once, in `assets/live/words.js`."""

import json
from functools import cache

from laam.settings import ASSETS


@cache
def _words() -> dict[str, str]:
    _, _, words = (ASSETS / "live" / "words.js").read_text("utf-8").partition("export const WORDS =")
    found: dict[str, str] = json.loads(words.strip().removesuffix(";"))
    return found


def say(name: str, **values: object) -> str:
    """The sentence of a name, with its values filled in; numbers come as people write them. Raises KeyError for what isn't there."""
    return _words()[name].format(**values)
