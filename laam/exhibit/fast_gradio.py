"""Gradio, imported in half the time: `from laam.exhibit.fast_gradio import gr`.

At every import Gradio parses the source of each of its components to write type stubs beside them, unless
`inspect.getfile` says that a class has no file. While it is imported here, its own classes have none.
"""

import inspect
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

__all__ = ["gr"]
