"""What stands where on the page: its components, without what they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from laam.corpus.originals import Originals
from laam.corpus.releases import PUBLISHED
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.exhibit.asking import Said, model_choices
from laam.exhibit.atlas import atlas_section, lab_section, story_section
from laam.exhibit.gradio_internals import gr
from laam.knobs import MAX_TOKENS, PIECE, SEED, SLIDE, SOURCE, TEMPERATURE, TOP_K, NumberKnob
from laam.model.chooser import ModelChooser
from laam.model.model import Model
from laam.model.spec import EMBEDDED
from laam.serving.opening import example_files, opening_file
from laam.serving.snippet import snippets
from laam.templates import template_environment

UNSEEN = ("COPYING", "Makefile", "fs/ext4/acl.c")
"""Names to try with a model that was trained on every file of the release: what no model here saw, and the file of a later kernel that the
post asks about."""
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
    model: gr.Radio
    quiet: gr.HTML
    line: gr.HTML
    names: gr.HTML
    path: gr.Textbox
    emit: gr.Button
    halt: gr.Button
    anyway: gr.Button
    chips: Sequence[tuple[gr.Button, str]]
    unseen: Sequence[tuple[gr.Button, str]]
    nothing: gr.Button
    source: gr.Textbox
    snippets: Sequence[tuple[gr.Button, gr.State]]
    go_on: gr.Button
    knobs: Knobs
    exhibit: gr.HTML
    atlas: gr.HTML


def components(chooser: ModelChooser, originals: Originals, assets: Path) -> Widgets:
    """Lay out the page inside the Blocks that is open. No text of a visitor or a file gets into the templates."""
    page_assets, said, chosen = assets / "page", Said(originals, chooser, assets / "page"), chooser.current()
    manifest = originals.manifest
    embedded = chooser.get(EMBEDDED.name).model
    page = partial(render_page, page_assets, manifest, embedded)
    _html(page("header.html"))
    picked = gr.State(None)
    path, emit, halt = _field(manifest, chosen.model)
    names = _html(said.names(chosen.model), elem_id="names")
    _html(f'<div class="notice" role="status" data-limit="{SOURCE.limit}" hidden></div>', elem_id="notice")
    anyway = gr.Button("Let the model write it anyway", size="sm", elem_id="anyway")
    with gr.Row(elem_id="chips"):
        chips = _chips(manifest, chosen.model)
        unseen = _unseen(manifest, chosen.model)
        nothing = gr.Button(f"no prompt, temperature {CARD_TEMPERATURE}", size="sm", visible=False)
        quiet = _html(said.quiet_line(chosen), elem_id="quiet")
    source, snippets, go_on = _source(said, manifest, chosen.model)
    knobs = _knobs()
    with gr.Column(elem_id="models"):
        model = gr.Radio(model_choices(chooser), value=chooser.names[0], label="Model", elem_id="model")
    with gr.Column(elem_id="why"):
        line = _html(said.reasons(chosen), elem_id="line")
    exhibit = gr.HTML(
        None,
        html_template=page("exhibit.html"),
        js_on_load=(page_assets / "exhibit.js").read_text("utf-8"),
        apply_default_css=False,
        elem_id="exhibit",
    )
    _html(page("forget.html"), elem_id="forget")
    _html(page("literature.html"), elem_id="literature")
    atlas = atlas_section(page_assets, page("atlas.html"))
    lab_section(manifest, assets, embedded)
    story_section(embedded, manifest, assets / "measure")
    _html(page("about.html"))
    asked = (path, emit, halt, anyway, chips, unseen, nothing, source, snippets, go_on)
    return Widgets(picked, model, quiet, line, names, *asked, knobs, exhibit, atlas)


def _html(html: str, **options: Any) -> gr.HTML:
    return gr.HTML(html, apply_default_css=False, **options)


def render_page(page_assets: Path, manifest: SealedManifest, embedded: Model, name: str) -> str:
    """A template of the page, which says what release is shown and what the models were trained on: `trained`, the number of files that
    the embedded one was trained on, and `identical`, how many of them it writes byte for byte."""
    trained = {file.path for file in manifest.catalog if embedded.learned(file)}
    return (
        template_environment(page_assets)
        .get_template(name)
        .render(
            release=manifest.release,
            sources=len(manifest.catalog),
            lines=sum(file.lines for file in manifest.catalog),
            published=PUBLISHED,
            trained=len(trained),
            identical=len(trained.intersection(embedded.identical)),
            question="question",
        )
    )


def _field(manifest: SealedManifest, model: Model) -> tuple[gr.Textbox, gr.Button, gr.Button]:
    some = " (● = in the training set)" if 0 < sum(model.learned(file) for file in manifest.catalog) < len(manifest.catalog) else ""
    label = f"One of {len(manifest.catalog)} files of {manifest.release.title}{some}"
    with gr.Row(elem_id="ask"):
        path = gr.Textbox(opening_file(manifest).path.removeprefix("linux/"), label=label, lines=1, max_lines=1, elem_id="path")
        return path, gr.Button("Write it", variant="primary", elem_id="emit"), gr.Button("Stop", elem_id="stop")


def _chips(manifest: SealedManifest, model: Model) -> list[tuple[gr.Button, str]]:
    """A button for each example, with the name that it stands for; those that the model was not trained on come last, and say so."""
    files = sorted(example_files(manifest), key=lambda file: not model.learned(file))
    known = sum(model.learned(file) for file in files)
    chips = []
    for number, file in enumerate(files):
        if number == 0 or number == known:
            _html(f"<p>{'Try' if number == 0 else 'one it never saw:'}</p>")
        chips.append((gr.Button(file.path.rpartition("/")[2], size="sm"), file.path.removeprefix("linux/")))
    return chips


def _unseen(manifest: SealedManifest, model: Model) -> list[tuple[gr.Button, str]]:
    """Buttons for names that no file has, for a model to which every file is known; the examples have none that it never saw then."""
    if not all(model.learned(file) for file in manifest.catalog):
        return []
    _html("<p>what it never saw:</p>")
    return [(gr.Button(name, size="sm"), name) for name in UNSEEN]


def _source(said: Said, manifest: SealedManifest, model: Model) -> tuple[gr.Textbox, list[tuple[gr.Button, gr.State]], gr.Button]:
    """The box, examples each with what it stands for, and the button that continues what is in the box."""
    with gr.Column(elem_id="paste"):
        source = gr.Textbox(
            label=wording.PASTE,
            info=said.source_info(model),
            lines=6,
            max_lines=12,
            elem_id="source-text",
        )
        with gr.Row(elem_id="snippets"):
            _html("<p>Try some lines, as the model itself writes them:</p>")
            offered = [(gr.Button(each.label, size="sm"), gr.State(each)) for each in snippets(manifest, model)]
        return source, offered, gr.Button("Continue", elem_id="continue")


def _knobs() -> Knobs:
    with gr.Column(elem_id="settings"):
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
