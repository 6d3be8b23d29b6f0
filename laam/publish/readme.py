"""The README of a Space: what it links to, and the addresses in its front matter that the hub wants in full."""

import posixpath
import re
from urllib.parse import urlsplit

from huggingface_hub import constants

_LINK = re.compile(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_FIELD = re.compile(r"^(license_link|thumbnail):[ \t]*(\S+)[ \t]*$", re.MULTILINE)
_KINDS = {"license_link": "blob", "thumbnail": "resolve"}


def linked_files(markdown: str) -> list[str]:
    """The files of the repository that a Markdown text at the root links to or shows, each once, by path from the root."""
    targets = map(urlsplit, _LINK.findall(markdown))
    return sorted({posixpath.normpath(to.path) for to in targets if to.path and not (to.scheme or to.netloc)})


def front_matter_files(readme: str) -> dict[str, str]:
    """The files of the repository that the front matter names, by the name of the field."""
    return {field: value for field, value in _FIELD.findall(_head(readme)) if not urlsplit(value).scheme}


def with_full_addresses(readme: str, repo: str) -> str:
    """The README of the Space `repo`. The hub takes a licence's file only if it is called LICENSE, and a thumbnail only by its address."""
    head = _head(readme)
    files = front_matter_files(readme)

    def full(field: re.Match[str]) -> str:
        name, path = field[1], field[2]
        return f"{name}: {constants.ENDPOINT}/spaces/{repo}/{_KINDS[name]}/main/{path}" if name in files else field[0]

    return _FIELD.sub(full, head) + readme[len(head) :]


def _head(readme: str) -> str:
    """The front matter, with its closing line; empty if there is none."""
    found = re.match(r"---\n.*?\n---\n", readme, re.DOTALL)
    return found[0] if found else ""
