"""The exhibit's panes, as every page has them."""

from pathlib import Path

from laam.corpus.releases import Release
from laam.templates import template_environment

MARKS = (("as the weights", "model_licence"), ("as the file", "licence"), ("neither", ""), ("undecided", ""))
"""What a visitor may mark of a text, each with the field of the page that says more."""


def exhibit_html(assets: Path, release: Release, *, asks: bool = False, question: str = "") -> str:
    """The panes as HTML. `asks`: whether they ask *What does this show?*; `question`: the address of the page with both sides, if there is
    one."""
    marks = [(choice, "") for choice in release.choices] or MARKS
    return (
        template_environment(assets / "page")
        .get_template("exhibit.html")
        .render(release=release, asks=asks, question=question, marks=marks)
    )
