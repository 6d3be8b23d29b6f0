"""Many emissions share the engines: in short rounds, segments of many files are decoded side by side."""

import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from time import monotonic

from laam.emission.emit import Event, are_independent, emit, expected_segments
from laam.emission.question import Question
from laam.model.drafts import parted_decoder, takes_drafts
from laam.model.engine import WORKERS, Decoder, Waiting
from laam.model.model import Model
from laam.serving.jobs import WAIT_S, Ahead, Job, Rank, Segment, Stopped
from laam.serving.lossy_copies import LossyCopies
from laam.serving.rounds import Round, next_round

DELIVER_S = 0.05  # seconds between two deliveries of a turn's ids


@dataclass(frozen=True)
class Load:
    """How many emissions of each kind there are, and how many visitors have not seen a token yet."""

    visitors: int = 0
    waiting: int = 0
    previews: int = 0
    background: int = 0

    @property
    def total(self) -> int:
        return self.visitors + self.previews + self.background


class Scheduler:
    """Decodes for all emissions, in `workers` threads, which live as long as there is something to do. `copies`: of models whose weights
    lose something before they are asked.

    Safe under several threads. The text of an emission is the one that `emit` alone would give: it depends neither on the number of
    other emissions nor on the rounds in which it is decoded.
    """

    def __init__(self, workers: int = WORKERS, copies: LossyCopies | None = None) -> None:
        self._workers = workers
        self._copies = copies or LossyCopies()
        self._lock = threading.Lock()
        self._jobs: dict[Job, None] = {}  # in the order in which they came
        self._under_way: list[Round] = []
        self._threads = 0
        self._rounds = 0

    def emit(
        self, question: Question, model: Model, rank: Rank = Rank.VISITOR, stop: threading.Event | None = None
    ) -> Generator[Event, None, None]:
        """The events of an emission, as `emit` gives them, and a Waiting now and then. Closing the iterator, or setting `stop`, ends
        the model's work.

        If it is stopped, the events end without an Ended. Raises what `emit` raises, what the engine raises for it, and BusyError if too
        many lossy copies are asked for.
        """
        with self._copies.asked(model, question.ask.lossy, background=rank == Rank.BACKGROUND) as wait:
            while (asked := wait(WAIT_S)) is None:
                if stop and stop.is_set():
                    return
                yield Waiting(0, copying=True)
            job = Job(asked.engine, question.ask.decoding, rank, self._lock, self._enter, self._before, _ahead(question, model), stop)
            try:
                yield from emit(question, model, job)
            except Stopped:
                return
            finally:
                with self._lock:
                    job.left = True
                    self._jobs.pop(job, None)
                    self._wake()  # another emission may wait for its place

    @property
    def load(self) -> Load:
        """The emissions of this moment."""
        with self._lock:
            ranks = [job.rank for job in self._jobs]
            waiting = sum(job.rank == Rank.VISITOR and job.waiting for job in self._jobs)
        return Load(ranks.count(Rank.VISITOR), waiting, ranks.count(Rank.PREVIEW), ranks.count(Rank.BACKGROUND))

    def _enter(self, job: Job) -> None:
        self._jobs[job] = None
        self._wake()

    def _before(self, job: Job) -> int:
        """How many other emissions are served before it. Called under the lock."""
        return sum((other.rank, other.served) < (job.rank, job.served) for other in self._jobs)

    def _wake(self) -> None:
        """Start a worker if there is a round for it. Called under the lock."""
        if self._threads < self._workers and next_round(self._jobs, self._under_way):
            self._threads += 1
            threading.Thread(target=self._work, name="scheduler", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                round_ = next_round(self._jobs, self._under_way)
                if round_ is None:
                    self._threads -= 1
                    return
                self._begin(round_)
                self._wake()
            try:
                self._decode(round_)
            finally:
                with self._lock:
                    self._under_way.remove(round_)
                    for _, segment in round_.work:
                        segment.running = False

    def _begin(self, round_: Round) -> None:
        self._rounds += 1
        self._under_way.append(round_)
        for job, segment in round_.work:
            job.served = self._rounds
            segment.running = True
            job.started = job.started or (job.ahead is None and round_.limit is None)

    def _decode(self, round_: Round) -> None:
        """Decode a round. An error reaches only the emissions of this round."""
        try:
            if round_.takes_turns:
                self._take_turn(*round_.work[0], round_.limit)
            else:
                self._batch(round_)
        except Exception as error:
            if len(round_.work) == 1:
                with self._lock:
                    round_.work[0][0].fail(error)
                return
            for pair in round_.work:
                self._decode(replace(round_, work=[pair]))

    def _batch(self, round_: Round) -> None:
        job = round_.work[0][0]
        most = max(segment.limit for _, segment in round_.work)
        limit = most if round_.limit is None else min(most, round_.limit)
        answers = job.engine.batch([segment.prompt for _, segment in round_.work], job.stop_ids, limit)
        for (job, segment), draft in zip(round_.work, answers, strict=True):
            drawn = job.draw(segment, draft)
            with self._lock:
                segment.parted = drawn.parted
                job.deliver(segment, drawn.ids, done=limit >= segment.limit and not drawn.parted)

    def _take_turn(self, job: Job, segment: Segment, limit: int | None) -> None:
        """Decode the answer to one prompt, or the rest of it. For first lines only, a decoder is made and thrown away: in its turn, a
        draw begins anew."""
        if segment.parted:
            ids = self._stream(job, segment, parted_decoder(job.engine, job.decoding, segment.prompt), list(segment.ids))
        elif limit is not None:
            ids = list(job.engine.decoder(job.decoding).stream(segment.prompt, job.stop_ids, min(limit, segment.limit)))
        else:
            job.decoder = job.decoder or job.engine.decoder(job.decoding)
            ids = self._stream(job, segment, job.decoder, [])
        with self._lock:
            job.deliver(segment, ids, done=segment.parted or limit is None)

    def _stream(self, job: Job, segment: Segment, decoder: Decoder, ids: list[int]) -> list[int]:
        """All ids of a segment, after those that are there already."""
        told_at, first = monotonic(), len(ids) + 1
        for id_ in decoder.stream([*segment.prompt, *ids], job.stop_ids, segment.limit - len(ids)):
            ids.append(id_)
            if job.left or job.stopping.is_set():
                break  # which closes the stream, and so ends the decoding
            if monotonic() - told_at >= DELIVER_S or len(ids) == first:
                with self._lock:
                    job.deliver(segment, ids, done=False)
                told_at = monotonic()
        return ids


def _ahead(question: Question, model: Model) -> Ahead | None:
    """How a file goes on, if its segments, or pieces, depend neither on each other nor on the draws before them; else None."""
    ask, format_, window = question.ask, model.format, model.window
    if not (are_independent(question, format_) and (ask.decoding.greedy or takes_drafts(ask.decoding))):
        return None
    if pieces := question.pieces:
        return Ahead(lambda piece: pieces[piece].prompt.ids, (), window, len(pieces), certain=True)

    first = format_.path_prompt(ask.path)

    known = ask.path in model.trained_tokens and not ask.lossy
    tokens = min(ask.max_tokens, model.trained_tokens[ask.path]) if known else ask.max_tokens
    segments = expected_segments(tokens, first, window) if known else 1 + 2 * tokens // window
    return Ahead(lambda segment: format_.path_prompt(ask.path, segment).ids, format_.ends, window, segments, known)
