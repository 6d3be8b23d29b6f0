"""What the page does when a visitor does something."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from laam.emission.ask import Wish, ask
from laam.exhibit.atlas import clicked_path
from laam.exhibit.gradio_internals import gr
from laam.exhibit.widgets import CARD_TEMPERATURE, about_line, file_choices
from laam.model.chooser import Chosen, ModelChooser
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.model.prompts import PublishedFormat
from laam.serving.address import Address, read_address
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
        if not (path or "").strip():
            raise refusal("Choose a file, or type the name of one.")
        settings = settings_of(temperature, top_k, seed, max_tokens, slide)
        numbered = in_pieces(self._chosen(picked).model)  # for another model the field isn't shown, whatever is left in it
        yield from self._run(Wish(path=path, piece=int(piece or 0) if numbered else 0, **settings), picked, request)

    def run_source(
        self, source: str, picked: str | None, temperature: float, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request
    ) -> Updates:
        if not source:
            raise refusal("Type or paste some source for the model to continue.")
        yield from self._run(Wish(source=source, **settings_of(temperature, top_k, seed, max_tokens, slide)), picked, request)

    def run_nothing(self, picked: str | None, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request) -> Updates:
        yield from self._run(Wish(**settings_of(CARD_TEMPERATURE, top_k, seed, max_tokens, slide)), picked, request)

    def run_address(self, request: gr.Request) -> Iterator[Any]:
        """What the page's address asks for, if anything."""
        if not request.query_params.get("path"):
            yield gr.skip()
            return
        address = asked_by(request)
        yield from self._run(address.wish, address.model, request)

    def _run(self, wish: Wish, picked: str | None, request: gr.Request) -> Updates:
        try:
            model = self._chosen(picked).model
            question = ask(wish, model, self.services.originals)
            with self.services.running.emission(request.session_hash or "") as flag:
                for update in stream_updates(question, model, self.services, flag):
                    yield update.as_dict()
        except ValueError as error:
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
        numbered = gr.update(visible=in_pieces(chosen.model))
        files = gr.update(choices=file_choices(chosen.model, self.services.originals.manifest))
        return (about_line(chosen, self.services.originals), files, numbered, numbered)


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


def in_pieces(model: Model) -> bool:
    """Whether a model saw files in pieces, of which each can be asked for."""
    return isinstance(model.format, PublishedFormat)


def from_the_atlas(event: gr.EventData) -> tuple[str, int]:
    """What a click on the atlas sets."""
    return from_the_start(clicked_path(event))


def from_the_start(name: str) -> tuple[str, int]:
    """What a chip, or the atlas, sets: the file, and its first piece."""
    return name, 0
