"""The page as a Gradio Blocks: what stands where, and which event does what."""

from collections.abc import Iterator
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from laam import wording
from laam.corpus.sealed import SealedManifest
from laam.emission import MAX_TOKENS, EmissionRequest
from laam.exhibit.atlas import atlas_section, clicked_path, story_section
from laam.exhibit.fast_gradio import gr
from laam.exhibit.results import Results
from laam.exhibit.running import Running
from laam.exhibit.updates import stream_updates
from laam.model.engine import MAX_TEMPERATURE, Decoding
from laam.model.zoo import Model

EXAMPLES = ("kernel/sched.c", "kernel/fork.c", "drivers/net/3c503.c", "fs/exec.c", "net/inet/tcp.c")
EMISSIONS_AT_ONCE = 4  # more visitors wait in Gradio's queue, which tells them so


def build_page(model: Model, manifest: SealedManifest, results: Results, running: Running, page_assets: Path) -> gr.Blocks:
    """The page for one model. Templates and script come from `page_assets`; no text of a visitor or a file gets into them."""

    def run(path: str, temperature: float, top_k: int, seed: int, max_tokens: int, request: gr.Request) -> Iterator[dict[str, Any]]:
        try:
            file = manifest.catalog.find(path or "")
            decoding = Decoding(float(temperature), int(top_k), int(seed))
            wanted = EmissionRequest(file.path, decoding, int(max_tokens))
        except TypeError:
            raise gr.Error("A setting is empty: give temperature, top-k, length and seed as numbers.", print_exception=False) from None
        except ValueError as error:
            # Gradio shows a message as HTML, and this one quotes the visitor.
            raise gr.Error(escape(str(error)), title="Nothing to emit", print_exception=False) from error
        session = request.session_hash or ""
        with running.emission(session) as flag:
            for update in stream_updates(wanted, model, manifest, results, flag):
                yield update.as_dict()

    def stop(request: gr.Request) -> None:
        running.stop(request.session_hash or "")

    page: gr.Blocks
    with gr.Blocks(title="Linux as a Model", analytics_enabled=False) as page:
        gr.HTML(
            (page_assets / "header.html").read_text().replace("MODEL", wording.model_name(model.name, model.parameters)),
            apply_default_css=False,
        )
        with gr.Row(elem_id="ask"):
            path = gr.Dropdown(
                file_choices(model, manifest),
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
        with gr.Accordion("Settings", open=False, elem_id="settings"), gr.Row():
            temperature = gr.Slider(0, MAX_TEMPERATURE, 0, step=0.05, label="Temperature", info="0 is greedy: always the likeliest token")
            top_k = gr.Slider(0, 200, 0, step=1, label="Top-k", info="above temperature 0: draw from the k likeliest; 0, from all")
            max_tokens = gr.Slider(1, MAX_TOKENS, MAX_TOKENS, step=1, label="Length", info="at most so many tokens")
            seed = gr.Number(0, precision=0, minimum=0, maximum=2**32 - 1, label="Seed", info="the same seed, the same text")
        exhibit = gr.HTML(
            None,
            html_template=(page_assets / "exhibit.html").read_text(),
            js_on_load=(page_assets / "exhibit.js").read_text(),
            apply_default_css=False,
            elem_id="exhibit",
        )
        atlas = atlas_section(page_assets)
        story_section(model, manifest.catalog)
        gr.HTML((page_assets / "about.html").read_text(), apply_default_css=False)

        emission: dict[str, Any] = {
            "fn": run,
            "inputs": [path, temperature, top_k, seed, max_tokens],
            "outputs": exhibit,
            "show_progress": "hidden",
            "trigger_mode": "multiple",  # a second click stops the first emission and starts the next
            "concurrency_limit": EMISSIONS_AT_ONCE,
            "concurrency_id": "emission",
            "api_visibility": "private",
        }
        quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        emit.click(**emission)
        for chip, name in zip(chips, EXAMPLES, strict=True):
            chip.click(partial(str, name), outputs=path, **quick).then(**emission)
        atlas.click(clicked_path, outputs=path, **quick).then(**emission)
        halt.click(stop, **quick)
        page.unload(stop)
    return page


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
