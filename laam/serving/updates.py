"""An emission as numbered updates for the page, a few a second, each holding only what is new."""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from laam.compare.credit import LiveCredit
from laam.compare.live import LiveComparison
from laam.compare.render import Row, render_rows, with_note
from laam.corpus.lines import split_lines
from laam.corpus.originals import Originals
from laam.emission import wording
from laam.emission.ask import Question
from laam.emission.run import EmissionRequest, Event, Titled
from laam.emission.transcript import Transcript
from laam.model.model import Model
from laam.model.prompts import PublishedFormat
from laam.serving.address import address_of
from laam.serving.pace import paced
from laam.serving.recordings import Recording
from laam.serving.results import Result
from laam.serving.services import Services

State = Literal["running", "done", "stopped"]


@dataclass(frozen=True)
class Update:
    """What the page's script gets. `fields` are plain texts by name; `rows` is HTML made of escaped values only.

    `original_lines`: of the whole file, 0 where there is none. `ticks`: one mark for each stretch of it, see tick_marks. `settle`
    and `download` are addresses on this server: of the whole diff, where the streamed one turned out otherwise, and of the
    emitted text.
    """

    run: str
    sequence: int
    state: State
    original_lines: int
    fields: dict[str, str] = field(default_factory=dict)
    rows: str = ""
    ticks: str = ""
    settle: str = ""
    download: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def stream_updates(question: Question, model: Model, services: Services, stop: threading.Event) -> Iterator[Update]:
    """Emit, compare, and tell the page. Setting `stop`, or closing the iterator, ends the model's work.

    The last update carries the score of the whole, from the alignment of the whole. If the same emission was recorded, that is
    shown instead of a new run, and the field `speed` says so.
    """
    playing = services.recordings.play(question.request, model)
    run = _Run(question, model, services.originals, playing.recording)
    with closing(playing.events) as events:
        yield run.opening()
        for event, due in paced(events):
            run.take(event)
            if stop.is_set() and not playing.recording:  # a recording is there at once, and doesn't tell the tokens of a part of it
                break
            if due:
                yield run.progress()
    result = run.result()
    services.results.keep(run.id, result)
    yield run.final(result)


class _Run:
    """One emission's state between two updates."""

    def __init__(self, question: Question, model: Model, originals: Originals, recording: Recording | None) -> None:
        self.id = secrets.token_urlsafe(12)
        self._transcript, self._recording = Transcript(question, originals), recording
        self._location, self._model, self._originals = question.location, model, originals
        self._live = self._compared_live()
        self._sent: list[Row] = []
        self._joined = 0  # pieces that were looked at for whole lines
        self._unfinished = ""  # the last line, as far as it was written
        self._began = time.monotonic()
        self._sequence = 0

    def _compared_live(self) -> LiveComparison | LiveCredit:
        original, lead = self._transcript.original, self._transcript.lead
        return LiveComparison(original, lead) if original else LiveCredit(self._originals.manifest, lead)

    def take(self, event: Event) -> None:
        self._transcript.take(event)
        if isinstance(event, Titled):
            self._live = self._compared_live()

    def opening(self) -> Update:
        said, asked = f"The model is writing: {self._title()}.", self._address(self._transcript.request)
        return self._update(
            "running", {**self._heading(), "reproduced": "…", "announcement": said, "address": asked}, ticks=self._live.ticks
        )

    def progress(self) -> Update:
        transcript = self._transcript
        rows = self._settled_rows()
        fields = {
            **self._heading(),
            **self._running_score(),
            "characters": f"{transcript.characters:,} characters out",
            "speed": self._speed(),
            "prompt": transcript.prompts[-1].prompt if transcript.prompts else "",
        }
        return self._update("running", fields, rows, ticks=self._live.ticks)

    def result(self) -> Result:
        """The whole emission, compared as a whole."""
        transcript, finished = self._transcript, self._transcript.finished(self._model)
        rows = finished.compared.rows
        if transcript.reach is not None:
            rows = with_note(rows, *self._window_note(transcript.reach))
        return Result(**vars(finished), rows=rows, query=self._address(transcript.replayed_request))

    def final(self, result: Result) -> Update:
        transcript, compared, receipts, speed = self._transcript, result.compared, result.receipts, self._speed()
        ending = wording.ending(result.ended, self._model.window)
        score = wording.fields_of(compared.score, whole_file=result.whole_file)
        said = ", ".join(score[name] for name in ("lines", "sha256") if name in score)
        fields = {
            **self._heading(),
            **score,
            "speed": speed,
            "ending": ending,
            "prompt": receipts.prompt,
            "given": result.given,
            "settings": wording.decoding(transcript.request.decoding),
            "model_digest": f"{receipts.model} {receipts.model_sha256[:12]}…",
            "original_sha256": receipts.original_sha256 or "–",
            "emitted_sha256": compared.score.emitted_sha256,
            "replay": receipts.command,
            "address": result.query,
            "announcement": f"{ending} {score['reproduced']} {result.measure}, {said}.",
        }
        same_so_far = result.rows[: len(self._sent)] == self._sent
        return self._update(
            "stopped" if result.ended is None else "done",
            fields,
            result.rows[len(self._sent) :] if same_so_far else [],
            ticks=compared.ticks,
            settle="" if same_so_far else f"emission/{self.id}/rows",
            download=f"emission/{self.id}/{transcript.file.path.rpartition('/')[2] if transcript.file else 'emission.txt'}",
        )

    def _address(self, request: EmissionRequest) -> str:
        address = address_of(request, self._model.name)
        return address.query if address else ""

    def _title(self) -> str:
        if self._transcript.file:
            return self._transcript.file.path
        return "source that points to no single file" if self._transcript.lead.text else "no prompt"

    def _heading(self) -> dict[str, str]:
        """What stands above the number, and over the original's pane."""
        file, original = self._transcript.file, self._transcript.original
        fields = {"file": self._title(), "measure": self._measure()}
        if file is None or original is None:
            fields["origin"] = "each line that is written is looked up among all lines of Linux 1.0"
            fields["right_title"] = "Where the line stands in Linux 1.0"
            return fields
        told = "has written it, or you gave it" if self._transcript.lead.text else "has written it"
        fields["right_title"] = wording.RELEASE + ("" if original.has_text else f" – sealed: a line opens when the model {told}")
        fields["origin"] = wording.origin(file) + wording.training(file.path, self._model)
        fields["unsettled"] = wording.unsettled(file)
        fields["notices"] = wording.notices(file)
        fields["more_notices"] = f"and {len(file.more_notices):,} more" if file.more_notices else ""
        if self._location:
            fields["origin"] += wording.found_at(self._location)
        return fields

    def _measure(self) -> str:
        return wording.measure(in_a_file=self._transcript.original is not None, whole_file=self._transcript.whole_file)

    def _running_score(self) -> dict[str, str]:
        if isinstance(self._live, LiveCredit):
            return {"lines": wording.found_lines(self._live.found_lines, self._live.lines), "reproduced": "…"}
        score, lengths = self._live.running, self._live.original.lengths
        return {
            "reproduced": wording.percent(score.exact_characters / max(1, sum(lengths))),
            "lines": wording.lines(score.exact_lines, len(lengths)),
            "longest_run": wording.longest_run(score.longest_run),
            "verbatim": wording.verbatim(score.exact_characters / max(1, self._transcript.characters)),
        }

    def _window_note(self, reach: int) -> tuple[int, str]:
        """Behind which emitted line the window was full, and what the page says there."""
        transcript = self._transcript
        _, counted = transcript.lead.split(transcript.text[:reach])
        in_pieces = isinstance(self._model.format, PublishedFormat)
        return len(split_lines(counted)), wording.window_end(self._model.window, in_pieces=in_pieces, slides=transcript.request.slide)

    def _settled_rows(self) -> list[Row]:
        pieces = self._transcript.pieces
        text = self._unfinished + "".join(pieces[self._joined :])
        self._joined = len(pieces)
        whole = text.rfind("\n") + 1
        self._unfinished = text[whole:]
        rows = self._live.feed(split_lines(text[:whole]))
        self._sent += rows
        return rows

    def _speed(self) -> str:
        if self._recording:
            return f"{self._recording.tokens / max(1e-9, self._recording.seconds):,.0f} tokens/s in an earlier run, shown again"
        return f"{self._transcript.tokens / max(1e-9, time.monotonic() - self._began):,.0f} tokens/s"

    def _update(self, state: State, fields: dict[str, str], rows: Sequence[Row] = (), **addresses: str) -> Update:
        self._sequence += 1
        return Update(
            run=self.id,
            sequence=self._sequence,
            state=state,
            original_lines=self._transcript.file.lines if self._transcript.file else 0,
            fields=fields,
            rows=render_rows(rows),
            **addresses,
        )
