"""The page as a Gradio Blocks: its components, and which event of which of them does what."""

from functools import partial
from pathlib import Path
from typing import Any

from laam.exhibit.asking import Said
from laam.exhibit.events import Events, from_the_atlas, from_the_start
from laam.exhibit.gradio_internals import gr
from laam.exhibit.widgets import Widgets, components
from laam.model.chooser import ModelChooser
from laam.serving.services import Services

QUEUE_TOLD_S = 5.0  # how often Gradio tells its queue's length; "auto" tells everybody at each click, and a crowd clicks at once

_QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def build_page(chooser: ModelChooser, services: Services, assets: Path) -> gr.Blocks:
    """The page. Templates and script come from `page/` and `measure/` of `assets`."""
    page: gr.Blocks
    with gr.Blocks(title="Linux as a Model", analytics_enabled=False) as page:
        widgets = components(chooser, services.originals, assets)
        wire(page, widgets, Events(chooser, services, Said(services.originals, chooser, assets / "page")))
    page.queue(status_update_rate=QUEUE_TOLD_S)
    return page


def wire(page: gr.Blocks, on: Widgets, events: Events) -> None:
    """Bind the events of the page and its widgets to what they do."""
    knobs = on.knobs
    emission: dict[str, Any] = {
        "outputs": on.exhibit,
        "show_progress": "hidden",
        "trigger_mode": "multiple",  # a second click stops the first emission and starts the next
        "concurrency_limit": None,  # there are places for so many; whoever finds none is told so at once
        "concurrency_id": "emission",
        "api_visibility": "private",
    }
    inputs = [on.path, on.picked, knobs.temperature, *knobs.drawn, knobs.piece]
    from_path: dict[str, Any] = {"fn": events.run_path, "inputs": inputs, **emission}
    anyway: dict[str, Any] = {"fn": events.run_anyway, "inputs": [on.path, on.picked, knobs.temperature, *knobs.drawn], **emission}
    asked, set_ = [on.path, knobs.piece], [knobs.temperature, *knobs.drawn]
    ran = [
        on.emit.click(**from_path),
        on.path.submit(**from_path),
        *(chip.click(partial(from_the_start, name), outputs=asked, **_QUICK).then(**from_path) for chip, name in on.chips),
        on.anyway.click(**anyway),
        *(chip.click(partial(from_the_start, name), outputs=asked, **_QUICK).then(**anyway) for chip, name in on.unseen),
        *(section.click(from_the_atlas, outputs=asked, **_QUICK).then(**from_path) for section in (on.atlas, on.exhibit)),
        on.go_on.click(events.run_source, [on.source, on.picked, *set_], **emission),
        *(
            chip.click(events.run_snippet, [snippet, on.picked, *set_], **{**emission, "outputs": [on.source, on.exhibit]})
            for chip, snippet in on.snippets
        ),
        on.nothing.click(events.run_nothing, [on.picked, *knobs.drawn], **emission),
    ]
    shown = [on.model, on.quiet, on.line, on.names, on.nothing, knobs.piece, on.source]
    for emitted in ran:
        emitted.then(events.show_again, on.picked, shown, **_QUICK)
    on.model.input(events.pick, on.model, [on.picked, *shown], show_progress_on=on.quiet, api_visibility="private")
    set_by_address = [on.picked, on.path, on.model, knobs.temperature, knobs.top_k, knobs.max_tokens, knobs.seed, knobs.slide, knobs.piece]
    page.load(events.set_controls, outputs=set_by_address, **_QUICK).then(events.show_again, on.picked, shown, **_QUICK)
    page.load(events.run_address, **emission)
    on.halt.click(events.stop, **_QUICK)
    page.unload(events.stop)
