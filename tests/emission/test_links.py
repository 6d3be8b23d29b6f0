"""What a link says, as the server reads it; and that the page's script reads the same."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import pytest

from laam.emission.links import IN_LINKS, link_keys, read_link, unescaped
from tests.engine.node import node
from tests.twin.test_live import LIVE

DRAWN = {"path": "kernel/panic.c", "t": "1", "seed": "3"}
ESCAPED = [
    "path=kernel/panic.c&amp;t=1&amp;seed=3",
    "path=kernel/panic.c&amp;amp;t=1&amp;amp;amp;seed=3",
    "path=kernel/panic.c&AMP;t=1&#x26;seed=3".replace("#", "%23"),
    "path=kernel/panic.c&%2338;t=1&%23038;seed=3",
    "path=kernel/panic.c%26amp%3Bt=1%26amp%3Bseed=3",
    "path=kernel/panic.c%26amp;t=1%26amp;seed=3",
    "path=kernel/panic.c%26%23038%3Bt=1&seed=3",
    "&amp;path=kernel/panic.c&t=1&amp;seed=3",
    "amp;path=kernel/panic.c&t=1&seed=3",
    "file=kernel/panic.c&temperature=1&Seed=3",
    "filename=kernel/panic.c&temp=1&seed=3&k=&n=",
]
UNKNOWN = {
    "path=x.c&foo=1": "This link has a key that the exhibit doesn’t know: foo.",
    "path=x.c&foo=1&amp;bar=2": "This link has keys that the exhibit doesn’t know: foo, bar.",
    "path=x.c&<b>=1": "This link has a key that the exhibit doesn’t know: <b>.",
    "path=x.c&a=1&b=1&c=1&d=1&e=1&f=1": "This link has keys that the exhibit doesn’t know: a, b, c, d, e, ….",
    f"path=x.c&{'x' * 90}=1": f"This link has a key that the exhibit doesn’t know: {'x' * 40}….",
    "path=x.c&source=int": "This link has a key that the exhibit doesn’t know: source.",
    "path=x.c&toString=1&__proto=1": "This link has a key that the exhibit doesn’t know: toString.",
    "path=x.c&utm_source=a&fbclid=b&gclid=c&msclkid=d&mc_cid=e&igshid=f&ref=g&__theme=dark&__sign=h&view=api&deep_link=i": "",
    "path=x.c&max_tokens=5&max-new-tokens=6&top_k=3&anyway=1&pieces=0&model=m": "",
}


def pairs(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize("query", ESCAPED)
def test_a_query_is_read_as_it_was_meant(query: str) -> None:
    link = read_link(pairs(query))
    assert (link.values, link.note) == (DRAWN, "")


@pytest.mark.parametrize("query", UNKNOWN)
def test_what_nobody_knows_is_named(query: str) -> None:
    assert read_link(pairs(query)).note == UNKNOWN[query]


@pytest.mark.parametrize("path", ["a&b=<c>", "a&t=1", "amp;x", "&amp;", "a&amp;b", "x;amp;y=1"])
def test_a_name_that_only_looks_escaped_stays_as_it_is(path: str) -> None:
    assert unescaped({"path": path}) == {"path": path}


def test_the_script_reads_every_link_so() -> None:
    addresses = [f"/?{query}" for query in (*ESCAPED, *UNKNOWN)]
    hidden = ["/?path=kernel/panic.c&#038;t=1&#038;seed=3", "/?path=kernel/panic.c&#38;t=1&amp;seed=3"]  # a browser takes `#` for itself
    found: list[Mapping[str, Any]] = node("keys", LIVE, keys=link_keys(), addresses=[*addresses, *hidden, "/?path=x.c#L12"])
    for query, said in zip((*ESCAPED, *UNKNOWN), found, strict=False):
        link = read_link(pairs(query))
        assert said == {"values": link.values, "note": link.note}
    assert [said["values"] for said in found[-3:]] == [DRAWN, DRAWN, {"path": "x.c"}]


def test_no_name_stands_for_two_knobs_and_none_is_taken_for_a_tracker() -> None:
    names = [name for knob in IN_LINKS for name in {knob.key, knob.name, *knob.synonyms}]
    assert len(names) == len(set(names))
    others = link_keys()["others"]
    assert [name for name in names for other in others if name == other or (other.endswith("*") and name.startswith(other[:-1]))] == []
