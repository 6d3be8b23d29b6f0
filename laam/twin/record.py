"""One emission, recorded: the updates that the page would get, with the moments at which they are due."""

import gzip
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from laam.compare.live import Comparison
from laam.compare.render import Row, line_marks, render_rows, tick_marks
from laam.corpus.lines import split_lines
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.files import atomic_write
from laam.knobs import MAX_TOKENS
from laam.model.model import Model
from laam.serving.fields import running_score
from laam.serving.services import Services
from laam.serving.summary import summary_of
from laam.serving.updates import Update, stream_updates

STEPS = 40  # the most updates between the first and the last
TOKENS_A_SECOND = 2_400  # of a replay, about as fast as the model writes on a laptop
REPLAY_S = 12.0  # the longest replay
TOKENS_A_BYTE = 2 / 3  # more than any file of the shipped release takes: 0.6 at the most, with a vocabulary of 4,096
SPARE_TOKENS = 256


@dataclass(frozen=True)
class Replay:
    """The twin's data about a file: `updates` as the page gets them, each with `at`, in seconds; and the text.

    `exact_characters` of `characters` were reproduced; `identical`: whether the sha256 is the original's. The other fields are those
    of Summary.
    """

    path: str
    model: str
    model_sha256: str
    max_tokens: int
    recorded: str
    seconds: float
    tokens: int
    exact_characters: int
    characters: int
    identical: bool
    percent: str
    measure: str
    lines: str
    facts: Sequence[str]
    given: str
    marks: str
    text: str
    updates: Sequence[dict[str, Any]]


def token_limit(size: int) -> int:
    """The most tokens that the recording of a file of `size` bytes may have: more than an exact one takes."""
    return min(MAX_TOKENS.high, int(size * TOKENS_A_BYTE) + SPARE_TOKENS)


def record_file(path: str, model: Model, services: Services, date: str) -> Replay:
    """Run the greedy emission of a file and cut it into updates. `date`: today, as people write it."""
    file = services.catalog.find(path)
    ask = Ask(file.path, max_tokens=token_limit(file.size))
    question = question_of(ask, model, services.originals)
    recording = services.recordings.record(question, model)
    opening, final = stream_updates(question, model, services, threading.Event())
    result = services.results.find(final.run)
    assert result is not None and recording is not None
    comparison = result.compared
    assert isinstance(comparison, Comparison)
    summary = summary_of(ask, file, model, result, comparison.original.lengths)
    speed = f"recorded on {date}, at {recording.tokens / max(1e-9, recording.seconds):,.0f} tokens/s"
    said = {"speed": speed, "mode": "Replay", "mode_note": f"of the run of {date}"}
    return Replay(
        path=file.path,
        model=model.name,
        model_sha256=model.digest,
        max_tokens=ask.max_tokens,
        recorded=date,
        seconds=round(recording.seconds, 2),
        tokens=recording.tokens,
        exact_characters=comparison.score.exact_characters,
        characters=comparison.score.original_characters,
        identical=comparison.score.sha256_identical,
        percent=summary.percent,
        measure=summary.measure,
        lines=summary.lines,
        facts=summary.facts,
        given=summary.given,
        marks=summary.marks,
        text=comparison.text,
        updates=list(
            _with_moments(_cut(opening, final, comparison, result.rows, said), min(REPLAY_S, recording.tokens / TOKENS_A_SECOND)),
        ),
    )


def write_replay(replay: Replay, file: Path) -> None:
    """Write it as compressed JSON, the same bytes for the same replay."""
    file.parent.mkdir(parents=True, exist_ok=True)
    data = json.dumps(asdict(replay), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    with atomic_write(file) as temporary:
        temporary.write_bytes(gzip.compress(data, 9, mtime=0))


def read_replay(file: Path) -> Replay | None:
    """The Replay that `write_replay` wrote; None if there is none, or it can't be read."""
    if not file.is_file():
        return None
    try:
        replay = Replay(**json.loads(gzip.decompress(file.read_bytes()).decode("utf-8", "surrogatepass")))
        return replace(replay, facts=tuple(replay.facts))
    except (OSError, EOFError, ValueError, TypeError):
        return None


def _cut(opening: Update, final: Update, comparison: Comparison, rows: Sequence[Row], said: dict[str, str]) -> Iterator[Update]:
    """The opening, the finished rows in at most STEPS parts with the numbers so far, and the end."""
    original = comparison.original
    emitted = split_lines(comparison.text)
    exact_characters = exact_lines = characters = run = longest = 0
    yield replace(opening, sequence=1, fields={**opening.fields, **said})
    parts = max(1, min(STEPS, len(rows)))
    for number, (start, end) in enumerate(pairwise(len(rows) * part // parts for part in range(parts + 1)), start=2):
        for row in rows[start:end]:
            if row.left_number is not None:
                characters += len(emitted[row.left_number - 1])
            if row.kind != "…":  # a note is not a line
                run = run + 1 if row.kind == "=" else 0
            longest = max(longest, run)
            if row.kind == "=" and row.right_number is not None:
                exact_characters += original.lengths[row.right_number - 1]
                exact_lines += 1
        fields = running_score(exact_characters, exact_lines, longest, original.lengths, characters)
        reached = max((row.right_number or 0 for row in rows[:end]), default=0)
        ticks = tick_marks(line_marks([block for block in comparison.shown_blocks if block.original_start < reached], original))
        yield Update(opening.run, number, "running", opening.original_lines, fields, render_rows(rows[start:end]), ticks)
    yield Update(opening.run, parts + 2, final.state, opening.original_lines, {**final.fields, **said}, ticks=final.ticks)


def _with_moments(updates: Iterator[Update], seconds: float) -> Iterator[dict[str, Any]]:
    kept = [update.as_dict() for update in updates]
    for number, update in enumerate(kept):
        # Empty values are the page's defaults; the page's script asks for none of them.
        told = {name: value for name, value in update.items() if value not in ("", (), [])}
        yield {"at": round(seconds * number / max(1, len(kept) - 1), 2), **told}
