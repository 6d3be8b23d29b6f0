"""The exhibit's panes, as every page has them."""

from pathlib import Path

from laam.corpus.releases import Release
from laam.templates import template_environment


def exhibit_html(assets: Path, release: Release, *, question: str = "") -> str:
    """The panes as HTML. `question`: the address of the page with both sides; without it *What does this show?* is left out."""
    return template_environment(assets / "page").get_template("exhibit.html").render(release=release, question=question)
