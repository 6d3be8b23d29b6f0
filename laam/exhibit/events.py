"""What the page does when a visitor does something."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from laam.emission.ask import Ask, ask_of_query, read_ask
from laam.emission.question import question_of
from laam.exhibit.atlas import clicked_path
from laam.exhibit.gradio_internals import gr
from laam.exhibit.widgets import CARD_TEMPERATURE, about_line, file_choices
from laam.model.chooser import Chosen, ModelChooser
from laam.serving.limits import BusyError
from laam.serving.services import Services
from laam.serving.updates import stream_updates

Updates = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Events:
    """One method for each event. They are methods, since Gradio reads a function's annotations to hand over request and progress,
    which it finds in a method but not in a `functools.partial`."""

    chooser: ModelChooser
    services: Services

    def run_path(
        self,
        path: str,
        picked: str | None,
        temperature: float,
        top_k: int,
        seed: int,
        max_tokens: int,
        slide: bool,
        piece: int,
        request: gr.Request,
    ) -> Updates:
        if not str(path or "").strip():
            raise refusal("Choose a file, or type the name of one.")
        settings = {"temperature": temperature, "top_k": top_k, "seed": seed, "max_tokens": max_tokens, "slide": slide}
        numbered = self._chosen(picked).model.format.in_pieces  # for another model the field isn't shown, whatever is left in it
        yield from self._run(asked(path=path, piece=(piece or 0) if numbered else 0, **settings), picked, request)

    def run_source(
        self, source: str, picked: str | None, temperature: float, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request
    ) -> Updates:
        if not source:
            raise refusal("Type or paste some source for the model to continue.")
        ask = asked(source=source, temperature=temperature, top_k=top_k, seed=seed, max_tokens=max_tokens, slide=slide)
        yield from self._run(ask, picked, request)

    def run_nothing(self, picked: str | None, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request) -> Updates:
        ask = asked(temperature=CARD_TEMPERATURE, top_k=top_k, seed=seed, max_tokens=max_tokens, slide=slide)
        yield from self._run(ask, picked, request)

    def run_address(self, request: gr.Request) -> Iterator[Any]:
        """What the page's address asks for, if anything."""
        if not request.query_params.get("path"):
            yield gr.skip()
            return
        ask = asked_by(request)
        yield from self._run(ask, ask.model, request)

    def _run(self, ask: Ask, picked: str | None, request: gr.Request) -> Updates:
        try:
            model = self._chosen(picked).model
            question = question_of(ask, model, self.services.originals)
            place = self.services.place(self.services.running.page, question, model)
            with place, self.services.running.emission(request.session_hash or "") as flag:
                for update in stream_updates(question, model, self.services, flag):
                    yield update.as_dict()
        except (ValueError, BusyError) as error:
            raise refusal(str(error)) from error

    def stop(self, request: gr.Request) -> None:
        self.services.running.stop(request.session_hash or "")

    def pick(self, name: str, progress: gr.Progress = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008 - as Gradio wants it
        """Fetch a model if it must be, and show what it changes on the page."""
        chosen = self.chooser.get(name, lambda file, done, total: progress((done, total), desc=f"fetching {file}", unit="bytes"))
        return (name, *self._shown(chosen))

    def show(self) -> tuple[Any, ...]:
        """The line about model and originals, the files to pick from, and whether there are pieces, for the model that is shown to all."""
        return self._shown(self.chooser.current())

    def show_again(self, picked: str | None) -> tuple[Any, ...]:
        """What the page says of model and originals, after an emission: either may have come since it said so."""
        line, _, *visible = self._shown(self._chosen(picked))  # without the list of files, in which somebody may be typing
        return (line, *visible)

    def set_controls(self, request: gr.Request) -> tuple[Any, ...]:
        return set_by_address(request, self.chooser.names)

    def _chosen(self, picked: str | None) -> Chosen:
        return self.chooser.get(picked) if picked else self.chooser.current()

    def _shown(self, chosen: Chosen) -> tuple[Any, ...]:
        numbered = gr.update(visible=chosen.model.format.in_pieces)
        files = gr.update(choices=file_choices(chosen.model, self.services.originals.manifest))
        return (about_line(chosen, self.services.originals), files, numbered, numbered)


def asked(**values: object) -> Ask:
    """What the page's fields ask for; see read_ask. Raises gr.Error for what makes no sense."""
    try:
        return read_ask(**values)
    except ValueError as error:
        raise refusal(str(error)) from error


def asked_by(request: gr.Request) -> Ask:
    """The emission that the page's address asks for. Raises gr.Error for one that makes no sense."""
    try:
        return ask_of_query(dict(request.query_params))
    except ValueError as error:
        raise refusal(str(error)) from error


def set_by_address(request: gr.Request, models: Collection[str]) -> tuple[Any, ...]:
    """Path, model, temperature, top-k, length, seed, whether to run on, and piece, as the page's address has them.

    A model that is none of `models` is left out: the emission that the address asks for is refused for it.
    """
    if not request.query_params.get("path"):
        return tuple(gr.skip() for _ in range(8))
    ask = asked_by(request)
    drawn = ask.decoding
    path, model = ask.path.removeprefix("linux/"), ask.model if ask.model in models else gr.skip()
    return (path, model, drawn.temperature, drawn.top_k, ask.max_tokens, drawn.seed, ask.slide, ask.piece)


def refusal(message: str) -> gr.Error:
    """What a visitor is told instead of an emission."""
    # Gradio shows a message as HTML, and this one may quote the visitor.
    return gr.Error(escape(message), title="Nothing to emit", print_exception=False)


def from_the_atlas(event: gr.EventData) -> tuple[str, int]:
    """What a click on the atlas sets."""
    return from_the_start(clicked_path(event))


def from_the_start(name: str) -> tuple[str, int]:
    """What a chip, or the atlas, sets: the file, and its first piece."""
    return name, 0
