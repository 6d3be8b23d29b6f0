"""How much randomness it takes until a file is no longer a copy: one file, asked for at several temperatures, in the background."""

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

from laam.compare.live import LiveComparison, compare_text
from laam.corpus.lines import split_lines
from laam.corpus.original import Original
from laam.emission import wording
from laam.emission.ask import Ask
from laam.emission.question import Question
from laam.emission.transcript import Transcript
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.pace import paced
from laam.serving.recordings import Key, key_of
from laam.serving.services import Services
from laam.serving.verdict import closed_early

TEMPERATURES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
LONGER = 1.5  # times the tokens that a file took in the model's verdict: a text that never ends is cut off there
TURN_S = 0.5  # seconds between two looks at whether it is this visitor's turn, or the visitor has left
REMEMBERED = 600  # strips, of some hundred bytes each


@dataclass(frozen=True)
class Strip:
    """What came at one temperature, so far or in the end. `state`: *waiting* for others, *running* or *done*.

    `ticks`: as `tick_marks` makes them. `reproduced`: the share of the original's characters in lines exact and in order, in words.
    """

    temperature: float
    state: str
    ticks: str = ""
    reproduced: str = ""
    identical: bool = False
    closed_early: bool = False
    """Whether the model closed the file long before its end: then it isn't as unlike as the number says."""


class Forgetting:
    """Runs one emission at a time for all visitors, at the lowest rank. Safe under several threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = threading.Lock()
        self._done: OrderedDict[Key, Strip] = OrderedDict()

    def strips(self, asked: Ask, stop: threading.Event) -> Generator[Strip, None, None]:
        """The strips of the file at the ask's path, by its model, what that lost, and its seed; its other settings don't count. A strip
        comes again and again until it is done. Setting `stop`, or closing the iterator, ends the model's work.

        Raises ValueError for a file that isn't there or a model that can't be used.
        """
        for temperature in TEMPERATURES:
            drawn = Decoding(temperature, 0, asked.decoding.seed)
            question, model = self._services.question(Ask(asked.path, decoding=drawn, model=asked.model, lossy=asked.lossy))
            original = question.original
            if original is None:
                raise ValueError("Choose a file first.")
            known = model.trained_tokens.get(question.ask.path, 0)
            longest = max(1, int(known * LONGER) or sum(original.lengths))  # tokens
            question = replace(question, ask=replace(question.ask, max_tokens=min(question.ask.max_tokens, longest)))
            key = key_of(question.ask, model)
            if strip := self._done.get(key):
                yield strip
                continue
            while not self._turn.acquire(timeout=TURN_S):
                yield Strip(temperature, "waiting")
                if stop.is_set():
                    return
            try:
                for strip in _run(question, original, model, self._services, stop):
                    if strip.state == "done":
                        self._done[key] = strip
                        if len(self._done) > REMEMBERED:
                            self._done.popitem(last=False)
                    yield strip
            finally:
                self._turn.release()
            if stop.is_set():
                return


def _run(question: Question, original: Original, model: Model, services: Services, stop: threading.Event) -> Generator[Strip, None, None]:
    """The strip of one emission as it grows; the last one is done, unless it was stopped."""
    temperature = question.ask.decoding.temperature
    transcript, live = Transcript(question, services.originals), LiveComparison(original)
    joined, unfinished = 0, ""
    yield Strip(temperature, "running")
    with closing(services.recordings.play(question, model, Rank.BACKGROUND, stop).events) as events:
        for event, due in paced(events):
            transcript.take(event)
            if not due:
                continue
            text = unfinished + "".join(transcript.answers[0][joined:])
            joined, whole = len(transcript.answers[0]), text.rfind("\n") + 1
            unfinished = text[whole:]
            live.feed(split_lines(text[:whole]))
            yield Strip(temperature, "running", live.ticks)
    if not stop.is_set():
        compared = compare_text(transcript.text, original)
        score, early = compared.score, closed_early(transcript.ended, compared.score)
        yield Strip(temperature, "done", compared.ticks, wording.percent(score.reproduced), score.sha256_identical, early)
