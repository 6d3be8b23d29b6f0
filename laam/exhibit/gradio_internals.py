"""Every reach into Gradio's insides; a new version of Gradio may break these, and tests/exhibit/test_gradio_internals.py says so.

1. `gr`: Gradio, imported in half the time. At every import it parses the source of each of its components to write type stubs
   beside them, unless `inspect.getfile` says that a class has no file. While it is imported here, its own classes have none.
2. `web_component`: the script of `<gradio-app>`, which Gradio ships and doesn't serve; `kept_to_itself`: its style sheet that also has
   a rule for the page around it.
3. `PageEvents`: which events a page has, and what they take.
4. `card_fonts`: the fonts that Gradio ships for its themes, with which cards are drawn as well.
5. `serve_at_once`: how many events of a page are served at a time, which only `launch` can set, and a mounted page is not launched.
6. `LightSession`: a visitor's session, without what Gradio puts into it for links that only Gradio makes.
7. At each step of an event Gradio looks for matplotlib twice, to choose its backend. Nothing here draws with it, and for a crowd that was a
   fourteenth of the server's Python.
"""

import inspect
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_getfile = inspect.getfile


def no_file_of_gradio(object: Any) -> str:
    """`inspect.getfile`, but the classes of Gradio have no file."""
    if isinstance(object, type) and object.__module__.startswith("gradio."):
        raise OSError("no type stubs are wanted")
    return _getfile(object)


inspect.getfile = no_file_of_gradio
try:
    import gradio as gr
    from gradio import state_holder, utils
    from gradio.components.api_component import Api
    from gradio.utils import get_function_description
finally:
    inspect.getfile = _getfile

__all__ = [
    "PageEvent",
    "PageEvents",
    "card_fonts",
    "describe_arguments",
    "fill_arguments",
    "gr",
    "kept_to_itself",
    "serve_at_once",
    "web_component",
]

_BODY = "}body{line-height:inherit;margin:0}"
_FRONTEND = Path(gr.__file__).parent / "templates" / "frontend"


def web_component() -> str:
    """The script of `<gradio-app>`, as it comes with Gradio."""
    return (_FRONTEND / "gradio.js").read_text("utf-8")


def kept_to_itself() -> tuple[str, str]:
    """The name and the text of the style sheet that takes the margin and the line height from a page's body, for Gradio's own page only."""
    [(name, text)] = [
        (file.name, text) for file in (_FRONTEND / "assets").glob("index-*.css") if _BODY in (text := file.read_text("utf-8"))
    ]
    return name, text.replace(_BODY, f"}}body:has(>gradio-app[control_page_title]){_BODY.removeprefix('}body')}")


def serve_at_once(page: gr.Blocks, events: int) -> None:
    """Let `events` events of a page that will be mounted run at a time; each takes one of the server's threads."""
    page._queue.max_thread_count = events


def remember(page: gr.Blocks, sessions: int) -> None:
    """Let a page that will be mounted remember so many visitors; Gradio's own bound is 10,000. Whoever comes back after
    being forgotten begins with the page as it is at first."""
    page.state_session_capacity = sessions


class LightSession(state_holder.SessionState):
    """A session without the configuration of every component and all that it was set to: only Gradio's own deep links need those, and for
    a hundred visitors at once they take more than a second."""

    def __init__(self, page: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=page.default_config, blocks={}))  # type: ignore[arg-type]

    def _update_config(self, key: int) -> None:
        """Nothing to keep."""

    def _update_value_in_config(self, key: int, value: object) -> None:
        """Nothing to keep."""


state_holder.SessionState = LightSession  # type: ignore[misc, assignment]
utils.MatplotlibBackendMananger = nullcontext  # type: ignore[misc, assignment]


@dataclass(frozen=True)
class PageEvent:
    """An event of a page. `takes`: for each of its inputs, the types that its component makes sense of; none, for a value that only
    the server sets. `queued`: whether it waits in Gradio's queue. `public`: whether it is an endpoint of the API."""

    name: str
    public: bool
    queued: bool
    takes: tuple[tuple[type, ...], ...]


class PageEvents:
    """The events that a page has, however late they were bound."""

    def __init__(self, page: gr.Blocks) -> None:
        self._page = page

    def numbered(self, number: object) -> PageEvent | None:
        """The event of a number; None where there is none."""
        found = self._page.fns.get(number) if isinstance(number, int) and not isinstance(number, bool) else None
        if found is None:
            return None
        public = found.api_visibility == "public"
        return PageEvent(str(found.api_name or ""), public, bool(found.queue), tuple(_types(block) for block in found.inputs))

    def named(self, name: str) -> PageEvent | None:
        """The endpoint of a name; None where there is none."""
        found = (self.numbered(number) for number in self._page.fns)
        return next((event for event in found if event and event.public and event.name == name), None)

    def has_session(self, session: str) -> bool:
        """Whether something of a session waits or runs; for any other, Gradio ends its stream with a stack in the log."""
        return session in self._page._queue.pending_messages_per_session


def _types(block: Any) -> tuple[type, ...]:
    kinds: tuple[tuple[type, tuple[type, ...]], ...] = (
        (gr.State, ()),
        (gr.Checkbox, (bool,)),
        (gr.Slider, (int, float)),
        (gr.Number, (int, float)),
        (gr.Textbox, (str,)),
        (gr.Dropdown, (str,)),
    )
    return next((types for kind, types in kinds if isinstance(block, kind)), (bool, int, float, str))


def card_fonts() -> Path:
    """The folder with the fonts that `laam.share.card.Cards` draws with."""
    return _FRONTEND / "static" / "fonts"


def describe_arguments(page: gr.Blocks) -> None:
    """Show in the API's panel what the docstrings of `gr.api` endpoints say about their arguments; Gradio leaves that out."""
    for event in page.fns.values():
        if event.api_visibility == "public" and event.fn is not None:
            _, described, _ = get_function_description(event.fn)
            for argument, description in zip(event.inputs, described.values(), strict=False):  # a request, which is no input, comes last
                assert isinstance(argument, Api)
                argument._api_info["additional_description"] = description


def fill_arguments(page: gr.Blocks) -> None:
    """If a request leaves out the last arguments of a `gr.api` endpoint, fill in their defaults, or None if there is no default.

    gradio_client fills them in by itself. For any other request Gradio would raise, with its own objects in the message.
    """
    validate = page.validate_inputs

    def validate_filled(block_fn: Any, inputs: list[Any]) -> None:
        missing = block_fn.inputs[len(inputs) :]
        if all(isinstance(argument, Api) for argument in missing):
            inputs += [argument.value for argument in missing]
        validate(block_fn, inputs)

    page.validate_inputs = validate_filled  # type: ignore[method-assign]
