"""The exhibit's panes outside Gradio: the same HTML, and the script as a module."""

from pathlib import Path

from laam.corpus.releases import Release
from laam.templates import template_environment


def exhibit_html(assets: Path, release: Release, *, question: str = "") -> str:
    """The panes as the page has them, as HTML. `question`: the address of the page with both sides; without it *What does this show?* is
    left out."""
    return template_environment(assets / "page").get_template("exhibit.html").render(release=release, question=question)


def exhibit_module(assets: Path) -> str:
    """The exhibit's script as a JavaScript module, whose function takes the arguments that Gradio would give it."""
    script = (assets / "page" / "exhibit.js").read_text("utf-8")
    return f"export default function exhibit(element, props, watch, trigger, server) {{\n{script}\n}}\n"


def whole_exhibit_module(assets: Path) -> str:
    """The same, but it imports the player as a module, so that both can be joined to one script."""
    module = exhibit_module(assets)
    fetched = 'import(new URL("page/player.js", home))'
    assert fetched in module
    return 'import { Player } from "./player.js";\n' + module.replace(fetched, "Promise.resolve({ Player })")
