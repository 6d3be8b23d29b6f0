"""The page as a Gradio Blocks: what stands where, and which event does what."""

from collections.abc import Collection, Iterator
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.emission.ask import Wish, ask
from laam.emission.run import MAX_SOURCE_CHARACTERS, MAX_TOKENS
from laam.exhibit.atlas import atlas_section, clicked_path, story_section
from laam.exhibit.gradio_internals import gr
from laam.model.chooser import Chosen, ModelChooser
from laam.model.engine import MAX_TEMPERATURE, Decoding
from laam.model.model import Model
from laam.model.prompts import PublishedFormat
from laam.model.spec import EMBEDDED
from laam.serving.address import Address, read_address
from laam.serving.services import Services
from laam.serving.updates import stream_updates

EXAMPLES = ("kernel/sched.c", "kernel/fork.c", "drivers/net/3c503.c", "fs/exec.c", "net/inet/tcp.c")
CARD_TEMPERATURE = 0.2  # of the published models' card, whose example has an empty prompt


def build_page(chooser: ModelChooser, services: Services, page_assets: Path) -> gr.Blocks:
    """The page. Templates and script come from `page_assets`; no text of a visitor or a file gets into them."""
    originals, running = services.originals, services.running
    manifest = originals.manifest

    def chosen_by(picked: str | None) -> Chosen:
        return chooser.get(picked) if picked else chooser.current()

    def run(wish: Wish, picked: str | None, request: gr.Request) -> Iterator[dict[str, Any]]:
        try:
            model = chosen_by(picked).model
            question = ask(wish, model, originals)
            with running.emission(request.session_hash or "") as flag:
                for update in stream_updates(question, model, services, flag):
                    yield update.as_dict()
        except ValueError as error:
            raise refusal(str(error)) from error

    def run_path(
        path: str,
        picked: str | None,
        temperature: float,
        top_k: int,
        seed: int,
        max_tokens: int,
        slide: bool,
        piece: int,
        request: gr.Request,
    ) -> Iterator[dict[str, Any]]:
        if not (path or "").strip():
            raise refusal("Choose a file, or type the name of one.")
        settings = settings_of(temperature, top_k, seed, max_tokens, slide)
        numbered = in_pieces(chosen_by(picked).model)  # for another model the field isn't shown, whatever is left in it
        yield from run(Wish(path=path, piece=int(piece or 0) if numbered else 0, **settings), picked, request)

    def run_source(
        source: str, picked: str | None, temperature: float, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request
    ) -> Iterator[dict[str, Any]]:
        if not source:
            raise refusal("Type or paste some source for the model to continue.")
        yield from run(Wish(source=source, **settings_of(temperature, top_k, seed, max_tokens, slide)), picked, request)

    def run_nothing(
        picked: str | None, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request
    ) -> Iterator[dict[str, Any]]:
        yield from run(Wish(**settings_of(CARD_TEMPERATURE, top_k, seed, max_tokens, slide)), picked, request)

    def run_address(request: gr.Request) -> Iterator[Any]:
        """What the page's address asks for, if anything."""
        if not request.query_params.get("path"):
            yield gr.skip()
            return
        address = asked_by(request)
        yield from run(address.wish, address.model, request)

    def pick(name: str, progress: gr.Progress = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008 - as Gradio wants it
        """Fetch a model where it must be, and show what it changes on the page."""
        chosen = chooser.get(name, lambda file, done, total: progress((done, total), desc=f"fetching {file}", unit="bytes"))
        return (name, *show(chosen))

    def show(chosen: Chosen) -> tuple[Any, ...]:
        model, numbered = chosen.model, in_pieces(chosen.model)
        return (
            about_line(chosen, originals),
            gr.update(choices=file_choices(model, manifest)),
            gr.update(visible=numbered),
            gr.update(visible=numbered),
        )

    def show_again(picked: str | None) -> tuple[Any, ...]:
        """What the page says of model and originals, after an emission: either may have come since it said so."""
        line, _, *visible = show(chosen_by(picked))  # without the list of files, in which somebody may be typing
        return (line, *visible)

    def set_controls(request: gr.Request) -> tuple[Any, ...]:
        return set_by_address(request, chooser.names)

    def stop(request: gr.Request) -> None:
        running.stop(request.session_hash or "")

    page: gr.Blocks
    with gr.Blocks(title="Linux as a Model", analytics_enabled=False) as page:
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
        with gr.Accordion("Or give it source to continue", open=False, elem_id="source"):
            source = gr.Textbox(
                label=f"Source, up to {MAX_SOURCE_CHARACTERS:,} characters",
                info="What the model writes is held against what follows it in Linux 1.0. What you give never counts.",
                lines=6,
                max_lines=12,
                max_length=MAX_SOURCE_CHARACTERS,
                elem_id="source-text",
            )
            go_on = gr.Button("Continue it", elem_id="continue")
        with gr.Accordion("Settings", open=False, elem_id="settings"):
            with gr.Row():
                temperature = gr.Slider(
                    0, MAX_TEMPERATURE, 0, step=0.05, label="Temperature", info="0 is greedy: always the likeliest token"
                )
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

        drawn = [top_k, seed, max_tokens, slide]
        emission: dict[str, Any] = {
            "outputs": exhibit,
            "show_progress": "hidden",
            "trigger_mode": "multiple",  # a second click stops the first emission and starts the next
            "concurrency_limit": running.limits.page,
            "concurrency_id": "emission",
            "api_visibility": "private",
        }
        from_path: dict[str, Any] = {"fn": run_path, "inputs": [path, picked, temperature, *drawn, piece], **emission}
        quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        shown = [line, path, nothing, piece]
        ran = [
            emit.click(**from_path),
            *(
                chip.click(partial(from_the_start, name), outputs=[path, piece], **quick).then(**from_path)
                for chip, name in zip(chips, EXAMPLES, strict=True)
            ),
            atlas.click(from_the_atlas, outputs=[path, piece], **quick).then(**from_path),
            go_on.click(run_source, [source, picked, temperature, *drawn], **emission),
            nothing.click(run_nothing, [picked, *drawn], **emission),
        ]
        for emitted in ran:
            emitted.then(show_again, picked, [line, nothing, piece], **quick)
        model.change(pick, model, [picked, *shown], show_progress_on=line, api_visibility="private")
        page.load(lambda: show(chooser.current()), outputs=shown, **quick)
        page.load(set_controls, outputs=[path, model, temperature, top_k, max_tokens, seed, slide, piece], **quick)
        page.load(run_address, **emission)
        halt.click(stop, **quick)
        page.unload(stop)
    return page


def settings_of(temperature: float, top_k: int, seed: int, max_tokens: int, slide: bool) -> dict[str, Any]:
    """The settings of a wish. Raises gr.Error for an empty one, and for one that is outside its bounds."""
    try:
        decoding = Decoding(float(temperature), int(top_k), int(seed))
        return {"decoding": decoding, "max_tokens": int(max_tokens), "slide": bool(slide)}
    except TypeError:
        raise refusal("A setting is empty: give temperature, top-k, length and seed as numbers.") from None
    except ValueError as error:
        raise refusal(str(error)) from error


def asked_by(request: gr.Request) -> Address:
    """The emission that the page's address asks for. Raises gr.Error for one that makes no sense."""
    try:
        return read_address(dict(request.query_params))
    except ValueError as error:
        raise refusal(str(error)) from error


def set_by_address(request: gr.Request, models: Collection[str]) -> tuple[Any, ...]:
    """Path, model, temperature, top-k, length, seed, whether to run on, and piece, as the page's address has them.

    A model that is none of `models` is left out: the emission that the address asks for is refused for it.
    """
    if not request.query_params.get("path"):
        return tuple(gr.skip() for _ in range(8))
    asked = asked_by(request)
    drawn = asked.decoding
    path, model = asked.path.removeprefix("linux/"), asked.model if asked.model in models else gr.skip()
    return (path, model, drawn.temperature, drawn.top_k, asked.max_tokens, drawn.seed, asked.slide, asked.piece)


def refusal(message: str) -> gr.Error:
    """What a visitor is told instead of an emission."""
    # Gradio shows a message as HTML, and this one may quote the visitor.
    return gr.Error(escape(message), title="Nothing to emit", print_exception=False)


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


def in_pieces(model: Model) -> bool:
    """Whether a model saw files in pieces, of which each can be asked for."""
    return isinstance(model.format, PublishedFormat)


def from_the_atlas(event: gr.EventData) -> tuple[str, int]:
    """What a click on the atlas sets."""
    return from_the_start(clicked_path(event))


def from_the_start(name: str) -> tuple[str, int]:
    """What a chip, or the atlas, sets: the file, and its first piece."""
    return name, 0
