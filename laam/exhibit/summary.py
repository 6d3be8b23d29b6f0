"""An emission in a few numbers, for a card, a link's preview and the API: remembered, recorded, known from the atlas, or run now."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from laam import wording
from laam.asking import Question, ask
from laam.compare.live import Comparison
from laam.compare.render import TICKS
from laam.corpus.catalog import SourceFile
from laam.emission import EmissionRequest, Ended, Event, emit
from laam.exhibit.address import Address
from laam.exhibit.sources import Sources
from laam.model.zoo import Model
from laam.receipts import Receipts, receipts_of
from laam.transcript import Transcript

AT_ONCE = 2  # emissions that run for previews; a visitor's own go before them
WAIT_S = 25.0  # seconds; whoever fetches a preview gives up about then
REMEMBERED = 2_000  # summaries, of some hundred bytes each


class KnownScore(Protocol):
    """A greedy emission of a whole file, from its path alone, that was scored before; a row of the atlas is one."""

    @property
    def reproduced(self) -> float: ...
    @property
    def exact_lines(self) -> int: ...
    @property
    def original_lines(self) -> int: ...
    @property
    def longest_run(self) -> int: ...
    @property
    def identical(self) -> bool: ...
    @property
    def closed(self) -> bool:
        """Whether the model ended by itself. Otherwise the emission may have been given up, and its numbers are not the page's."""


Known = Callable[[str, str], KnownScore | None]
"""The known score of a path, by the model with the weights of a sha256."""


class BusyError(Exception):
    """More is asked for at once than can run; it can be asked for again a little later."""


@dataclass(frozen=True)
class Summary:
    """What a card shows. `ticks` are marks as `tick_marks` makes them.

    `percent`: the share reproduced, `measure` of what. `lines`: how many of how many. `facts`: more numbers, in the page's words,
    the most telling one first. `given`: what the model was given.
    """

    address: Address
    file: SourceFile
    model: str
    model_digest: str
    percent: str
    measure: str
    lines: str
    facts: tuple[str, ...]
    given: str
    ticks: str

    @property
    def licence(self) -> str:
        return wording.LICENCES.get(self.file.licence, self.file.licence)


@dataclass(frozen=True)
class Finished:
    """An emission of a file that ran to its end, compared."""

    comparison: Comparison
    receipts: Receipts
    ended: Ended
    given: str
    whole_file: bool

    def as_dict(self) -> dict[str, Any]:
        """Score, receipts and ending, ready for JSON; without the text."""
        return {"score": self.comparison.score.as_dict(), "receipts": asdict(self.receipts), "ended": asdict(self.ended)}


def finished(question: Question, model: Model, events: Sequence[Event], sources: Sources) -> Finished:
    """Compare an emission by all of its events, the last of which is Ended."""
    transcript = Transcript(question, sources.originals)
    for event in events:
        transcript.take(event)
    comparison, ended = transcript.compare(), transcript.ended
    assert isinstance(comparison, Comparison)
    assert ended is not None
    receipts = receipts_of(question.request, model, transcript.file, [prompted.prompt for prompted in transcript.prompts])
    return Finished(comparison, receipts, ended, wording.given(transcript.prompts), transcript.whole_file)


def summary_of(address: Address, file: SourceFile, model: Model, result: Finished) -> Summary:
    """The numbers of a finished emission, in the page's words."""
    fields = wording.score_fields(result.comparison.score, whole_file=result.whole_file)
    telling = ("within_reach", "sha256", "longest_run", "without_boilerplate")
    return Summary(
        address=address,
        file=file,
        model=wording.model_name(model.name, model.parameters),
        model_digest=model.digest,
        percent=fields["reproduced"],
        measure=wording.MEASURE if result.whole_file else wording.MEASURE_AFTER,
        lines=fields["lines"],
        facts=tuple(fields[name] for name in telling if name in fields),
        given=result.given,
        ticks=result.comparison.ticks,
    )


def summary_of_known(address: Address, file: SourceFile, model: Model, score: KnownScore) -> Summary:
    """The same from a score that is known. Which lines differ is not, so only a whole file has ticks."""
    sha256 = "sha256 identical ✓" if score.identical else "sha256 differs"
    return Summary(
        address=address,
        file=file,
        model=wording.model_name(model.name, model.parameters),
        model_digest=model.digest,
        percent=wording.percent(score.reproduced),
        measure=wording.MEASURE,
        lines=wording.lines(score.exact_lines, score.original_lines),
        facts=(sha256, wording.longest_run(score.longest_run)),
        given=wording.given([]),
        ticks="=" * min(TICKS, file.lines) if score.identical else "",
    )


class Summaries:
    """Summaries and finished emissions. Safe under several threads; at most AT_ONCE emissions run for them.

    `known`: scores that need no run.
    """

    def __init__(
        self, sources: Sources, known: Known = lambda path, digest: None, *, at_once: int = AT_ONCE, wait_s: float = WAIT_S
    ) -> None:
        self._sources, self._known, self._wait_s = sources, known, wait_s
        self._places = threading.BoundedSemaphore(at_once)
        self._remembered: OrderedDict[tuple[str, EmissionRequest], Summary] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, address: Address) -> Summary:
        """The summary of an emission, without running it again where its score is known.

        Raises UnknownFile, ValueError for a model that can't be had or asked, and BusyError.
        """
        address, model, question = self._asked(address)
        key = (model.digest, question.request)
        with self._lock:
            if remembered := self._remembered.get(key):
                return remembered
        file = self._sources.catalog.find(address.path)
        score = self._known(file.path, model.digest) if question.request == EmissionRequest(file.path) else None
        if score and score.closed:
            summary = summary_of_known(address, file, model, score)
        else:
            summary = summary_of(address, file, model, self._run(model, question))
        if address.decoding.greedy:
            with self._lock:
                self._remembered[key] = summary
                while len(self._remembered) > REMEMBERED:
                    self._remembered.popitem(last=False)
        return summary

    def finish(self, address: Address) -> Finished:
        """Run an emission to its end, or take its recording, and compare. Raises as `find` does."""
        _, model, question = self._asked(address)
        return self._run(model, question)

    def _asked(self, address: Address) -> tuple[Address, Model, Question]:
        address = address.resolved(self._sources.catalog)
        model = self._sources.model(address.model)
        return address, model, ask(address.wish, model, self._sources.originals)

    def _run(self, model: Model, question: Question) -> Finished:
        request, results = question.request, self._sources.results
        if recording := results.recording(request, model):
            return finished(question, model, recording.events, self._sources)
        with self._place(), self._sources.running.emission(f"preview {threading.get_ident()}"):
            recording = results.recording(request, model)  # another request may just have run it
            events = recording.events if recording else list(results.record(emit(request, model), request, model))
        return finished(question, model, events, self._sources)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._wait_s):
            raise BusyError("Too many emissions are asked for just now. Try again in a minute.")
        try:
            yield
        finally:
            self._places.release()
