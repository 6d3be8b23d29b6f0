"""What the literature's measures say of one file: the model continues true tokens from places spread over it."""

from laam.compare.longest import longest_common
from laam.corpus.lines import source_sha256
from laam.corpus.original import text_of
from laam.emission.emit import Prompted
from laam.emission.question import Question
from laam.measure.extraction import measure_places, tally_of
from laam.measure.literature import COMPRESSION, LONGEST_COMMON, Row, compression_ratio, tally_rows
from laam.measure.places import CONTEXTS, SUFFIX, even_places
from laam.measure.pz import Along, along_row, measure_along, stride_of, windows_of
from laam.measure.pz_file import rounded
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.recording import Recording
from laam.serving.services import Services

PLACES = 16  # 32 take two seconds of a core and more
WINDOWS = 100  # of p_z; of 6 ms of a core in int8, 13 to 17 in float32


def file_measures(question: Question, model: Model, services: Services, known: Along | None = None) -> list[Row]:
    """The measures of the file that is asked for, with `model` in the precision in which it serves. `known`: p_z as it was measured before.

    Raises ValueError if the file's true tokens aren't here, or if it is too short.
    """
    recording = services.recordings.record(question, model, Rank.PREVIEW)
    text = _true_text(question, recording)
    stream = model.codec.encode(text)
    contexts = [context for context in CONTEXTS if context + SUFFIX <= min(len(stream), model.window)]
    if not contexts:
        raise ValueError(f"The file has {len(stream):,} tokens; these measures take {min(CONTEXTS) + SUFFIX:,} at least.")
    places = [(0, at) for at in even_places(len(stream), PLACES, max(contexts))]
    measured = tally_of(list(measure_places(model, [stream], places, contexts)))
    along = known or rounded(windows_of(model, text, stream, stride_of(len(stream), WINDOWS)))
    rows = [*tally_rows(measured, random=False), along_row(along)]
    if recording:
        longest = longest_common(model.codec.encode(recording.text), stream).length
        rows.append(Row(f"{longest:,} of the file’s {len(stream):,} tokens", LONGEST_COMMON))
    if recording and _is_identical(recording, question):
        segments = sum(isinstance(event, Prompted) for event in recording.events)
        ratio = compression_ratio(model, question.ask.path, recording.tokens, segments)
        rows.append(Row(f"at least {ratio:.1f}", COMPRESSION))
    return rows


def file_along(question: Question, model: Model, services: Services) -> Along:
    """p_z along the file that is asked for, with `model` in the precision in which it serves.

    Raises ValueError if the file's true tokens aren't here, or if it is too short.
    """
    recording = services.recordings.record(question, model, Rank.PREVIEW)
    return rounded(measure_along(model, _true_text(question, recording), WINDOWS))


def _true_text(question: Question, recording: Recording | None) -> str:
    """The original's text, or the model's own if that is identical. Raises ValueError if neither is here."""
    original = question.original
    if original is None or question.kind != "path":
        raise ValueError("These measures are given for a whole file that was asked for by its path.")
    if original.has_text:
        return text_of(original)
    if recording and _is_identical(recording, question):
        return recording.text
    raise ValueError(
        "These measures give the model true tokens of the file. Its original is sealed, and what the model wrote is not identical to it."
    )


def _is_identical(recording: Recording, question: Question) -> bool:
    return question.original is not None and source_sha256(recording.text) == question.original.file.sha256
