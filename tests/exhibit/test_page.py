"""What the page's events do, without a browser; tests/browser/ tries them in one."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from laam.corpus.originals import Originals
from laam.exhibit import events as events_module
from laam.exhibit.events import from_the_atlas, set_by_address
from laam.exhibit.gradio_internals import gr
from laam.exhibit.page import build_page
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.serving.services import Services
from laam.settings import Settings

PATH = "linux/kernel/sched.c"


@pytest.fixture
def chooser(settings: Settings) -> ModelChooser:
    return ModelChooser("embedded", settings)


@pytest.fixture
def blocks(chooser: ModelChooser, originals: Originals, settings: Settings) -> gr.Blocks:
    async def build() -> gr.Blocks:
        return build_page(chooser, Services(originals, lambda name: chooser.get(name).model), settings.assets)

    return asyncio.run(build())


def events(blocks: gr.Blocks, name: str) -> list[Any]:
    return [event for event in blocks.fns.values() if getattr(event.fn, "__name__", "") == name]


def asking(**query: str) -> Any:
    return SimpleNamespace(query_params=query, session_hash="a visitor")


def test_after_each_emission_the_page_says_anew_which_model_this_is(
    blocks: gr.Blocks, chooser: ModelChooser, published: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = [event for name in ("run_path", "run_source", "run_nothing") for event in events(blocks, name)]
    said = events(blocks, "show_again")
    assert {event.trigger_after for event in said} == {event._id for event in ran}
    assert "shipped with the exhibit" in said[0].fn(None)[0]
    monkeypatch.setattr(chooser, "current", lambda: Chosen(published, "Another is here by now."))
    line, nothing, piece = said[0].fn(None)
    assert "Another is here by now." in line
    assert nothing["visible"] and piece["visible"]


def test_a_piece_that_was_left_over_from_another_model_is_not_asked_for(
    blocks: gr.Blocks, chooser: ModelChooser, published: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "refusal", ValueError)
    run = events(blocks, "run_path")[0].fn
    settings = (None, 0.0, 0, 0, 40_000, False, 7)
    *_, last = run(PATH, *settings, asking())
    assert last["state"] == "done"
    monkeypatch.setattr(chooser, "current", lambda: Chosen(published, "It saw files in pieces."))
    with pytest.raises(ValueError, match="piece 7"):
        list(run(PATH, *settings, asking()))


def test_a_click_on_the_atlas_asks_for_the_first_piece() -> None:
    assert from_the_atlas(gr.EventData(None, {"name": "mm/swap.c"})) == ("mm/swap.c", 0)


def test_only_a_model_that_is_offered_is_taken_from_the_address() -> None:
    model = set_by_address(asking(path="x.c", model="<img src=x>"), ["embedded"])[1]
    assert model == gr.skip()
    assert set_by_address(asking(path="x.c", model="embedded"), ["embedded"])[1] == "embedded"
