import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from gradio import component_meta

from laam.exhibit.gradio_internals import card_fonts, gr, no_file_of_gradio, web_component
from laam.share.card import MONO, SANS


def test_gradio_is_whole_and_inspect_is_as_it_was() -> None:
    assert gr.HTML("x").value == "x"
    assert inspect.getfile(gr.HTML).endswith(".py")
    assert inspect.getfile is not no_file_of_gradio


def test_gradio_reads_no_source_of_a_component_that_has_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Any] = list(gr.HTML.EVENTS)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("reads its source"))
    with pytest.raises(pytest.fail.Exception):
        component_meta.create_or_modify_pyi(gr.HTML, "HTML", events)
    monkeypatch.setattr(inspect, "getfile", no_file_of_gradio)
    component_meta.create_or_modify_pyi(gr.HTML, "HTML", events)


def test_the_web_component_loads_a_script_that_defines_the_element() -> None:
    [name] = re.findall(r'import\("\./(assets/[\w.-]+\.js)"\)', web_component())
    script = Path(gr.__file__).parent / "templates" / "frontend" / name
    assert "gradio-app" in script.read_text()


@pytest.mark.parametrize("face", [SANS, MONO])
def test_the_fonts_of_the_cards_are_there(face: str) -> None:
    assert (card_fonts() / f"{face}.woff2").is_file()
