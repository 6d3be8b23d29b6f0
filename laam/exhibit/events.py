"""What the page does when a visitor does something."""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from laam.emission.ask import Ask, ask_of_query, read_ask
from laam.emission.links import read_link
from laam.emission.question import Question, question_of
from laam.exhibit.asking import Said, cleaned_name, model_choices, not_what_was_picked, refused
from laam.exhibit.atlas import clicked_path
from laam.exhibit.gradio_internals import gr
from laam.exhibit.widgets import CARD_TEMPERATURE
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.model.spec import EMBEDDED
from laam.serving.limits import FAILED, BusyError
from laam.serving.services import Services
from laam.serving.snippet import Snippet, snippet_text
from laam.serving.updates import stream_updates

_log = logging.getLogger(__name__)

Updates = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Events:
    """One method for each event. They are methods, since Gradio reads a function's annotations to hand over request and progress,
    which it finds in a method but not in a `functools.partial`."""

    chooser: ModelChooser
    services: Services
    said: Said

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
        def read() -> Ask:
            numbered = self._chosen(picked).model.format.in_pieces  # for another model the field isn't shown, whatever is left in it
            settings = {"temperature": temperature, "top_k": top_k, "seed": seed, "max_tokens": max_tokens, "slide": slide}
            return read_ask(path=_name(path), piece=(piece or 0) if numbered else 0, **settings)

        yield from self._run(read, picked, request)

    def run_anyway(
        self, path: str, picked: str | None, temperature: float, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request
    ) -> Updates:
        """Ask by the name in the field as it stands."""

        def read() -> Ask:
            settings = {"temperature": temperature, "top_k": top_k, "seed": seed, "max_tokens": max_tokens, "slide": slide}
            return read_ask(path=_name(path), anyway=True, **settings)

        yield from self._run(read, picked, request)

    def run_source(
        self, source: str, picked: str | None, temperature: float, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request
    ) -> Updates:
        def read() -> Ask:
            if not source:
                raise ValueError("Type or paste some code for the model to continue.")
            return read_ask(source=source, temperature=temperature, top_k=top_k, seed=seed, max_tokens=max_tokens, slide=slide)

        yield from self._run(read, picked, request)

    def run_snippet(
        self, snippet: Snippet, picked: str | None, temperature: float, top_k: int, seed: int, max_tokens: int, slide: bool,
        request: gr.Request,
    ) -> Iterator[tuple[Any, Any]]:  # fmt: skip
        """Let the model continue some lines that it wrote itself. Gives the lines for the box, and the updates."""
        given: Any = gr.skip()

        def read() -> Ask:
            nonlocal given
            given = snippet_text(snippet, self._chosen(picked).model, self.services, _client(request))
            return read_ask(source=given, temperature=temperature, top_k=top_k, seed=seed, max_tokens=max_tokens, slide=slide)

        for update in self._run(read, picked, request):
            yield given, update
            given = gr.skip()

    def run_nothing(self, picked: str | None, top_k: int, seed: int, max_tokens: int, slide: bool, request: gr.Request) -> Updates:
        def read() -> Ask:
            return read_ask(temperature=CARD_TEMPERATURE, top_k=top_k, seed=seed, max_tokens=max_tokens, slide=slide)

        yield from self._run(read, picked, request)

    def run_address(self, request: gr.Request) -> Iterator[Any]:
        """What the page's address asks for, if anything."""
        query = dict(request.query_params)
        link = read_link(query).values
        if "path" not in link:
            yield gr.skip()
            return
        yield from self._run(lambda: ask_of_query(query), link.get("model"), request)

    def _run(self, read: Callable[[], Ask], picked: str | None, request: gr.Request) -> Updates:
        """Emit what `read` gives; what makes no sense is told under the field, and ends the emission if it had begun."""
        run = ""
        try:
            ask, model = read(), self._chosen(picked).model
            question = question_of(ask, model, self.services.originals)
            session, running = request.session_hash or "", self.services.running
            replaces = running.has(session)
            with self.services.place(running.page, question, model, _client(request)), running.emission(session) as flag:
                for update in stream_updates(question, model, self.services, flag, replaces=replaces):
                    run = update.run
                    yield update.as_dict()
        except BusyError as error:
            here = question.ask.path if _runs_in_browser(question, model) else ""
            yield {**refused(error, self.services.originals.manifest), "broken": run, "here": here}
        except ValueError as error:
            yield {**refused(error, self.services.originals.manifest), "broken": run}
        except Exception:
            _log.exception("an emission failed")
            yield {**refused(ValueError(FAILED), self.services.originals.manifest), "broken": run}

    def stop(self, request: gr.Request) -> None:
        self.services.running.stop(request.session_hash or "")

    def pick(self, name: str, progress: gr.Progress = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008 - as Gradio wants it
        """Fetch a model if it must be, and show what it changes on the page."""
        chosen = self.chooser.get(name, lambda file, done, total: progress((done, total), desc=f"fetching {file}", unit="bytes"))
        fault = not_what_was_picked(name, chosen)
        answers = {"value": chosen.model.name} if fault and chosen.model.name in self.chooser.names else {}
        return (name if not fault else None, *self._shown(chosen, fault, **answers))

    def show_again(self, picked: str | None) -> tuple[Any, ...]:
        """What the page says of model and originals, at first and after each emission: either may have come since it said so."""
        return self._shown(self._chosen(picked))

    def set_controls(self, request: gr.Request) -> tuple[Any, ...]:
        return set_by_address(request, self.chooser.names)

    def _chosen(self, picked: str | None) -> Chosen:
        return self.chooser.get(picked) if picked else self.chooser.current()

    def _shown(self, chosen: Chosen, fault: str = "", **picker: Any) -> tuple[Any, ...]:
        numbered, said = gr.update(visible=chosen.model.format.in_pieces), self.said
        info = gr.update(info=said.source_info(chosen.model))
        choices = gr.update(choices=model_choices(self.chooser), **picker)
        return (choices, said.quiet_line(chosen, fault), said.reasons(chosen), said.names(chosen.model), numbered, numbered, info)


def _client(request: gr.Request) -> str:
    return request.client.host if request.client else ""


def _name(path: Any) -> Any:
    """The name in the field, which may have been sent as anything. Raises ValueError if there is none."""
    if (name := cleaned_name(path)) in ("", None):
        raise ValueError("Choose a file, or type the name of one.")
    return name


def _runs_in_browser(question: Question, model: Model) -> bool:
    """Whether the visitor's own browser can give the same text: `assets/page/local.js` then does."""
    return model.name == EMBEDDED.name and question.kind == "path" and question.original is not None and question.ask.decoding.greedy


def set_by_address(request: gr.Request, models: Collection[str]) -> tuple[Any, ...]:
    """The model that was picked, path, model, temperature, top-k, length, seed, whether to run on, and piece, as the page's address
    has them.

    A model that is none of `models` is left out: the emission that the address asks for is refused for it.
    """
    query = dict(request.query_params)
    if "path" not in read_link(query).values:
        return tuple(gr.skip() for _ in range(9))
    try:
        ask = ask_of_query(query)
    except ValueError:  # it is refused in so many words where it is to be run
        return tuple(gr.skip() for _ in range(9))
    drawn = ask.decoding
    path, model = ask.path.removeprefix("linux/"), ask.model if ask.model in models else gr.skip()
    return (model, path, model, drawn.temperature, drawn.top_k, ask.max_tokens, drawn.seed, ask.slide, ask.piece)


def from_the_atlas(event: gr.EventData) -> tuple[str, int]:
    """What a click on the atlas sets."""
    return from_the_start(clicked_path(event))


def from_the_start(name: str) -> tuple[str, int]:
    """What a chip, or the atlas, sets: the file, and its first piece."""
    return name, 0
