"""Gradio, imported in half the time: `from laam.exhibit.gradio_internals import gr`.

At every import Gradio parses the source of each of its components to write type stubs beside them, unless
`inspect.getfile` says that a class has no file. While it is imported here, its own classes have none.
"""

import inspect
from pathlib import Path
from typing import Any

_getfile = inspect.getfile


def _no_file_of_gradio(object: Any) -> str:
    if isinstance(object, type) and object.__module__.startswith("gradio."):
        raise OSError("no type stubs are wanted")
    return _getfile(object)


inspect.getfile = _no_file_of_gradio
try:
    import gradio as gr
finally:
    inspect.getfile = _getfile

__all__ = ["gr", "web_component"]


def web_component() -> str:
    """The script of `<gradio-app>`, as it comes with Gradio."""
    return (Path(gr.__file__).parent / "templates" / "frontend" / "gradio.js").read_text()
