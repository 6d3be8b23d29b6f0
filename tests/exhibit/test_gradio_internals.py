import inspect

from laam.exhibit import gradio_internals
from laam.exhibit.gradio_internals import gr


def test_gradio_is_whole_and_inspect_is_as_it_was() -> None:
    assert gr.HTML("x").value == "x"
    assert inspect.getfile(gr.HTML).endswith(".py")
    assert inspect.getfile is not gradio_internals._no_file_of_gradio
