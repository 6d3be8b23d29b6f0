import asyncio
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from gradio import component_meta, route_utils, utils
from gradio.state_holder import StateHolder
from laam.exhibit.gradio_internals import (
    LightSession,
    card_fonts,
    describe_arguments,
    fill_arguments,
    gr,
    kept_to_itself,
    no_file_of_gradio,
    serve_at_once,
    web_component,
)

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
    assert "gradio-app" in script.read_text("utf-8")


@pytest.mark.parametrize("face", [SANS, MONO])
def test_the_fonts_of_the_cards_are_there(face: str) -> None:
    assert (card_fonts() / f"{face}.woff2").is_file()


@pytest.fixture
def page() -> gr.Blocks:
    def add(left: int, right: int = 3) -> int:
        """
        Add.

        Args:
            left: the first
            right: the second
        """
        return left + right

    async def build() -> gr.Blocks:
        page: gr.Blocks
        with gr.Blocks(analytics_enabled=False) as page:
            gr.api(add)  # type: ignore[attr-defined]  # it is documented as public
        return page

    return asyncio.run(build())


def test_the_arguments_of_an_endpoint_are_described(page: gr.Blocks) -> None:
    describe_arguments(page)
    arguments = page.get_api_info()["named_endpoints"]["/add"]["parameters"]
    assert [argument["python_type"]["description"] for argument in arguments] == ["the first", "the second"]


@pytest.mark.parametrize(("given", "filled"), [([], [None, 3]), ([1], [1, 3]), ([1, 2], [1, 2]), ([1, 2, 9], [1, 2, 9])])
def test_arguments_that_are_left_out_are_filled_in(page: gr.Blocks, given: list[int], filled: list[int | None]) -> None:
    fill_arguments(page)
    page.validate_inputs(next(iter(page.fns.values())), given)
    assert given == filled


def test_one_style_sheet_reaches_beyond_the_component() -> None:
    name, text = kept_to_itself()
    assert name.endswith(".css")
    assert "}body{" not in text
    assert text.count("}body:has(>gradio-app[control_page_title]){line-height:inherit;margin:0}") == 1


def test_no_event_looks_for_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "utils.MatplotlibBackendMananger()" in inspect.getsource(route_utils.call_process_api)
    looked_for: list[str] = []

    class Finder:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            looked_for.append(name)

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    with utils.MatplotlibBackendMananger():
        pass
    assert looked_for == []


def test_as_many_events_of_a_mounted_page_are_served_at_once_as_it_is_told(page: gr.Blocks) -> None:
    async def served() -> int:
        page._queue.start()  # type: ignore[no-untyped-call]
        return len(page._queue.active_jobs)

    serve_at_once(page, 7)
    assert asyncio.run(served()) == 7


def test_a_visitor_s_session_is_a_light_one_and_keeps_no_configuration(page: gr.Blocks) -> None:
    holder = StateHolder()  # type: ignore[no-untyped-call]
    holder.set_blocks(page)
    session = holder["a visitor"]
    assert isinstance(session, LightSession)
    number, block = next(iter(page.blocks.items()))
    session._update_value_in_config(number, "hello")
    assert (session.config_values, session[number]) == ({}, block)
