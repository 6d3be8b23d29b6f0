"""What the engine does next: which emissions come first, and which segments are decoded side by side."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from laam.model.engine import WORKERS
from laam.serving.jobs import Job, Rank, Segment

OPENING = 24  # tokens: about a line
OPENINGS = 32  # segments in one round of first lines
BATCH = 12  # segments in one round to their ends: with more, the round takes longer, and a token takes the same time
AT_ONCE = 4  # emissions that take turns at once: each may hold a copy of the weights, 11 MB for the embedded model


@dataclass(frozen=True)
class Round:
    """Segments of one engine that are decoded together, to their ends or for `limit` tokens.

    It always begins with the prompts, and decodes ids from an earlier round again. Only then is each text exactly the one that its
    emission alone would give: going on from ids that are there already changes the last bits of sums. That is so for prompts of one
    length, too, since CTranslate2 reads a prompt at once and what follows it token by token.
    """

    work: Sequence[tuple[Job, Segment]]
    limit: int | None = None

    @property
    def rank(self) -> Rank:
        return self.work[0][0].rank

    @property
    def takes_turns(self) -> bool:
        """Whether it is a turn of one emission, with a decoder of its own."""
        job, segment = self.work[0]
        return job.ahead is None or segment.parted


def next_round(jobs: Collection[Job], under_way: Collection[Round] = ()) -> Round | None:
    """The round to decode now, beside those that are `under_way`; None if there is nothing to do.

    A lower rank goes first. Among visitors, everybody's first lines go first; then the emission that was served longest ago. Until those
    lines are taken, one worker gets nothing else: its core is needed to bring them onto the page. Work in the background takes one worker
    at most, so that another is free for the next visitor.
    """
    for rank in Rank:
        if rank == Rank.BACKGROUND and any(round_.rank == rank for round_ in under_way):
            return None
        of_rank = sorted((job for job in jobs if job.rank == rank), key=lambda job: job.served)
        started = sum(job.started and job.rank <= rank for job in jobs)
        if rank == Rank.VISITOR and (found := _opening(of_rank, started)):
            return found
        if len(under_way) >= WORKERS - 1 and any(job.shows_first_line for job in jobs if job.rank == Rank.VISITOR):
            return None
        if found := _full(of_rank, started):
            return found
    return None


def _opening(jobs: Sequence[Job], started: int) -> Round | None:
    """A round of first lines. An emission that takes turns and can begin at once needs none."""
    unopened = [(job, first) for job in jobs if (first := job.unopened)]
    if not unopened:
        return None
    first_job, first_segment = unopened[0]
    if first_job.ahead is None:
        return Round([(first_job, first_segment)], None if started < AT_ONCE else OPENING)
    together = [pair for pair in unopened if pair[0].ahead is not None and pair[0].engine is first_job.engine]
    return Round(together[:OPENINGS], OPENING)


def _full(jobs: Sequence[Job], started: int) -> Round | None:
    """A round to the ends of segments, of several emissions where that can be."""
    for job in jobs:
        open_segments = job.open_segments()
        if not open_segments:
            continue
        if job.ahead is not None and not open_segments[0].parted:
            return Round(_side_by_side([other for other in jobs if other.ahead is not None and other.engine is job.engine]))
        if job.ahead is not None or job.started or started < AT_ONCE:
            return Round([(job, open_segments[0])])
    return None


def _side_by_side(jobs: Iterable[Job]) -> list[tuple[Job, Segment]]:
    """One segment of each job, then the next one of each, until the round is full: those whose prompts are as long as the first one's,
    because an engine decodes only prompts of one length side by side."""
    waiting = [(job, [segment for segment in job.open_segments() if not segment.parted]) for job in jobs]
    deepest = max(len(segments) for _, segments in waiting)
    in_order = [(job, segments[depth]) for depth in range(deepest) for job, segments in waiting if depth < len(segments)]
    length = len(in_order[0][1].prompt)
    return [(job, segment) for job, segment in in_order if len(segment.prompt) == length][:BATCH]
