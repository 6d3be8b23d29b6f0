"""The named endpoints `/emit`, `/score` and `/files`: what the page shows, as data, for `gradio_client`, plain HTTP and MCP."""

import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from laam.compare.live import compare_text
from laam.emission.ask import Wish, ask
from laam.emission.run import MAX_TOKENS, Emitted, Event
from laam.emission.transcript import transcribe
from laam.exhibit.gradio_internals import gr
from laam.model.engine import Decoding
from laam.serving.pace import paced
from laam.serving.services import Services

TEXT_CHARACTERS = 1_000_000  # of a text to be scored; the largest file of Linux 1.0 has under a tenth of it

Json = dict[str, Any]


def add_api(page: gr.Blocks, services: Services) -> None:
    """Give a page its three endpoints, the only public ones that it has. Their docstrings are what the API page shows."""
    with page:
        for endpoint in (emit_endpoint(services), score_endpoint(services), files_endpoint(services)):
            gr.api(  # type: ignore[attr-defined]  # it is documented as public
                endpoint,
                api_name=endpoint.__name__,
                concurrency_limit=services.running.limits.api,
                concurrency_id=f"api {endpoint.__name__}",
            )


def emit_endpoint(services: Services) -> Callable[..., Generator[Json, None, None]]:
    """`/emit`."""

    def emit_file(
        path: str, model: str = "", temperature: float = 0.0, top_k: int = 0, seed: int = 0, max_tokens: int = MAX_TOKENS
    ) -> Generator[Json, None, None]:
        """
        Let the model write a file of Linux 1.0, given its path only, and hold it against the original.
        The text streams in pieces; the last record has the whole of it, the score, the receipts and why it ended.

        Args:
            path: A source file of Linux 1.0, such as kernel/sched.c
            model: The model's name; empty for the one that the page shows
            temperature: 0 is greedy: always the likeliest token; at most 1.5
            top_k: Above temperature 0, draw from the k likeliest tokens; 0 for all
            seed: Above temperature 0, the same seed gives the same text
            max_tokens: Stop after so many tokens

        Returns:
            Records of state ("running" or "done") and new (text since the record before); the last with text, score, receipts, ended
        """
        with _as_gradio_error():
            chosen = services.model(model)
            if not path:
                raise ValueError("path is empty; give a source file of Linux 1.0, such as kernel/sched.c")
            wish = Wish(path, decoding=Decoding(float(temperature), int(top_k), int(seed)), max_tokens=int(max_tokens))
            question = ask(wish, chosen, services.originals)
            events: list[Event] = []
            sent = 0
            playing = services.recordings.play(question.request, chosen)
            with closing(playing.events) as emission, services.running.emission(secrets.token_hex(8)):
                for event, due in paced(emission):
                    events.append(event)
                    if due:
                        yield {"state": "running", "new": _text(events[sent:])}
                        sent = len(events)
            result = transcribe(question, events, services.originals).finished(chosen).facts()
            done = {"state": "done", "new": _text(events[sent:]), "text": _text(events)}
            yield {**done, **result, "receipts": _without_path(result["receipts"])}

    emit_file.__name__ = "emit"
    return emit_file


def score_endpoint(services: Services) -> Callable[[str, str], Json]:
    """`/score`."""

    def score(path: str, text: str) -> Json:
        """
        Hold any text against a file of Linux 1.0.

        Args:
            path: A source file of Linux 1.0, such as kernel/sched.c
            text: The text to score

        Returns:
            The score: reproduced, verbatim, lines, longest run, sha256 and more, as the page has them; and as difference, where the
            text differs from the file in the same way throughout (line ends, numbers before lines), what that is and what reproduced
            would be without
        """
        with _as_gradio_error():
            if len(text) > TEXT_CHARACTERS:
                raise ValueError(f"text has {len(text):,} characters; give at most {TEXT_CHARACTERS:,}")
            return compare_text(
                text, services.originals.original(path), line_files=services.originals.manifest.line_files()
            ).score.as_dict()

    return score


def files_endpoint(services: Services) -> Callable[[str], list[Json]]:
    """`/files`."""

    def files(contains: str = "") -> list[Json]:
        """
        The source files of Linux 1.0: path, size in bytes, lines, sha256, licence (an SPDX expression, where it is decided,
        and what is not settled of it), copyright notices, subsystem, and whether the model that the page shows was trained on it.

        Args:
            contains: Only paths that contain this; empty for all

        Returns:
            A record for each file, in the order of their paths
        """
        with _as_gradio_error():
            trained_on = services.model("").trained_on
            found = [file for file in services.catalog if contains.lower() in file.path.lower()]
            return [{**_without_path(asdict(file)), "trained_on": file.path in trained_on} for file in found]

    return files


def check_mcp() -> None:
    """Raises ValueError where what an MCP server needs is not installed."""
    if find_spec("mcp") is None:
        raise ValueError("LAAM_MCP is on, but its package is not installed; `pip install mcp==1.30.0`, or unset LAAM_MCP")


def _without_path(facts: Json) -> Json:
    """Facts without a field `path`: Gradio's clients take whatever has one for a file to be downloaded."""
    return {"file" if name == "path" else name: value for name, value in facts.items()}


def _text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Emitted))


@contextmanager
def _as_gradio_error() -> Iterator[None]:
    """Bad input reaches whoever asked, as the API's error."""
    try:
        yield
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from error
