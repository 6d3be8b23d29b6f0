"""An emission in a few numbers, for a card, a link's preview and the API: remembered, recorded, known from the atlas, or run now."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from laam.compare.render import tick_marks
from laam.corpus.catalog import SourceFile
from laam.corpus.releases import Release
from laam.emission import conditions, naming, wording
from laam.emission.ask import Ask
from laam.emission.emit import Event
from laam.emission.headline import Headline
from laam.emission.question import Question
from laam.emission.transcript import Finished, transcribe
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.recordings import Key, key_of
from laam.serving.services import Services

REMEMBERED = 600  # summaries, of ten bytes for each line


Known = Callable[[str, str], bool]
"""Whether a path is known to give the whole file, byte for byte, by the model with the weights of a sha256."""


@dataclass(frozen=True)
class Summary:
    """The content of a card. `marks`: of each line of the file, as `line_marks` makes them; `lengths`: characters of each, newline
    included.

    `headline`: the number. `lines`: how many of how many. `facts`: more numbers, in the page's words, the most telling first. `given`: what
    the model was given. `in_short`: what it came to, for a title. `instead`: a sentence that says what was written, if that is another
    file; `against`: the query of the link that holds it against that file.
    """

    ask: Ask
    file: SourceFile
    release: Release
    model: str
    model_licence: str
    model_digest: str
    headline: Headline
    lines: str
    facts: tuple[str, ...]
    given: str
    marks: str
    lengths: Sequence[int]
    in_short: str
    instead: str = ""
    against: str = ""

    @property
    def ticks(self) -> str:
        return tick_marks(self.marks)

    @property
    def licence(self) -> str:
        return wording.licence(self.file.licence)

    @property
    def notice(self) -> str:
        return wording.notice_of(self.file, self.release)

    @property
    def notices(self) -> Sequence[str]:
        """All notices, if there is more than one."""
        return wording.notices(self.file).splitlines()

    @property
    def unsettled(self) -> str:
        return wording.unsettled(self.file)

    @property
    def question(self) -> str:
        """What is asked of the file; empty if the model didn't know it."""
        return naming.question_about(self.model_licence, self.file.licence) if self.headline.kind != "none" else ""


def summary_of(ask: Ask, file: SourceFile, model: Model, result: Finished, lengths: Sequence[int]) -> Summary:
    """The numbers of a finished emission, in the page's words. `lengths`: of the file's lines."""
    fields = wording.fields_of(result.compared.score, whole_file=result.whole_file)
    telling = ("sha256", "longest_run", "without_boilerplate")
    return Summary(
        ask=ask,
        file=file,
        release=result.release,
        model=naming.model_in_full(model.name, model.parameters, ask.lossy),
        model_licence=naming.licence_of_weights(model),
        model_digest=model.digest,
        headline=result.headline,
        lines=fields["lines"],
        facts=tuple(fields[name] for name in telling if name in fields),
        given=result.given,
        marks=result.compared.marks,
        lengths=lengths,
        in_short=result.in_short,
        instead=result.instead,
        against=result.against,
    )


def summary_of_whole(ask: Ask, file: SourceFile, release: Release, model: Model, lengths: Sequence[int]) -> Summary:
    """The same, if it is known that the whole file comes from its path alone, byte for byte."""
    headline = Headline(1.0, "file", file.lines, "", "whole")
    return Summary(
        ask=ask,
        file=file,
        release=release,
        model=naming.model_in_full(model.name, model.parameters),
        model_licence=naming.licence_of_weights(model),
        model_digest=model.digest,
        headline=headline,
        lines=wording.lines(file.lines, file.lines),
        facts=(wording.sha256(identical=True), wording.longest_run(file.lines)),
        given=conditions.given([], numbers=naming.numbers_beside(model)),
        marks="=" * file.lines,
        lengths=lengths,
        in_short=headline.in_short,
    )


class Summaries:
    """Summaries of emissions. Safe under several threads; `Limits` says how many emissions may run for them.

    `known`: tells for which emissions the model needn't run.
    """

    def __init__(self, services: Services, known: Known = lambda path, digest: False) -> None:
        self._services, self._known = services, known
        self._remembered: OrderedDict[Key, Summary] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def release(self) -> Release:
        """The release that is shown."""
        return self._services.release

    def find(self, ask: Ask, client: str = "", rank: Rank = Rank.PREVIEW) -> Summary:
        """The summary of an emission, which runs only if its score isn't known; then in a place of the client who asks for it.

        Raises UnknownFile, ValueError for a model that can't be used or asked, and BusyError.
        """
        question, model = self._services.question(ask)
        file = self._file(question)
        if at_hand := self._at_hand(question, file, model):
            return at_hand
        return self._summed_up(question, file, model, self._run(model, question, client, rank))

    def identity(self, ask: Ask) -> tuple[str, ...]:
        """What decides everything that a picture of an emission shows: release, model and ask. Raises as `known` does."""
        question, model = self._services.question(ask)
        digest, asked = key_of(question.ask, model)
        return self._services.originals.manifest.digest, model.name, digest, repr(asked)

    def in_background(self, ask: Ask) -> tuple[Summary, Finished] | None:
        """The summary of an emission, and the emission itself: its recording, or a run at the lowest rank, in nobody's place. None if the
        exhibit is shut down meanwhile. Raises as `known` does."""
        question, model = self._services.question(ask)
        file = self._file(question)
        with self._services.running.emission(f"background {threading.get_ident()}") as stop:
            events = list(self._services.recordings.play(question, model, Rank.BACKGROUND, stop).events)
        finished = transcribe(question, events, self._services.originals).finished(model)
        if finished.ended is None:
            return None
        return self._at_hand(question, file, model) or summary_of(question.ask, file, model, finished, self._lengths(file)), finished

    def known(self, ask: Ask) -> tuple[Ask, SourceFile, Model, Summary | None]:
        """The ask with its file's whole path, the file, the model, and the summary if it has not to run for it. Raises as `find` does, but
        never BusyError."""
        question, model = self._services.question(ask)
        file = self._file(question)
        return question.ask, file, model, self._at_hand(question, file, model)

    def _at_hand(self, question: Question, file: SourceFile, model: Model) -> Summary | None:
        ask = question.ask
        key = key_of(ask, model)
        with self._lock:
            if remembered := self._remembered.get(key):
                return replace(remembered, ask=ask)  # the same model may be asked for by another name, or by none
        if key[1] == Ask(file.path) and self._known(file.path, model.digest):
            return summary_of_whole(ask, file, self.release, model, self._lengths(file))
        if recording := self._services.recordings.find(question, model):
            return self._summed_up(question, file, model, recording.events)
        return None

    def _file(self, question: Question) -> SourceFile:
        """The file that the answer is held against."""
        return self._services.catalog.find(question.ask.against or question.ask.path)

    def _lengths(self, file: SourceFile) -> Sequence[int]:
        return self._services.originals.manifest.original(file.path).lengths

    def _run(self, model: Model, question: Question, client: str, rank: Rank) -> Sequence[Event]:
        running = self._services.running
        places = running.previews if rank == Rank.PREVIEW else running.comparing
        with places.take(client), running.emission(f"preview {threading.get_ident()}"):
            return list(self._services.recordings.play(question, model, rank).events)

    def _summed_up(self, question: Question, file: SourceFile, model: Model, events: Sequence[Event]) -> Summary:
        """The summary of an emission's events, which is remembered if they are the same at each run."""
        finished = transcribe(question, events, self._services.originals).finished(model)
        summary = summary_of(question.ask, file, model, finished, self._lengths(file))
        if question.ask.decoding.greedy:
            with self._lock:
                self._remembered[key_of(question.ask, model)] = summary
                while len(self._remembered) > REMEMBERED:
                    self._remembered.popitem(last=False)
        return summary
