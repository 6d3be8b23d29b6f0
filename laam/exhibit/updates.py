"""An emission as numbered updates for the page, a few a second, each holding only what is new."""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from laam import wording
from laam.compare.align import Block
from laam.compare.live import Comparison, LiveComparison, compare_text
from laam.compare.render import Row, render_rows, tick_marks
from laam.corpus.lines import split_lines
from laam.corpus.sealed import SealedManifest, SealedOriginal
from laam.emission import EmissionRequest, Emitted, Ended, Event, Prompted, emit
from laam.exhibit.results import Recording, Results
from laam.model.zoo import Model
from laam.receipts import receipts_of

State = Literal["running", "done", "stopped"]
INTERVAL = 0.25  # seconds between two updates


@dataclass(frozen=True)
class Update:
    """What the page's script gets. `fields` are plain texts by name; `rows` is HTML made of escaped values only.

    `ticks`: one mark for each stretch of the original, see tick_marks. `settle` and `download` are addresses on this
    server: of the whole diff, where the streamed one turned out otherwise, and of the emitted text.
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


def stream_updates(
    request: EmissionRequest, model: Model, manifest: SealedManifest, results: Results, stop: threading.Event
) -> Iterator[Update]:
    """Emit, compare, and tell the page. Setting `stop`, or closing the iterator, ends the model's work.

    The last update carries the score of the whole, from the alignment of the whole. Where `results` has a recording of the same
    emission, that is shown instead of a new run, and the field `speed` says so.
    """
    recording = results.recording(request, model)
    run = _Run(request, model, manifest.original(request.path), recording)
    yield run.opening()
    shown_at = time.monotonic()
    with closing(recording.replay() if recording else results.record(emit(request, model), request, model)) as events:
        for event in events:
            run.take(event)
            if stop.is_set():
                break
            if time.monotonic() - shown_at >= INTERVAL:
                yield run.progress()
                shown_at = time.monotonic()
    final = run.final(manifest.line_files())
    results.keep(run.id, run.comparison)
    yield final


class _Run:
    """One emission's state between two updates."""

    def __init__(self, request: EmissionRequest, model: Model, original: SealedOriginal, recording: Recording | None) -> None:
        self.id = secrets.token_urlsafe(12)
        self.comparison: Comparison
        self._request, self._model, self._original, self._recording = request, model, original, recording
        self._original_characters = sum(original.lengths)
        self._live = LiveComparison(original)
        self._sent: list[Row] = []
        self._prompts: list[str] = []
        self._pieces: list[str] = []
        self._joined = 0  # pieces that were looked at for whole lines
        self._unfinished = ""  # the last line, as far as it was written
        self._characters = 0
        self._ended: Ended | None = None
        self._tokens = 0
        self._began = time.monotonic()
        self._sequence = 0

    def take(self, event: Event) -> None:
        if isinstance(event, Prompted):
            self._prompts.append(event.prompt)
        elif isinstance(event, Emitted):
            self._pieces.append(event.text)
            self._characters += len(event.text)
            self._tokens += 1
        elif isinstance(event, Ended):
            self._ended = event

    def opening(self) -> Update:
        file = self._original.file
        known = " · the model was trained on this file" if file.path in self._model.trained_on else " · the model was not trained on it"
        fields = {
            "file": file.path,
            "origin": wording.origin(file) + known,
            "right_title": f"{wording.RELEASE} – sealed: a line opens when the model has written it",
            "reproduced": "…",
            "announcement": f"The model is writing {file.path}.",
        }
        return self._update("running", fields, [])

    def progress(self) -> Update:
        rows = self._settled_rows()
        score = self._live.running
        fields = {
            "reproduced": wording.percent(score.exact_characters / max(1, self._original_characters)),
            "lines": wording.lines(score.exact_lines, len(self._original.lengths)),
            "longest_run": wording.longest_run(score.longest_run),
            "characters": f"{self._characters:,} characters out",
            "verbatim": wording.verbatim(score.exact_characters / max(1, self._characters)),
            "speed": self._speed(),
            "prompt": self._prompts[-1] if self._prompts else "",
        }
        return self._update("running", fields, self._live.blocks, rows)

    def final(self, line_files: dict[int, int]) -> Update:
        speed = self._speed()
        prompt_characters = sum(map(len, self._prompts))
        self.comparison = comparison = compare_text(
            "".join(self._pieces),
            self._original,
            prompt_characters=prompt_characters,
            line_files=line_files,
            complete=self._ended is not None and self._ended.reason == "end of file",
        )
        receipts = receipts_of(self._replayed_request(), self._model, self._original.file, self._prompts)
        score = wording.score_fields(comparison.score)
        ending = wording.ending(self._ended)
        fields = {
            **score,
            "speed": speed,
            "ending": ending,
            "prompt": receipts.prompt,
            "settings": wording.decoding(self._request.decoding),
            "model_digest": f"{receipts.model} {receipts.model_sha256[:12]}…",
            "original_sha256": receipts.original_sha256,
            "emitted_sha256": comparison.score.emitted_sha256,
            "replay": receipts.command,
            "announcement": f"{ending} {score['reproduced']} reproduced, {score['lines']}, {score['sha256']}.",
        }
        same_so_far = comparison.rows[: len(self._sent)] == self._sent
        return self._update(
            "stopped" if self._ended is None else "done",
            fields,
            comparison.shown_blocks,
            comparison.rows[len(self._sent) :] if same_so_far else [],
            settle="" if same_so_far else f"emission/{self.id}/rows",
            download=f"emission/{self.id}/{self._original.file.path.rpartition('/')[2]}",
        )

    def _replayed_request(self) -> EmissionRequest:
        """What gives the same text again: a stopped emission is one that is cut off after so many tokens."""
        if self._ended or not self._tokens:
            return self._request
        closing = len(self._prompts) - 1  # each segment before the last was closed with a token that is no text
        return replace(self._request, max_tokens=self._tokens + closing)

    def _settled_rows(self) -> list[Row]:
        text = self._unfinished + "".join(self._pieces[self._joined :])
        self._joined = len(self._pieces)
        whole = text.rfind("\n") + 1
        self._unfinished = text[whole:]
        rows = self._live.feed(split_lines(text[:whole]))
        self._sent += rows
        return rows

    def _speed(self) -> str:
        if self._recording:
            return f"{self._recording.tokens / max(1e-9, self._recording.seconds):,.0f} tokens/s in an earlier run, shown again"
        return f"{self._tokens / max(1e-9, time.monotonic() - self._began):,.0f} tokens/s"

    def _update(self, state: State, fields: dict[str, str], blocks: Sequence[Block], rows: Sequence[Row] = (), **addresses: str) -> Update:
        self._sequence += 1
        return Update(
            run=self.id,
            sequence=self._sequence,
            state=state,
            original_lines=len(self._original.digests),
            fields=fields,
            rows=render_rows(rows),
            ticks=tick_marks(blocks, len(self._original.digests)),
            **addresses,
        )
