"""What stands where on the page: its components, without what they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.emission.run import MAX_SOURCE_CHARACTERS, MAX_TOKENS
from laam.exhibit.atlas import atlas_section, story_section
from laam.exhibit.gradio_internals import gr
from laam.model.chooser import Chosen, ModelChooser
from laam.model.engine import MAX_TEMPERATURE
from laam.model.model import Model
from laam.model.spec import EMBEDDED

EXAMPLES = ("kernel/sched.c", "kernel/fork.c", "drivers/net/3c503.c", "fs/exec.c", "net/inet/tcp.c")
CARD_TEMPERATURE = 0.2  # of the published models' card, whose example has an empty prompt


@dataclass(frozen=True)
class Knobs:
    """The settings of an emission; `piece` is shown only for a model that saw files in pieces."""

    temperature: gr.Slider
    top_k: gr.Slider
    max_tokens: gr.Slider
    seed: gr.Number
    slide: gr.Checkbox
    piece: gr.Number

    @property
    def drawn(self) -> list[Any]:
        """Those that every emission takes, besides the temperature."""
        return [self.top_k, self.seed, self.max_tokens, self.slide]


@dataclass(frozen=True)
class Widgets:
    """The components that events read and set. `picked`: the model that this visitor picked, None for the one that is shown to all."""

    picked: gr.State
    model: gr.Dropdown
    line: gr.HTML
    path: gr.Dropdown
    emit: gr.Button
    halt: gr.Button
    chips: Sequence[gr.Button]
    nothing: gr.Button
    source: gr.Textbox
    go_on: gr.Button
    knobs: Knobs
    exhibit: gr.HTML
    atlas: gr.HTML


def components(chooser: ModelChooser, originals: Originals, page_assets: Path) -> Widgets:
    """Lay out the page inside the Blocks that is open. No text of a visitor or a file gets into the templates."""
    manifest = originals.manifest
    gr.HTML((page_assets / "header.html").read_text(), apply_default_css=False)
    picked = gr.State(None)
    with gr.Row(elem_id="which"):
        model = gr.Dropdown(list(chooser.names), value=chooser.names[0], label="Model", filterable=False, elem_id="model")
        line = gr.HTML(about_line(chooser.current(), originals), apply_default_css=False, elem_id="line")
    with gr.Row(elem_id="ask"):
        path = gr.Dropdown(
            file_choices(chooser.current().model, manifest),
            value=EXAMPLES[0],
            label=f"A file of Linux 1.0, one of {len(manifest.catalog)} (● the model was trained on it)",
            filterable=True,
            allow_custom_value=True,
            elem_id="path",
        )
        emit = gr.Button("Emit", variant="primary", elem_id="emit")
        halt = gr.Button("Stop", elem_id="stop")
    with gr.Row(elem_id="chips"):
        gr.HTML("<p>or try</p>", apply_default_css=False)
        chips = [gr.Button(name, size="sm") for name in EXAMPLES]
        nothing = gr.Button(f"no prompt, temperature {CARD_TEMPERATURE}", size="sm", visible=False)
    source, go_on = _source()
    knobs = _knobs()
    exhibit = gr.HTML(
        None,
        html_template=(page_assets / "exhibit.html").read_text(),
        js_on_load=(page_assets / "exhibit.js").read_text(),
        apply_default_css=False,
        elem_id="exhibit",
    )
    atlas = atlas_section(page_assets)
    story_section(chooser.get(EMBEDDED.name).model, manifest.catalog)
    gr.HTML((page_assets / "about.html").read_text(), apply_default_css=False)
    return Widgets(picked, model, line, path, emit, halt, chips, nothing, source, go_on, knobs, exhibit, atlas)


def _source() -> tuple[gr.Textbox, gr.Button]:
    with gr.Accordion("Or give it source to continue", open=False, elem_id="source"):
        source = gr.Textbox(
            label=f"Source, up to {MAX_SOURCE_CHARACTERS:,} characters",
            info="What the model writes is held against what follows it in Linux 1.0. What you give never counts.",
            lines=6,
            max_lines=12,
            max_length=MAX_SOURCE_CHARACTERS,
            elem_id="source-text",
        )
        return source, gr.Button("Continue it", elem_id="continue")


def _knobs() -> Knobs:
    with gr.Accordion("Settings", open=False, elem_id="settings"):
        with gr.Row():
            temperature = gr.Slider(0, MAX_TEMPERATURE, 0, step=0.05, label="Temperature", info="0 is greedy: always the likeliest token")
            top_k = gr.Slider(0, 200, 0, step=1, label="Top-k", info="above temperature 0: draw from the k likeliest; 0, from all")
            max_tokens = gr.Slider(1, MAX_TOKENS, MAX_TOKENS, step=1, label="Length", info="at most so many tokens")
            seed = gr.Number(0, precision=0, minimum=0, maximum=2**32 - 1, label="Seed", info="the same seed, the same text")
        with gr.Row():
            slide = gr.Checkbox(False, label="Let it run on", info="when its window is full, from the last half of it")
            piece = gr.Number(
                0,
                precision=0,
                minimum=0,
                label="Piece",
                info="0: from the path; 1, 2, …: from the first lines of a later piece",
                visible=False,
            )
    return Knobs(temperature, top_k, max_tokens, seed, slide, piece)


def about_line(chosen: Chosen, originals: Originals) -> str:
    """Which model and which originals these are, and why, as HTML."""
    sentences = (chosen.line, wording.model_size(chosen.model.parameters), originals.line)
    return f"<p>{escape(' '.join(sentences))}</p>"


def file_choices(model: Model, manifest: SealedManifest) -> list[tuple[str, str]]:
    """The names to pick from and what they stand for; those that the model was trained on come first, marked."""
    trained, others = [], []
    for file in manifest.catalog:
        name = file.path.removeprefix("linux/")
        if file.path in model.trained_on:
            trained.append((f"{name} ●", name))
        else:
            others.append((name, name))
    return trained + others
