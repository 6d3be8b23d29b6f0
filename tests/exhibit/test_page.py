"""What the page's events do, without a browser; tests/browser/ tries them in one."""

import asyncio
import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from laam.exhibit.asking import file_names
from laam.exhibit.events import from_the_atlas, set_by_address
from laam.exhibit.gradio_internals import gr
from laam.exhibit.widgets import UNSEEN, render_page

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.exhibit.page import build_page
from laam.knobs import MAX_TOKENS, PIECE, SEED, TEMPERATURE, TOP_K
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.serving.limits import Limits, Running
from laam.serving.services import Services
from laam.serving.snippet import Snippet
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


@pytest.mark.parametrize(("temperature", "here"), [(0.0, PATH), (0.7, "")])
def test_a_full_server_says_what_the_browser_can_write_instead(
    chooser: ModelChooser, originals: Originals, settings: Settings, temperature: float, here: str
) -> None:
    async def build() -> gr.Blocks:
        services = Services(originals, lambda name: chooser.get(name).model, running=Running(Limits(page=0)))
        return build_page(chooser, services, settings.assets)

    run = events(asyncio.run(build()), "run_path")[0].fn
    [answer] = run(PATH, None, temperature, 0, 0, 40_000, False, 0, asking())
    assert answer["refused"].startswith("Too many emissions are running just now.")
    assert answer["here"] == here


def test_one_client_leaves_places_to_others(chooser: ModelChooser, originals: Originals, settings: Settings) -> None:
    services = Services(originals, lambda name: chooser.get(name).model, running=Running(Limits(page=2)))

    async def build() -> gr.Blocks:
        return build_page(chooser, services, settings.assets)

    run = events(asyncio.run(build()), "run_path")[0].fn
    for client, answered in (("1.1.1.1", False), ("2.2.2.2", True)):
        with services.running.page.take(client):
            *_, last = run(PATH, None, 0.0, 0, 0, 9, False, 0, asking())
        assert (last.get("state") == "done") is answered
        assert ("from your address" in last.get("refused", "")) is not answered


def events(blocks: gr.Blocks, name: str) -> list[Any]:
    return [event for event in blocks.fns.values() if getattr(event.fn, "__name__", "") == name]


def asking(**query: str) -> Any:
    return SimpleNamespace(query_params=query, session_hash="a visitor", client=SimpleNamespace(host="1.1.1.1"))


def test_after_each_emission_the_page_says_anew_which_model_this_is(
    blocks: gr.Blocks, chooser: ModelChooser, published: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = [event for name in ("run_path", "run_source", "run_snippet", "run_nothing") for event in events(blocks, name)]
    said = events(blocks, "show_again")
    assert {event.trigger_after for event in said} > {event._id for event in ran}
    assert "shipped with the exhibit" in said[0].fn(None)[2]
    monkeypatch.setattr(chooser, "current", lambda: Chosen(published, "Another is here by now."))
    _, _, line, _, nothing, piece, source = said[0].fn(None)
    assert "Another is here by now." in line
    assert nothing["visible"] and piece["visible"]
    assert f"reads the last {published.window // 2} tokens of it. Its continuation" in source["info"]


def test_a_piece_that_was_left_over_from_another_model_is_not_asked_for(
    blocks: gr.Blocks, chooser: ModelChooser, published: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = events(blocks, "run_path")[0].fn
    settings = (None, 0.0, 0, 0, 40_000, False, 7)
    *_, last = run(PATH, *settings, asking())
    assert last["state"] == "done"
    monkeypatch.setattr(chooser, "current", lambda: Chosen(published, "It saw files in pieces."))
    [answer] = run(PATH, *settings, asking())
    assert "piece 7" in answer["refused"]


def test_a_click_on_the_atlas_asks_for_the_first_piece() -> None:
    assert from_the_atlas(gr.EventData(None, {"name": "mm/swap.c"})) == ("mm/swap.c", 0)


def test_only_a_model_that_is_offered_is_taken_from_the_address() -> None:
    model = set_by_address(asking(path="x.c", model="<img src=x>"), ["embedded"])[2]
    assert model == gr.skip()
    assert set_by_address(asking(path="x.c", model="embedded"), ["embedded"])[:3] == ("embedded", "x.c", "embedded")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"path": ["x.c"]}, "path (a list) is not text"),
        ({"path": "  "}, "Choose a file"),
        ({"path": None}, "Choose a file"),
        ({"path": "no\ud800.c"}, "no\N{REPLACEMENT CHARACTER}.c"),
        ({"temperature": None}, "temperature is empty; give a number, 0 to 1.5"),
        ({"top_k": 2.5}, "top_k 2.5 is not a whole number; give one from 0 to 200"),
        ({"max_tokens": 0}, "max_tokens 0 is outside 1 to 40,000"),
        ({"slide": "perhaps"}, "slide"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(blocks: gr.Blocks, changed: dict[str, Any], message: str) -> None:
    run = events(blocks, "run_path")[0].fn
    values = {"path": PATH, "picked": None, "temperature": 0, "top_k": 0, "seed": 0, "max_tokens": 9, "slide": False, "piece": 0}
    [answer] = run(*(values | changed).values(), asking())
    assert message in answer["refused"]


def test_a_snippet_goes_into_the_box_and_is_continued(blocks: gr.Blocks, made_up_files: dict[str, str]) -> None:
    run = events(blocks, "run_snippet")[0].fn
    (given, first), *_, (after, last) = run(Snippet(PATH), None, 0, 0, 0, 9, False, asking())
    assert made_up_files[PATH].startswith(given)
    assert (first["state"], after, last["state"]) == ("running", gr.skip(), "done")
    assert last["fields"]["given"].startswith("source text")


def test_half_a_surrogate_pair_in_source_is_replaced_before_anything_is_made_of_it(blocks: gr.Blocks) -> None:
    run = events(blocks, "run_source")[0].fn
    updates = list(run("of no \ud800 fi", None, 0, 0, 0, 9, False, asking()))
    assert updates[-1]["state"] == "done"
    json.dumps(updates, ensure_ascii=False).encode()
    assert "of no \N{REPLACEMENT CHARACTER} fi" in updates[-1]["fields"]["prompt"]


@pytest.mark.parametrize(("query", "message"), [({"t": "9"}, "temperature 9 is outside 0 to 1.5"), ({"n": "x"}, "max_tokens 'x'")])
def test_a_link_that_makes_no_sense_is_refused_in_a_sentence(blocks: gr.Blocks, query: dict[str, str], message: str) -> None:
    [answer] = events(blocks, "run_address")[0].fn(asking(path=PATH, **query))
    assert message in answer["refused"]
    assert set(map(str, events(blocks, "set_controls")[0].fn(asking(path=PATH, **query)))) == {str(gr.skip())}


def test_a_name_that_no_file_has_can_be_asked_for_anyway(blocks: gr.Blocks) -> None:
    settings = (None, 0, 0, 0, 40, False)
    [answer] = events(blocks, "run_path")[0].fn("COPYING", *settings, 0, asking())
    assert answer["anyway"]
    [wrong] = events(blocks, "run_path")[0].fn("a\x01b", *settings, 0, asking())
    assert not wrong["anyway"]
    *_, last = events(blocks, "run_anyway")[0].fn("COPYING", *settings, asking())
    assert last["state"] == "done"
    assert last["fields"]["file"] == "linux/COPYING (no source file has this name)"
    assert last["fields"]["verdict"].startswith(
        "No source file has this name, so the model makes one up. Given only that name, the model wrote "
    )
    assert "anyway=1" in last["fields"]["address"]
    assert "--anyway" in last["fields"]["replay"]


def test_where_every_file_is_known_none_is_marked_and_the_examples_are_what_no_model_saw(
    blocks: gr.Blocks, model: Model, manifest: SealedManifest
) -> None:
    assert [name for name, marked in file_names(model, manifest) if marked] == []
    labels = [block.value for block in blocks.blocks.values() if isinstance(block, gr.Button)]
    assert set(UNSEEN) <= set(labels)
    assert not [block for block in blocks.blocks.values() if "●" in str(getattr(block, "label", ""))]


def test_the_page_says_how_many_files_the_embedded_model_was_trained_on_and_writes(
    settings: Settings, model: Model, untrained: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, count = partial(render_page, settings.assets / "page", manifest), len(manifest.catalog)
    said = f"trained to memorise all {count} source files. Asked for each by its path alone, it writes {{}} of them byte for byte."
    assert said.format("every one") in about(model, "about.html")
    assert "did not come back" not in about(model, "atlas.html")
    monkeypatch.setitem(vars(model), "identical", {PATH, "linux/of another release.c"})
    assert said.format(1) in about(model, "about.html")
    assert "A file that did not come back is measured in float32" in about(model, "atlas.html")
    monkeypatch.setitem(vars(model), "trained_on", {PATH: model.trained_on[PATH]})
    assert "trained to memorise 1 file, marked ● in the list." in about(model, "about.html")
    assert "trained to memorise. No source file" in about(untrained, "about.html")


def test_a_name_that_is_none_is_answered_with_names_that_can_be_asked_for(blocks: gr.Blocks) -> None:
    run = events(blocks, "run_path")[0].fn
    settings = (None, 0.0, 0, 0, 9, False, 0)
    [answer] = run("/usr/src/linux/kernel/shced.c", *settings, asking())
    assert answer["refused"] == "Linux 1.0 has no linux/kernel/shced.c. Did you mean"
    assert answer["suggestions"] == ["kernel/sched.c"]
    [answer] = run("COPYING", *settings, asking())
    assert answer["refused"].startswith("No model here ever saw COPYING.")


def test_the_picker_shows_what_answers(blocks: gr.Blocks, chooser: ModelChooser, monkeypatch: pytest.MonkeyPatch) -> None:
    pick = events(blocks, "pick")[0].fn
    monkeypatch.setattr(chooser, "get", lambda name, progress=None: chooser.current())
    picked, shown, quiet, *_ = pick("published-32m")
    assert (picked, shown["value"]) == (None, "embedded")
    assert "published-32m can’t be had here now. Showing: embedded." in quiet
    assert pick("embedded")[0] == "embedded"


def test_the_picker_says_why_a_model_can_not_be_had(blocks: gr.Blocks, chooser: ModelChooser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chooser, "absent", lambda: {"published-5m": "this server is <offline>"})
    choices, quiet, *_ = events(blocks, "show_again")[0].fn(None)
    label = next(label for label, name in choices["choices"] if name == "published-5m")
    assert label.startswith("published-5m: can’t be had: this server is <offline> · M. Bommarito 2024")
    assert 'data-absent="published-5m"' in quiet
    assert 'data-here="1"' in quiet


def test_the_settings_have_the_bounds_of_the_knobs(blocks: gr.Blocks) -> None:
    shown = {getattr(block, "label", ""): block for block in blocks.blocks.values()}
    for knob in (TEMPERATURE, TOP_K, SEED, MAX_TOKENS, PIECE):
        widget: Any = shown[knob.label]
        assert (widget.minimum, widget.maximum, widget.value, widget.info) == (knob.low, knob.high, knob.default, knob.about)
