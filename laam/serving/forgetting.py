"""What a model must lose until a file is no longer a copy: one file, asked for with fewer and fewer bits a weight, or with more and more
chance, in the background."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from laam.compare.live import LiveComparison, compare_text
from laam.corpus.lines import split_lines
from laam.corpus.original import Original
from laam.emission import naming, wording
from laam.emission.ask import Ask
from laam.emission.headline import headline_of
from laam.emission.question import Question
from laam.emission.transcript import Transcript
from laam.knobs import MAX_TOKENS
from laam.model.engine import Decoding
from laam.model.lossy import Lossy
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.pace import paced
from laam.serving.recording import Recording
from laam.serving.recordings import Key, key_of
from laam.serving.services import Services
from laam.serving.verdict import closed_early
from laam.words import say

BITS, CHANCE = "bits", "chance"
ROWS: Mapping[str, Sequence[float]] = {BITS: (8, 7, 6, 5, 4, 3), CHANCE: (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)}
"""The steps of each row: bits a weight, of the greedy text, and temperatures."""
LONGER = 1.5  # times the tokens that a file took in the model's verdict: a text that never ends is cut off there
TURN_S = 0.5  # seconds between two looks at whether it is this visitor's turn, or the visitor has left
REMEMBERED = 600  # strips, of some hundred bytes each


@dataclass(frozen=True)
class Left:
    """What is left of a file: its lines that are exact and in order, the share of its characters in those, and whether it is identical."""

    exact_lines: int
    reproduced: float
    identical: bool


Measured = Callable[[Model, str], Mapping[float, Left]]
"""What was measured before of a model and a file, by the bits a weight."""


@dataclass(frozen=True)
class Step:
    """A place in a row: `value`, so many bits or such a temperature. `question`: what the model is then asked, with the most tokens that it
    may take."""

    row: str
    value: float
    question: Question
    model: Model

    @property
    def original(self) -> Original:
        assert self.question.original is not None  # a file that isn't there was refused
        return self.question.original

    @property
    def name(self) -> str:
        return say(f"step_{self.row}", value=f"{self.value:g}")

    @property
    def unlimited(self) -> Question:
        """What a link to it asks, unless the text was cut off."""
        return replace(self.question, ask=replace(self.question.ask, max_tokens=MAX_TOKENS.default))


@dataclass(frozen=True)
class Strip:
    """What came at a step, so far or in the end. `state`: *waiting* for others, *running*, *done*, or *measured* before, without ticks.

    `ticks`: as `tick_marks` makes them. `said`: what is left, as a sentence, and the question, if the model itself gives the whole file;
    `score`: the same in a few words. `query`: of a link that shows the emission.
    """

    row: str
    value: float
    name: str
    state: str
    ticks: str = ""
    said: str = ""
    score: str = ""
    identical: bool = False
    query: str = ""


def steps_of(row: str, asked: Question, model: Model) -> list[Step]:
    """The steps of a row for the file of a question. Chance keeps what the ask says of the weights, and its seed."""
    original, ask = asked.original, asked.ask
    if original is None:
        raise ValueError("Choose a file first.")
    plain = Ask(ask.path, model=ask.model, max_tokens=limit_of(original, model))
    if row == BITS:
        asks = {bits: replace(plain, lossy=Lossy(int(bits))) for bits in ROWS[BITS]}
    else:
        asks = {t: replace(plain, decoding=Decoding(t, 0, ask.decoding.seed), lossy=ask.lossy) for t in ROWS[CHANCE]}
    return [Step(row, value, Question(ask, original), model) for value, ask in asks.items()]


def limit_of(original: Original, model: Model) -> int:
    """The most tokens that a strip's text may take."""
    known = model.trained_tokens.get(original.file.path, 0)
    return min(MAX_TOKENS.default, max(1, int(known * LONGER) or sum(original.lengths)))


class Forgetting:
    """Runs one emission at a time for all visitors, at the lowest rank. Safe under several threads."""

    def __init__(self, services: Services, measured: Measured = lambda model, path: {}) -> None:
        self._services, self._measured = services, measured
        self._turn = threading.Lock()
        self._done: OrderedDict[Key, Strip] = OrderedDict()

    def known(self, asked: Ask) -> list[Strip] | None:
        """The strips of a file that are there already, row by row; None if the model as it is isn't known to give a part of it. Raises
        ValueError for a file that isn't there or a model that can't be used."""
        question, model = self._services.question(asked)
        if not self._as_it_is(question, model):
            return None
        steps = [step for row in ROWS for step in steps_of(row, question, model)]
        return [strip for step in steps if (strip := self._find(step) or self._measured_strip(step))]

    def strips(self, asked: Ask, row: str, stop: threading.Event) -> Generator[Strip, None, None]:
        """The strips of a row of the file at the ask's path, by its model; see `steps_of`. A strip comes again and again until it is done.
        Setting `stop`, or closing the iterator, ends the model's work.

        Raises ValueError for a row or a file that isn't there, or a model that can't be used.
        """
        if row not in ROWS:
            raise ValueError(f"row {row[:40]!r} is not one of {', '.join(ROWS)}")
        for step in steps_of(row, *self._services.question(asked)):
            if strip := self._find(step):
                yield strip
                continue
            while not self._turn.acquire(timeout=TURN_S):
                yield Strip(row, step.value, step.name, "waiting")
                if stop.is_set():
                    return
            try:
                yield from self._run(step, stop)
            finally:
                self._turn.release()
            if stop.is_set():
                return

    def _find(self, step: Step) -> Strip | None:
        """The strip of a step that was run before, also by whoever asked for its emission."""
        recordings, key = self._services.recordings, key_of(step.question.ask, step.model)
        if strip := self._done.get(key):
            return strip
        recording = recordings.find(step.question, step.model) or recordings.find(step.unlimited, step.model)
        if recording is None:
            return None
        transcript = self._transcript(step.question, recording)
        if not _was_cut(transcript):
            recordings.remember(step.unlimited, step.model, recording)
        return self._finish(step, transcript)

    def _measured_strip(self, step: Step) -> Strip | None:
        left = self._measured(step.model, step.question.ask.path).get(step.value) if step.row == BITS else None
        return self._strip(step, "measured", left) if left else None

    def _run(self, step: Step, stop: threading.Event) -> Generator[Strip, None, None]:
        """The strip of one emission as it grows; the last one is done, unless it was stopped."""
        transcript, live = Transcript(step.question, self._services.originals), LiveComparison(step.original)
        joined, unfinished = 0, ""
        yield Strip(step.row, step.value, step.name, "running")
        with closing(self._services.recordings.play(step.question, step.model, Rank.BACKGROUND, stop).events) as events:
            for event, due in paced(events):
                transcript.take(event)
                if not due:
                    continue
                text = unfinished + "".join(transcript.answers[0][joined:])
                joined, whole = len(transcript.answers[0]), text.rfind("\n") + 1
                unfinished = text[whole:]
                live.feed(split_lines(text[:whole]))
                yield Strip(step.row, step.value, step.name, "running", live.ticks)
        if not stop.is_set():
            yield self._find(step) or self._finish(step, transcript)

    def _finish(self, step: Step, transcript: Transcript) -> Strip:
        """The strip of a whole emission, which is kept."""
        compared = compare_text(transcript.text, step.original)
        score, early = compared.score, closed_early(transcript.ended, compared.score)
        shown = step.question if _was_cut(transcript) else step.unlimited
        left = Left(score.exact_lines, score.reproduced, score.sha256_identical)
        strip = replace(self._strip(step, "done", left, early=early), ticks=compared.ticks, query=shown.ask.to_query())
        self._done[key_of(step.question.ask, step.model)] = strip
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        return strip

    def _strip(self, step: Step, state: str, left: Left, *, early: bool = False) -> Strip:
        file = self._services.catalog.files[step.question.ask.path]
        said = say("left", step=wording.capital(step.name), exact=f"{left.exact_lines:,}", lines=wording.count(file.lines, "line"))
        if self._as_it_is(step.question, step.model) == "whole":
            said = f"{said} {naming.question_left(file.licence)}".rstrip()
        notes = {"is_identical": left.identical, "closed_early": early}
        score = ", ".join([wording.percent(left.reproduced), *(say(note) for note, holds in notes.items() if holds)])
        query = step.unlimited.ask.to_query()
        return Strip(step.row, step.value, step.name, state, "", said, score, left.identical, query)

    def _as_it_is(self, question: Question, model: Model) -> str:
        """What the model itself, which has lost nothing, is known to give of the file: the *whole*, a *part*, or nothing."""
        if question.ask.path in model.identical:
            return "whole"
        plain = replace(question, ask=Ask(question.ask.path))
        recording = self._services.recordings.find(plain, model)
        if recording is None or question.original is None:
            return ""
        transcript = self._transcript(plain, recording)
        score = compare_text(transcript.text, question.original, reach=transcript.reach).score
        return "whole" if score.sha256_identical else "part" if headline_of(score).kind != "none" else ""

    def _transcript(self, question: Question, recording: Recording) -> Transcript:
        transcript = Transcript(question, self._services.originals)
        for event in recording.events:
            transcript.take(event)
        return transcript


def _was_cut(transcript: Transcript) -> bool:
    return transcript.ended is None or transcript.ended.reason == "token limit"
