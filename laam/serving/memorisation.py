"""What the literature's measures say of one file: the model continues true tokens from places spread over it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256

from laam.corpus.lines import source_bytes
from laam.corpus.original import text_of
from laam.emission import wording
from laam.emission.question import Question
from laam.emission.run import Prompted
from laam.measure import literature
from laam.measure.extraction import CONTEXTS, SUFFIX
from laam.measure.literature import CONTINUED, DISCOVERABLE, EXTRACTABLE, Measure, Tally, even_places, tallies
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.recording import Recording
from laam.serving.services import Services

PLACES = 32


@dataclass(frozen=True)
class Row:
    """What a measure says of a file. `value`: in words; `measure`: what it is called, how it is defined, and where."""

    value: str
    measure: Measure

    def as_dict(self) -> dict[str, str]:
        return {"value": self.value, **asdict(self.measure)}


def file_measures(question: Question, model: Model, services: Services) -> list[Row]:
    """The measures of the file that is asked for, with `model` in the precision in which it serves.

    Raises ValueError if the file's true tokens aren't here, or if it is too short.
    """
    recording = _recorded(question, model, services)
    stream = model.codec.encode(_true_text(question, recording))
    contexts = [context for context in CONTEXTS if context + SUFFIX <= min(len(stream), model.window)]
    if not contexts:
        raise ValueError(f"The file has {len(stream):,} tokens; these measures take {min(CONTEXTS) + SUFFIX:,} at least.")
    places = [(0, at) for at in even_places(len(stream), PLACES, max(contexts))]
    first, *others = tallies(model, [stream], places, contexts)
    rows = list(tally_rows(sum(others, first)))
    if recording and _is_identical(recording, question):
        segments = sum(isinstance(event, Prompted) for event in recording.events)
        ratio = literature.compression_ratio(model, question.ask.path, recording.tokens, segments)
        rows.append(Row(f"at least {ratio:.1f}", literature.COMPRESSION))
    return rows


def tally_rows(tally: Tally) -> Iterator[Row]:
    """The measures of a tally, in words."""

    def of(count: int) -> str:
        return f"{wording.percent(count / tally.places)} ({count:,} of {tally.places:,} places)"

    yield Row(f"{wording.percent(tally.score)} on average; all {CONTINUED} right at {of(tally.all_right)}", literature.SCORE)
    yield Row("; ".join(f"k = {context}: {of(count)}" for context, count in tally.extracted.items()), EXTRACTABLE)
    yield Row("; ".join(f"n = {draws:,}: {of(count)}" for draws, count in tally.discoverable.items()), DISCOVERABLE)
    yield Row(of(tally.approximate), literature.APPROXIMATE)


def _recorded(question: Question, model: Model, services: Services) -> Recording | None:
    """The recording of the file's greedy emission, which runs now if there is none yet."""
    for _ in services.recordings.play(question, model, Rank.PREVIEW).events:
        pass
    return services.recordings.find(question, model)


def _true_text(question: Question, recording: Recording | None) -> str:
    """The original's text, or the model's own if that is identical. Raises ValueError if neither is here."""
    original = question.original
    if original is None or question.lead.text:
        raise ValueError("These measures are given for a whole file that was asked for by its path.")
    if original.has_text:
        return text_of(original)
    if recording and _is_identical(recording, question):
        return recording.text
    raise ValueError(
        "These measures give the model true tokens of the file. Its original is sealed, and what the model wrote is not identical to it."
    )


def _is_identical(recording: Recording, question: Question) -> bool:
    return question.original is not None and sha256(source_bytes(recording.text)).hexdigest() == question.original.file.sha256
