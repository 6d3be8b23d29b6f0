"""The exhibit's panes outside Gradio: the same HTML, and the script as a module."""

from pathlib import Path

from laam.corpus.releases import Release
from laam.templates import template_environment


def exhibit_html(assets: Path, release: Release) -> str:
    """The panes as the page has them, as HTML."""
    return template_environment(assets / "page").get_template("exhibit.html").render(release=release)


def exhibit_module(assets: Path) -> str:
    """The exhibit's script as a JavaScript module, whose function takes the arguments that Gradio would give it."""
    script = (assets / "page" / "exhibit.js").read_text()
    return f"export default function (element, props, watch, trigger, server) {{\n{script}\n}}\n"
