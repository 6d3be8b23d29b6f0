"""What other programs read in a page or a stream: elements, the tags of a preview, server-sent events."""

import json
from html.parser import HTMLParser
from typing import Any

import extruct


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def elements(html: str, tag: str) -> list[dict[str, str]]:
    """The attributes of all elements of a name."""
    parser = _Elements()
    parser.feed(html)
    return [found for name, found in parser.found if name == tag]


def extracted(html: str, tag: str, attribute: str, value: str) -> list[dict[str, str]]:
    """The attributes of all elements of a name that have an attribute of a value."""
    return [found for found in elements(html, tag) if found.get(attribute) == value]


def opengraph(html: str) -> dict[str, str]:
    """The Open Graph tags of a page, each of which may stand there once."""
    [found] = extruct.extract(html, "http://testserver/", syntaxes=["opengraph"])["opengraph"]
    assert len(dict(found["properties"])) == len(found["properties"]), "a tag stands there twice"
    return dict(found["properties"])


def events(text: str) -> list[tuple[str, Any]]:
    """Server-sent events: name and data."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines.get("event", "message"), json.loads(lines["data"])))
    return found
