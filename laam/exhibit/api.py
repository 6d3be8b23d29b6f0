"""The named endpoints `/emit`, `/score` and `/files`: what the page shows, as data, for `gradio_client`, plain HTTP and MCP."""

import inspect
import logging
import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, TypeVar

import gradio as gr

from laam.compare.live import compare_text
from laam.emission.ask import read_ask
from laam.emission.emit import Emitted, Event
from laam.emission.transcript import transcribe
from laam.knobs import AGAINST, BITS, MAX_TOKENS, MODEL, NOISE, PATH, PIECES, PRUNED, SEED, TEMPERATURE, TOP_K, Knob, TextKnob
from laam.serving.faults import for_visitors
from laam.serving.limits import FAILED, SHUT_DOWN, BusyError
from laam.serving.pace import paced
from laam.serving.services import Services

TEXT = TextKnob("text", "the text to score", limit=1_000_000)  # more than ten times the largest file
CONTAINS = TextKnob("contains", "only paths that contain this; empty for all")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

Json = dict[str, Any]
_log = logging.getLogger(__name__)
QUEUE_TOLD_S = 5.0  # how often Gradio tells its queue's length; "auto" tells everybody at each call


def api_of(services: Services) -> gr.Blocks:
    """The three endpoints on Gradio's queue, with nothing else on it. `max_threads` is how many calls may be under way."""
    api: gr.Blocks
    with gr.Blocks(title=services.release.exhibit, mode="server", analytics_enabled=False) as api:
        for endpoint in endpoints(services):
            gr.api(  # type: ignore[attr-defined]  # it is documented as public
                endpoint, api_name=endpoint.__name__, concurrency_limit=None, concurrency_id=f"api {endpoint.__name__}"
            )
    api.max_threads = services.running.limits.threads
    api.queue(status_update_rate=QUEUE_TOLD_S)
    return api


def endpoints(services: Services) -> list[Callable[..., Any]]:
    """The functions behind `/emit`, `/score` and `/files`; their docstrings describe them."""
    return [emit_endpoint(services), score_endpoint(services), files_endpoint(services)]


def described(services: Services) -> list[dict[str, Any]]:
    """Each endpoint's name, description, arguments with a sentence each, and what it gives, from its docstring."""
    return [_described(endpoint) for endpoint in endpoints(services)]


def arguments_of(services: Services) -> dict[str, dict[str, Any]]:
    """Each endpoint's arguments in order, with their defaults; without Gradio's own request."""
    found = {}
    for endpoint in endpoints(services):
        parameters = inspect.signature(endpoint).parameters
        found[endpoint.__name__] = {name: each.default for name, each in parameters.items() if name != "request"}
    return found


def _described(endpoint: Callable[..., Any]) -> dict[str, Any]:
    about, _, rest = inspect.getdoc(endpoint).partition("\nArgs:\n")  # type: ignore[union-attr]
    arguments, _, gives = rest.partition("\nReturns:\n")
    pairs = [line.strip().partition(": ") for line in arguments.strip().splitlines()]
    return {
        "name": endpoint.__name__,
        "description": " ".join(about.split()),
        "arguments": [(name, words) for name, _, words in pairs],
        "gives": " ".join(gives.split()),
    }


def emit_endpoint(services: Services) -> Callable[..., Generator[Json, None, None]]:
    """`/emit`."""

    def emit_file(
        path: str,
        model: str = MODEL.default,
        temperature: float = TEMPERATURE.default,
        top_k: int = TOP_K.default,
        seed: int = SEED.default,
        max_tokens: int = MAX_TOKENS.default,
        against: str = AGAINST.default,
        pieces: int = PIECES.default,
        bits: int = BITS.default,
        noise: float = NOISE.default,
        pruned: float = PRUNED.default,
        request: gr.Request | None = None,
    ) -> Generator[Json, None, None]:
        """
        Let the model write a file of {release}, given its path (our own model: and the numbers of its segments) or the
        beginnings of its pieces, and hold it against the original.
        The text streams; the last record has the whole text, the score, the receipts and why it ended.

        Args:
            path: {path}
            model: {model}
            temperature: {temperature}
            top_k: {top_k}
            seed: {seed}
            max_tokens: {max_tokens}
            against: {against}
            pieces: {pieces}
            bits: {bits}
            noise: {noise}
            pruned: {pruned}

        Returns:
            Records of state ("running" or "done") and new (text since the record before); the last with text, headline, score,
            receipts, ended, and instead: null, or the file that was written instead of the one that was asked for
        """
        with _as_gradio_error():
            decoding = {"temperature": temperature, "top_k": top_k, "seed": seed, "max_tokens": max_tokens}
            lossy = {"bits": bits, "noise": noise, "pruned": pruned}
            ask = read_ask(path=path, model=model, **decoding, against=against, pieces=pieces, **lossy)
            question, chosen = services.question(ask)
            events: list[Event] = []
            sent = 0
            client = request.client.host if request and request.client else ""
            place = services.place(services.running.emissions, question, chosen, client)
            with place, services.running.emission(secrets.token_hex(8)) as stop:
                playing = services.recordings.play(question, chosen, stop=stop)
                with closing(playing.events) as emission:
                    for event, due in paced(emission):
                        events.append(event)
                        if due:
                            yield {"state": "running", "new": _text(events[sent:])}
                            sent = len(events)
                if stop.is_set() and not playing.recording:
                    raise BusyError(SHUT_DOWN)
            result = transcribe(question, events, services.originals).finished(chosen).facts()
            done = {"state": "done", "new": _text(events[sent:]), "text": _text(events)}
            yield {**done, **result, "receipts": _without_path(result["receipts"])}

    emit_file.__name__ = "emit"
    return _document(emit_file, services, PATH, MODEL, TEMPERATURE, TOP_K, SEED, MAX_TOKENS, AGAINST, PIECES, BITS, NOISE, PRUNED)


def score_endpoint(services: Services) -> Callable[[str, str], Json]:
    """`/score`."""

    def score(path: str, text: str) -> Json:
        """
        Hold any text against a file of {release}.

        Args:
            path: {path}
            text: {text}

        Returns:
            The score: reproduced, verbatim, lines, longest run, sha256 and more, as on the page; and difference: if the text differs
            from the file in the same way throughout (line ends, numbers before lines), what differs, and what reproduced would be
            without it; difference_looked_for and cut_short: false and true, if the text takes too much work, so that reproduced may
            be too low
        """
        with _as_gradio_error():
            originals, written = services.originals, TEXT.read(text)
            return compare_text(written, originals.original(PATH.read(path)), line_files=originals.manifest.line_files()).score.as_dict()

    return _document(score, services, PATH, TEXT)


def files_endpoint(services: Services) -> Callable[[str], list[Json]]:
    """`/files`."""

    def files(contains: str = "") -> list[Json]:
        """
        The files of {release}: path, size in bytes, lines, sha256, licence (an SPDX expression, the place of the words that
        decided it, and what is not settled), copyright notices, subsystem, and whether the model that the page shows was trained on it.

        Args:
            contains: {contains}

        Returns:
            A record for each file, in the order of their paths
        """
        with _as_gradio_error():
            model, part = services.model(""), CONTAINS.read(contains).lower()
            found = [file for file in services.catalog if part in file.path.lower()]
            return [{**_without_path(asdict(file)), "trained_on": model.learned(file)} for file in found]

    return _document(files, services, CONTAINS)


def _document(endpoint: Endpoint, services: Services, *knobs: Knob) -> Endpoint:
    """The endpoint with release and arguments described: Gradio reads them from the docstring."""
    words = {"release": services.release.title, **{knob.name: knob.description for knob in knobs}}
    words[PATH.name] = f"{PATH.description}, such as {services.originals.manifest.examples[0]}"
    endpoint.__doc__ = inspect.cleandoc(endpoint.__doc__ or "").format(**words)
    return endpoint


def check_mcp() -> None:
    """Raises ValueError if the package that an MCP server needs is not installed."""
    if find_spec("mcp") is None:
        raise ValueError("LAAM_MCP is on, but its package is not installed; `pip install mcp==1.30.0`, or unset LAAM_MCP")


def _without_path(facts: Json) -> Json:
    """Facts without a field `path`: Gradio's clients would take them for a file to download."""
    return {"file" if name == "path" else name: value for name, value in facts.items()}


def _text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Emitted))


@contextmanager
def _as_gradio_error() -> Iterator[None]:
    """Turn bad input into an error of the API, with its message; of any other fault the log has more."""
    try:
        yield
    except (ValueError, BusyError) as error:
        raise gr.Error(for_visitors(error), print_exception=False) from error
    except Exception as error:
        _log.exception("a call of the API failed")
        raise gr.Error(FAILED, print_exception=False) from error
