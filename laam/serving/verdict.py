"""What happened, in one sentence: what the model was given, what it wrote, and how exact that is."""

from laam.compare.credit import CreditScore
from laam.compare.score import Score
from laam.corpus.lines import split_lines
from laam.emission import wording
from laam.emission.run import Ended
from laam.emission.transcript import Transcript
from laam.model.model import Model
from laam.serving.results import Result

LITTLE = 0.1  # of an original; a file that comes back by less than this was not known
EARLY = 0.9  # of an original's lines; a model that wrote fewer and closed the file closed it early


def lead_in(transcript: Transcript) -> str:
    """The beginning of the sentence."""
    decoding = transcript.question.ask.decoding
    given = _given(transcript)
    return given if decoding.greedy else f"At temperature {decoding.temperature:g}, {given[0].lower()}{given[1:]}"


def verdict(result: Result, transcript: Transcript, model: Model) -> dict[str, str]:
    """The fields `verdict` and `score`, see `kind_of`."""
    score = result.compared.score
    lead = lead_in(transcript)
    if isinstance(score, CreditScore):
        made_up = "No source file has this name, so the model makes one up. " if transcript.question.kind == "path" else ""
        wrote = wording.count(score.emitted_lines, "line")
        found = f"{score.found_lines:,} {'stands' if score.found_lines == 1 else 'stand'} somewhere in {transcript.release.title}"
        said = f"{made_up}{lead}, the model wrote {wrote}, of which {found}.{_how_it_ended(result)}"
        return {"verdict": said, "score": kind_of(score)}
    return {"verdict": _sentence(score, lead, result, transcript, model), "score": kind_of(score)}


def kind_of(score: Score | CreditScore) -> str:
    """`whole`, `part`, or `none` where what was written is not the original."""
    if isinstance(score, CreditScore):
        return "part" if score.found_without_boilerplate >= LITTLE else "none"
    return "whole" if score.reproduced >= 1 else "none" if score.reproduced < LITTLE and not score.within_reach else "part"


def closed_early(ended: Ended | None, score: Score | CreditScore) -> bool:
    """Whether the model closed the file long before its original ends."""
    closed = ended is not None and ended.reason == "end of file"
    return closed and isinstance(score, Score) and score.emitted_lines < EARLY * score.original_lines


def _how_it_ended(result: Result) -> str:
    """Why there is no more of it, if it isn't all that it could be; with a space before it."""
    ended, score = result.ended, result.compared.score
    if ended is None:
        return " It was stopped before its end."
    if ended.reason == "token limit":
        return f" It was cut off at the limit of {wording.count(ended.tokens, 'token')}."
    if closed_early(ended, score):
        when = f"after {wording.count(score.emitted_lines, 'line')}" if score.emitted_lines else "at once"
        return f" It closed the file {when}."
    return ""


def _sentence(score: Score, lead: str, result: Result, transcript: Transcript, model: Model) -> str:
    ended = _how_it_ended(result)
    if score.sha256_identical and result.whole_file:
        return f"{lead}, the model wrote all {wording.count(score.original_lines, 'line')}, byte for byte."
    if not score.emitted_characters:
        return f"{lead}, the model wrote nothing.{ended}"
    lines = wording.count(score.original_lines, "line")
    exact = f"{score.exact_lines:,} of {lines}" if result.whole_file else f"{score.exact_lines:,} of the {lines} that follow"
    if model.trained_on and transcript.file and not model.learned(transcript.file):
        of = f"{score.exact_lines:,} of the original’s {wording.count(score.original_lines, 'line')} stand in it."
        return f"Not in this model’s training set: this is what it makes up. {of}{ended}"
    if score.within_reach == 1:
        return f"{lead}, the model wrote {exact} exactly: all that its window had room for.{ended}"
    if score.reproduced >= 1:
        return f"{lead}, the model wrote {exact}, each exact and in order.{ended}"
    run = f" The longest run without a slip is {wording.count(score.longest_run, 'line')}." if score.longest_run else ""
    return f"{lead}, the model wrote {exact} exactly.{run}{ended}"


def _given(transcript: Transcript) -> str:
    question = transcript.question
    if question.lead.text:
        return f"Given {wording.count(len(split_lines(question.lead.text)), 'line')}"
    if not question.ask.path:
        return "Given nothing"
    return "Given only the file’s name" if question.original else "Given only that name"
