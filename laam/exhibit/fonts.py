"""The fonts that cards are drawn with: IBM Plex, which comes with Gradio."""

from importlib.util import find_spec
from pathlib import Path


def card_fonts() -> Path:
    """The folder with the faces; `laam.share.card.Cards` says what it needs of it. Gradio isn't imported."""
    found = find_spec("gradio")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "templates" / "frontend" / "static" / "fonts"
