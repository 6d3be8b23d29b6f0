"""What the query of a link says: its knobs, under whichever name it gives them, and the keys that nobody here knows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from laam.knobs import AGAINST, ANYWAY, BITS, MAX_TOKENS, MODEL, NOISE, PATH, PIECES, PRUNED, SEED, SLIDE, TEMPERATURE, TOP_K, Knob

IN_LINKS: tuple[Knob, ...] = (PATH, MODEL, BITS, NOISE, PRUNED, TEMPERATURE, TOP_K, SEED, MAX_TOKENS, SLIDE, PIECES, ANYWAY, AGAINST)
"""The knobs that a link can set: all but the source, which is too long for one."""
NOT_OURS = (
    *("utm_*", "fbclid", "gclid", "gbraid", "wbraid", "gad_*", "dclid", "msclkid", "twclid", "ttclid", "yclid", "li_fat_id", "srsltid"),
    *("mc_*", "mkt_tok", "_hs*", "igsh*", "ref", "ref_*", "si", "_ga", "_gl", "pk_*", "mtm_*", "s_cid", "vero_id", "oly_*"),
    *("__*", "view", "deep_link"),
)
"""Keys that others add to links, as patterns that may end in `*`: those who count clicks, and in the last line Gradio and the Hub."""
SHOWN, SHOWN_CHARACTERS = 5, 40  # unknown keys that are named, and how much of each

_ESCAPE = r"(?:(?:amp|#0*38|#x0*26);)+"
_ESCAPED_KEY = re.compile(_ESCAPE, re.IGNORECASE)
_ESCAPED_JOIN = re.compile(rf"&{_ESCAPE}(?=\w+=)", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """The values of a query, by the keys of the knobs, without those that are empty; and the keys that are unknown."""

    values: Mapping[str, str]
    unknown: Sequence[str]

    @property
    def note(self) -> str:
        """A sentence that names the unknown keys; empty if there are none."""
        if not self.unknown:
            return ""
        names = [name if len(name) <= SHOWN_CHARACTERS else f"{name[:SHOWN_CHARACTERS]}…" for name in self.unknown]
        shown = [*names[:SHOWN], *(["…"] if len(names) > SHOWN else [])]
        return f"This link has {'a key' if len(names) == 1 else 'keys'} that the exhibit doesn’t know: {', '.join(shown)}."


def read_link(query: Mapping[str, str]) -> Link:
    """A link's query, as it was meant: a knob may have its key, its name, or a synonym."""
    keys = link_keys()["keys"]
    values, unknown = dict[str, str](), list[str]()
    for name, value in unescaped(query).items():
        plain = name.lower().replace("-", "_")
        if plain not in keys:
            unknown += [name] if name and not _is_of_others(plain) else []
        elif value:
            values[keys[plain]] = value
    return Link(values, unknown)


def unescaped(query: Mapping[str, str]) -> dict[str, str]:
    """A query whose `&` may have been escaped for HTML once too often, as forums and mail programs do it: `&amp;t=1` is read as `&t=1`."""
    return dict(pair for name, value in query.items() for pair in _pairs(name, value))


def link_keys(knobs: Sequence[Knob] = IN_LINKS) -> dict[str, Any]:
    """What the page's script, `assets/live/link.js`, must know to read a link in the same way. `keys`: of a knob, by each of its names."""
    keys = {name: knob.key for knob in knobs for name in (knob.key, knob.name, *knob.synonyms)}
    return {"keys": keys, "others": NOT_OURS}


def _pairs(name: str, value: str) -> Iterator[tuple[str, str]]:
    first, *rest = _ESCAPED_JOIN.split(value)
    escaped = _ESCAPED_KEY.match(name)
    yield name[escaped.end() :] if escaped else name, first
    for pair in rest:
        key, _, part = pair.partition("=")
        yield key, part


def _is_of_others(name: str) -> bool:
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in NOT_OURS)
