"""An emission as numbered updates for the page, a few a second, each holding only what is new."""

import secrets
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, Literal

from laam.compare.credit import LiveCredit
from laam.compare.live import LiveComparison
from laam.compare.render import Row, render_rows
from laam.corpus.lines import split_lines
from laam.corpus.original import Original, whole_of
from laam.corpus.originals import Originals
from laam.emission.emit import Event, Titled
from laam.emission.question import Question
from laam.emission.transcript import Finished, Transcript
from laam.model.engine import Waiting
from laam.model.model import Model
from laam.serving import fields, verdict
from laam.serving.pace import paced
from laam.serving.recording import Recording
from laam.serving.services import Services

State = Literal["ready", "running", "done", "stopped"]


@dataclass(frozen=True)
class Update:
    """What the page's script gets. `fields` are plain texts by name; `rows` is HTML made of escaped values only.

    `original_lines`: of the whole file, 0 if there is none. `ticks`: one mark for each stretch of it, see tick_marks. `lengths`: the
    characters of each line of the original, newline included, from line `first_line` (counted from 0) on, which is the first one that the
    emission is held against; `given`: the places in it of lines that count for nothing, because a prompt gives a part of them. They are
    sent once, with the first update that knows the original. `settle` and `download` are paths on this server: of the whole diff, if it
    turned out different from the streamed one, and of the emitted text. `counted`: of how many of those lines the number is a share, if it
    isn't of all; sent with the result. `opening`: whether the page plays it by itself.
    """

    run: str
    sequence: int
    state: State
    original_lines: int
    fields: dict[str, str] = dataclass_field(default_factory=dict)
    rows: str = ""
    ticks: str = ""
    settle: str = ""
    download: str = ""
    lengths: Sequence[int] = ()
    first_line: int = 0
    given: Sequence[int] = ()
    counted: int = 0
    opening: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def stream_updates(question: Question, model: Model, services: Services, stop: threading.Event) -> Generator[Update]:
    """Emit, compare, and tell the page. Setting `stop`, or closing the iterator, ends the model's work.

    The first update comes at once. The last one has the score of the whole text, from its alignment as a whole. If the same emission was
    recorded, the recording is shown instead of a new run, and the field `speed` says so.
    """
    playing = services.recordings.play(question, model, stop=stop)
    maker = _UpdateMaker(question, model, services.originals, playing.recording)
    with closing(playing.events) as events:
        yield maker.progress()
        for event, due in paced(events):
            maker.take(event)
            if playing.recording:  # it comes at once, and doesn't tell how many tokens a part of it has, so nobody can stop it
                continue
            if stop.is_set():
                break
            if due:
                yield maker.progress()
    result = maker.result()
    services.results.keep(maker.id, result)
    yield maker.final(result)


def ready_update(question: Question, model: Model, services: Services) -> Update:
    """What is known before the model runs: file, licences, and the lengths of the lines, as bars."""
    return _UpdateMaker(question, model, services.originals, None).ready()


class _UpdateMaker:
    """The updates of one emission. The transcript has what was written; this object knows how much of it was sent."""

    def __init__(self, question: Question, model: Model, originals: Originals, recording: Recording | None) -> None:
        self.id = secrets.token_urlsafe(12)
        self._transcript, self._recording = Transcript(question, originals), recording
        self._location, self._model, self._originals = question.location, model, originals
        self._live = self._compared_live()
        self._laid_out = False  # whether the lengths of the original's lines were sent
        self._sent: list[Row] = []
        self._settled: list[Row] = []  # and not yet sent
        self._joined = 0  # how many tokens of the last answer were searched for whole lines
        self._unfinished = ""  # the part of the last line that was written
        self._began = time.monotonic()
        self._sequence = 0
        self._waiting: Waiting | None = None

    def _compared_live(self) -> LiveComparison | LiveCredit:
        original, leads = self._transcript.original, self._transcript.question.leads
        return LiveComparison(original, leads) if original else LiveCredit(self._originals.manifest, leads[0])

    def take(self, event: Event) -> None:
        self._waiting = None
        if isinstance(event, Waiting) and (event.before or not self._transcript.characters):  # and not only for its own next lines
            self._waiting = event
        begins_piece = self._transcript.begins_piece(event)
        if begins_piece:
            self._settle()
        self._transcript.take(event)
        if begins_piece and isinstance(self._live, LiveComparison):
            lead = self._transcript.leads[-1]
            self._settled += self._live.follow(replace(lead, text=self._unfinished + lead.text))
            self._joined, self._unfinished = 0, ""
        if isinstance(event, Titled):
            self._live = self._compared_live()
            self._laid_out = False

    def ready(self) -> Update:
        return self._update("ready", {})

    def progress(self) -> Update:
        transcript = self._transcript
        self._settle()
        rows, self._settled = self._settled, []
        self._sent += rows
        said = fields.score_so_far(self._live, transcript.characters)
        prompt = transcript.prompts[-1].prompt if transcript.prompts else ""
        own = {**self._mode(), "speed": self._speed(), "prompt": prompt}
        return self._update("running", {**self._opening(), **said, **own}, rows, ticks=self._live.ticks)

    def _opening(self) -> dict[str, str]:
        """What the first update says, which may be the last one too."""
        if self._sequence:
            return {}
        said = f"The model is writing: {fields.title(self._transcript)}."
        return {**self._mode(), "announcement": said, "address": self._query(), "lead": verdict.lead_in(self._transcript, self._model)}

    def result(self) -> Finished:
        """The whole emission, compared as a whole."""
        return self._transcript.finished(self._model)

    def final(self, result: Finished) -> Update:
        file, sent = self._transcript.file, len(self._sent)
        rows = result.rows
        same_so_far = rows[:sent] == self._sent
        return self._update(
            "stopped" if result.ended is None else "done",
            {
                **self._opening(),
                **fields.ended(result, self._transcript, self._model),
                "verdict": verdict.verdict(result, self._transcript, self._model),
                **({} if self._recording else {"mode_note": "the model wrote this just now"}),
                "speed": self._speed(),
            },
            rows[sent:] if same_so_far else [],
            ticks=result.compared.ticks,
            counted=result.headline.lines if result.headline.of == "window" else 0,
            settle="" if same_so_far else f"emission/{self.id}/rows",
            download=f"emission/{self.id}/{file.path.rpartition('/')[2] if file else 'emission.txt'}",
        )

    def _query(self) -> str:
        return replace(self._transcript.question.ask, model=self._model.name).to_query()

    def _settle(self) -> None:
        answer = self._transcript.answers[-1]
        text = self._unfinished + "".join(answer[self._joined :])
        self._joined = len(answer)
        whole = text.rfind("\n") + 1
        self._unfinished = text[whole:]
        self._settled += self._live.feed(split_lines(text[:whole]))

    def _mode(self) -> dict[str, str]:
        if self._waiting:
            return {"mode": "Live", "mode_note": fields.waiting(self._waiting)}
        return fields.mode(self._recording.when if self._recording else None)

    def _speed(self) -> str:
        if self._recording:
            return fields.speed(self._recording.tokens, self._recording.seconds, recorded=True)
        if self._waiting:
            return fields.waiting(self._waiting)
        return fields.speed(self._transcript.tokens, time.monotonic() - self._began, recorded=False)

    def _update(self, state: State, said: dict[str, str], rows: Sequence[Row] = (), **addresses: Any) -> Update:
        """The next update. The heading goes with each: a model that was given no prompt may name the file only as it begins."""
        self._sequence += 1
        transcript, original = self._transcript, self._transcript.original
        laid_out, self._laid_out = self._laid_out, True
        return Update(
            run=self.id,
            sequence=self._sequence,
            state=state,
            original_lines=transcript.file.lines if transcript.file else 0,
            fields={**fields.heading(transcript, self._model, self._location), **said},
            rows=render_rows(rows),
            **({} if laid_out or original is None else _layout(original)),
            **addresses,
        )


def _layout(original: Original) -> dict[str, Any]:
    """The fields of an update that lay out the original."""
    whole = whole_of(original)
    first = next(iter(original.numbers), len(whole.digests))
    compared = set(original.numbers)
    given = [number - first for number in range(first, len(whole.digests)) if number not in compared]
    return {"lengths": list(whole.lengths[first:]), "first_line": first, "given": given}
