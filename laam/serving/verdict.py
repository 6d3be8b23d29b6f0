"""What happened, in one sentence: what the model was given, what it wrote, and how exact that is."""

from laam.compare.credit import CreditScore
from laam.compare.score import Score
from laam.corpus.lines import split_lines
from laam.corpus.names import without_top
from laam.emission import conditions, wording
from laam.emission.emit import Ended
from laam.emission.pair import pair_of
from laam.emission.transcript import Finished, Transcript
from laam.model.model import Model
from laam.words import say

EARLY = 0.9  # of an original's lines; a model that wrote fewer and closed the file closed it early


def lead_in(transcript: Transcript, model: Model) -> str:
    """The beginning of the sentence."""
    decoding, lost = transcript.question.ask.decoding, conditions.lossy(transcript.question.ask.lossy)
    given = _given(transcript, transcript.numbers(model))
    lead = given if decoding.greedy else say("at_temperature", temperature=f"{decoding.temperature:g}", rest=given[1:])
    return say("lossy_lead", what=wording.capital(lost), rest=lead[0].lower() + lead[1:]) if lost else lead


def verdict(result: Finished, transcript: Transcript, model: Model) -> str:
    """The sentence."""
    score = result.compared.score
    lead = lead_in(transcript, model)
    if isinstance(score, CreditScore):
        made_up = _made_up(transcript, model) if transcript.question.kind == "path" else ""
        said = say(
            "found_one" if score.found_lines == 1 else "found_many",
            lead=lead,
            lines=wording.count(score.emitted_lines, "line"),
            found=f"{score.found_lines:,}",
            release=transcript.release.title,
            ended=_how_it_ended(result),
        )
        return f"{made_up}{said}"
    return _sentence(score, lead, result, transcript, model)


def _made_up(transcript: Transcript, model: Model) -> str:
    unseen = pair_of(model, transcript.manifest).never_saw(transcript.question.ask.path)
    return f"{unseen or 'No file here has this name, so the model makes one up.'} "


def closed_early(ended: Ended | None, score: Score | CreditScore) -> bool:
    """Whether the model closed the file long before its original ends."""
    closed = ended is not None and ended.reason == "end of file"
    return closed and isinstance(score, Score) and score.emitted_lines < EARLY * score.original_lines


def _how_it_ended(result: Finished) -> str:
    """Why there is no more of it, if it isn't all that it could be; with a space before it."""
    ended, score = result.ended, result.compared.score
    if ended is None:
        return say("was_stopped")
    if ended.reason == "token limit":
        return say("was_cut", tokens=wording.count(ended.tokens, "token"))
    if result.receipts.prompt_kind == "pieces":
        return conditions.closed_pieces(result.closed_pieces)
    if closed_early(ended, score):
        return say("closed_after", lines=wording.count(score.emitted_lines, "line")) if score.emitted_lines else say("closed_at_once")
    return ""


def _sentence(score: Score, lead: str, result: Finished, transcript: Transcript, model: Model) -> str:
    lines = wording.count(score.original_lines, "line")
    exact = wording.exact_of(score, result.receipts.prompt_kind)
    values = {"lead": lead, "lines": lines, "exact": exact, "ended": _how_it_ended(result)}
    if score.sha256_identical and result.whole_file:
        return say("all_lines", **values)
    if not score.emitted_characters:
        return say("nothing", **values)
    if model.trained_on and transcript.file and not (model.learned(transcript.file) or transcript.question.ask.against):
        lost = conditions.lossy_sentence(transcript.question.ask.lossy)
        return " ".join(filter(None, (lost, say("not_trained", **values | {"exact": f"{score.exact_lines:,}"}))))
    if score.within_reach == 1:
        return say("room", **values)
    if score.reproduced >= 1:
        return say("each_exact", **values)
    run = say("run_without_slip", lines=wording.count(score.longest_run, "line")) if score.longest_run else ""
    return say("exactly", **values, run=run)


def _given(transcript: Transcript, numbers: str) -> str:
    question = transcript.question
    if question.pieces:
        return f"Given the file’s name and {conditions.beginnings(len(question.pieces) - 1, question.ask.pieces)}"
    if question.source:
        return say("given_lines", lines=wording.count(len(split_lines(question.source)), "line"))
    if not question.ask.path:
        return "Given no name"
    if question.ask.against:
        paths = {name: without_top(path) for name, path in (("path", question.ask.path), ("against", question.ask.against))}
        return say("given_other_name", numbers=numbers, **paths)
    return f"{say('given_name') if question.original else 'Given that name'}{numbers}"
