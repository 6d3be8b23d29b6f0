"""What stands where on the page: its components, without what they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from laam.corpus.originals import Originals
from laam.corpus.releases import PUBLISHED
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.exhibit.atlas import atlas_section, story_section
from laam.exhibit.gradio_internals import gr
from laam.knobs import MAX_TOKENS, PIECE, SEED, SLIDE, SOURCE, TEMPERATURE, TOP_K, NumberKnob
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.model.spec import EMBEDDED
from laam.templates import template_environment

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


def components(chooser: ModelChooser, originals: Originals, assets: Path) -> Widgets:
    """Lay out the page inside the Blocks that is open. No text of a visitor or a file gets into the templates."""
    manifest, page_assets = originals.manifest, assets / "page"
    page, title, examples = partial(render_page, page_assets, manifest), manifest.release.title, manifest.examples
    gr.HTML(page("header.html"), apply_default_css=False)
    picked = gr.State(None)
    with gr.Row(elem_id="which"):
        model = gr.Dropdown(list(chooser.names), value=chooser.names[0], label="Model", filterable=False, elem_id="model")
        line = gr.HTML(about_line(chooser.current(), originals), apply_default_css=False, elem_id="line")
    with gr.Row(elem_id="ask"):
        path = gr.Dropdown(
            file_choices(chooser.current().model, manifest),
            value=examples[0],
            label=f"A file of {title}, one of {len(manifest.catalog)} (● the model was trained on it)",
            filterable=True,
            allow_custom_value=True,
            elem_id="path",
        )
        emit = gr.Button("Emit", variant="primary", elem_id="emit")
        halt = gr.Button("Stop", elem_id="stop")
    with gr.Row(elem_id="chips"):
        gr.HTML("<p>or try</p>", apply_default_css=False)
        chips = [gr.Button(name, size="sm") for name in examples]
        nothing = gr.Button(f"no prompt, temperature {CARD_TEMPERATURE}", size="sm", visible=False)
    source, go_on = _source(title)
    knobs = _knobs()
    exhibit = gr.HTML(
        None,
        html_template=page("exhibit.html"),
        js_on_load=(page_assets / "exhibit.js").read_text(),
        apply_default_css=False,
        elem_id="exhibit",
    )
    atlas = atlas_section(page_assets, page("atlas.html"))
    story_section(chooser.get(EMBEDDED.name).model, manifest, assets / "measure")
    gr.HTML(page("about.html"), apply_default_css=False)
    return Widgets(picked, model, line, path, emit, halt, chips, nothing, source, go_on, knobs, exhibit, atlas)


def render_page(page_assets: Path, manifest: SealedManifest, name: str) -> str:
    """A template of the page, which says what release is shown and what the published models were trained on."""
    template = template_environment(page_assets).get_template(name)
    lines = sum(file.lines for file in manifest.catalog)
    return template.render(release=manifest.release, sources=len(manifest.catalog), lines=lines, published=PUBLISHED)


def _source(title: str) -> tuple[gr.Textbox, gr.Button]:
    with gr.Accordion("Or give it source to continue", open=False, elem_id="source"):
        source = gr.Textbox(
            label=f"Source, up to {SOURCE.limit:,} characters",
            info=f"What the model writes is held against what follows it in {title}. What you give never counts.",
            lines=6,
            max_lines=12,
            max_length=SOURCE.limit,
            elem_id="source-text",
        )
        return source, gr.Button("Continue it", elem_id="continue")


def _knobs() -> Knobs:
    with gr.Accordion("Settings", open=False, elem_id="settings"):
        with gr.Row():
            temperature, top_k, max_tokens = (_slider(knob) for knob in (TEMPERATURE, TOP_K, MAX_TOKENS))
            seed = _number(SEED)
        with gr.Row():
            slide = gr.Checkbox(SLIDE.default, label=SLIDE.label, info=SLIDE.about)
            piece = _number(PIECE, visible=False)
    return Knobs(temperature, top_k, max_tokens, seed, slide, piece)


def _slider(knob: NumberKnob[int] | NumberKnob[float]) -> gr.Slider:
    return gr.Slider(knob.low, knob.high, knob.default, step=knob.step, label=knob.label, info=knob.about)


def _number(knob: NumberKnob[int], *, visible: bool = True) -> gr.Number:
    return gr.Number(knob.default, precision=0, minimum=knob.low, maximum=knob.high, label=knob.label, info=knob.about, visible=visible)


def about_line(chosen: Chosen, originals: Originals) -> str:
    """Which model and which originals these are, and why, as HTML."""
    sentences = (chosen.line, wording.model_size(chosen.model.parameters), originals.line)
    return f"<p>{escape(' '.join(sentences))}</p>"


def file_choices(model: Model, manifest: SealedManifest) -> list[tuple[str, str]]:
    """The names to pick from and what they stand for; those that the model was trained on come first, marked."""
    trained, others = [], []
    for file in manifest.catalog:
        name = file.path.removeprefix("linux/")
        if model.learned(file):
            trained.append((f"{name} ●", name))
        else:
            others.append((name, name))
    return trained + others
