"""One emission, recorded: the updates that the page would get. The player shows them at its own speed."""

import gzip
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from laam.compare.live import Comparison
from laam.emission.ask import Ask
from laam.emission.headline import Headline
from laam.emission.question import question_of
from laam.files import write_whole
from laam.knobs import MAX_TOKENS
from laam.model.model import Model
from laam.serving.services import Services
from laam.serving.summary import summary_of
from laam.serving.updates import Update, stream_updates

SPARE_TOKENS = 256  # beside one for each byte: those that close a segment
CARD = ("headline", "lines", "facts", "given", "marks", "in_short", "instead")


@dataclass(frozen=True)
class Replay:
    """The twin's data about a file: `updates` as the page gets them, without what is empty; and the text.

    `exact_characters` of `characters` were reproduced; `identical`: whether the sha256 is the original's. `card`: the fields of Summary
    that tell of the emission, by name.
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
    card: dict[str, Any]
    text: str
    updates: Sequence[dict[str, Any]]


def token_limit(size: int) -> int:
    """The most tokens that the recording of a file of `size` bytes may have: more than an exact one takes."""
    return min(MAX_TOKENS.high, size + SPARE_TOKENS)


def record_file(path: str, model: Model, services: Services, date: str) -> Replay:
    """Run the greedy emission of a file. `date`: today, as people write it."""
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
        card={name: getattr(summary, name) for name in CARD},
        text=comparison.text,
        updates=[_for_the_site(update, said) for update in (opening, final)],
    )


def _for_the_site(update: Update, said: dict[str, str]) -> dict[str, Any]:
    """An update without what is empty, which is the page's default, and without what only a server has."""
    kept = replace(update, fields={**update.fields, **said, "against": ""}, download="").as_dict()
    return {name: value for name, value in kept.items() if value not in ("", (), [])}


def write_replay(replay: Replay, file: Path) -> None:
    """Write it as compressed JSON, the same bytes for the same replay."""
    data = json.dumps(asdict(replay), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    write_whole(file, gzip.compress(data, 9, mtime=0))


def read_replay(file: Path) -> Replay | None:
    """The Replay that `write_replay` wrote; None if there is none, or it can't be read."""
    if not file.is_file():
        return None
    try:
        replay = Replay(**json.loads(gzip.decompress(file.read_bytes()).decode("utf-8", "surrogatepass")))
        return replace(replay, card={**replay.card, "headline": Headline(**replay.card["headline"])})
    except (OSError, EOFError, ValueError, TypeError, KeyError):
        return None
