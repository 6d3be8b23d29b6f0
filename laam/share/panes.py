"""The exhibit's panes outside of Gradio: its HTML as it is, its script as a module."""

from pathlib import Path


def exhibit_html(assets: Path) -> str:
    """The panes, as the page has them."""
    return (assets / "page" / "exhibit.html").read_text()


def exhibit_module(assets: Path) -> str:
    """The exhibit's script as a JavaScript module, whose function takes what Gradio would hand over."""
    script = (assets / "page" / "exhibit.js").read_text()
    return f"export default function (element, props, watch, trigger, server) {{\n{script}\n}}\n"
