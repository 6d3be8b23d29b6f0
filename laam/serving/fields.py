"""What the page says about an emission while it runs and when it has ended: plain texts, by the names of the page's fields."""

import time
from collections.abc import Sequence

from laam.compare.credit import LiveCredit
from laam.compare.live import LiveComparison
from laam.corpus.lookup import Location
from laam.emission import conditions, naming, wording
from laam.emission.headline import asked_of, measure
from laam.emission.transcript import Finished, Transcript
from laam.model.engine import Waiting
from laam.model.lossy import AS_SHIPPED, Lossy
from laam.model.model import Model
from laam.words import say

Fields = dict[str, str]


def title(transcript: Transcript) -> str:
    """The file that is written, or what there is instead of one."""
    if transcript.file:
        return transcript.file.path
    if transcript.question.kind == "path":
        return transcript.question.ask.path
    return "source that points to no single file" if transcript.question.source else "no prompt"


def heading(transcript: Transcript, model: Model, location: Location | None) -> Fields:
    """The texts above the number and over the original's pane. `location`: where the given source is from."""
    file, original, release, lossy = transcript.file, transcript.original, transcript.release, transcript.question.ask.lossy
    of = measure("text" if original is None else asked_of(transcript.question.kind))
    fields = {"file": title(transcript), "measure": of, "score": "" if transcript.whole_file else "aside", **written_by(model, lossy)}
    if file is None or original is None:
        fields["origin"] = f"each line that is written is looked up among all lines of {release.title}"
        fields["right_title"] = f"Where the line stands in {release.title}"
        return fields
    fields["right_title"] = " · ".join(filter(None, (release.heading, wording.notice_of(file, release))))
    fields["sealed"] = "" if original.has_text else "sealed"
    fields["licence"] = wording.licence(file.licence)
    fields["question"] = naming.question_about(fields["model_licence"], file.licence)
    fields["question_left"] = naming.question_left(file.licence)
    fields["origin"] = wording.origin(file, release) + wording.training(file, model, release)
    fields["unsettled"] = wording.unsettled(file)
    fields["notices"] = wording.notices(file)
    fields["more_notices"] = f"and {wording.count(len(file.more_notices), 'more notice')}" if file.more_notices else ""
    if location:
        fields["origin"] += wording.found_at(location)
    return fields


def written_by(model: Model, lossy: Lossy = AS_SHIPPED) -> Fields:
    """Which model answers, what its weights lost, and under which licence they are."""
    return {
        "model": naming.model_in_full(model.name, model.parameters, lossy),
        "lossy": conditions.lossy(lossy),
        "model_licence": naming.licence_of_weights(model),
        "model_name": model.name,
    }


def mode(recorded: float | None) -> Fields:
    """Whether the model is at work now, or an earlier run is shown; `recorded`: when that was, in seconds since 1970, 0 if nobody
    knows."""
    if recorded is None:
        return {"mode": "Live", "mode_note": "the model is running now"}
    if not recorded:
        return {"mode": "Replay", "mode_note": "of an earlier run"}
    return {"mode": "Replay", "mode_note": f"of the run of {time.strftime('%-d %B %Y, %H:%M', time.gmtime(recorded))} UTC"}


def score_so_far(live: LiveComparison | LiveCredit, characters: int) -> Fields:
    """The score so far; `characters`: how many were written."""
    if isinstance(live, LiveCredit):
        return {"lines": wording.found_lines(live.found_lines, live.lines), "reproduced": "…", "characters": characters_out(characters)}
    score, lengths = live.running, live.original.lengths
    return running_score(score.exact_characters, score.exact_lines, score.longest_run, lengths, characters)


def running_score(exact_characters: int, exact_lines: int, longest_run: int, lengths: Sequence[int], characters: int) -> Fields:
    """The score so far, from counts. `lengths`: of the original's lines; `characters`: how many were written."""
    return {
        "reproduced": wording.percent(exact_characters / max(1, sum(lengths))),
        "lines": wording.lines(exact_lines, len(lengths)),
        "longest_run": wording.longest_run(longest_run),
        "characters": characters_out(characters),
        "verbatim": wording.verbatim(exact_characters / max(1, characters)),
    }


def characters_out(characters: int) -> str:
    return f"{characters:,} characters out"


def ended(result: Finished, transcript: Transcript, model: Model) -> Fields:
    """Score, ending and receipts of a finished emission."""
    score, receipts, headline = wording.fields_of(result.compared.score, whole_file=result.whole_file), result.receipts, result.headline
    ending = conditions.ending(result.ended, model.window)
    counts = ", ".join(score[name] for name in ("lines", "sha256") if name in score)
    difference = f" {score['difference']}" if "difference" in score else ""
    digest = f"{receipts.ask.model} {receipts.model_sha256[:12]}…"
    return {
        **score,
        "reproduced": headline.percent,
        "measure": headline.measure,
        "second": headline.second,
        "in_short": result.in_short,
        "score": headline.kind,
        "instead": result.instead,
        "against": result.against,
        "ending": ending,
        "prompt": receipts.prompt,
        "given": result.given,
        "settings": conditions.settings(transcript.question.ask),
        "model_digest": say("digest_as_shipped", digest=digest) if receipts.ask.lossy else digest,
        "original_sha256": receipts.file.sha256 if receipts.file else "–",
        "emitted_sha256": result.compared.score.emitted_sha256,
        "replay": receipts.command,
        "address": result.query,
        "announcement": f"{ending} {headline.in_full}, {counts}.{difference} {result.instead}".rstrip(),
    }


def speed(tokens: int, seconds: float, *, recorded: bool) -> str:
    """Tokens a second; `recorded`: of the run that is replayed."""
    return f"{tokens / max(1e-9, seconds):,.0f} tokens/s" + (" in an earlier run, shown again" if recorded else "")


def waiting(news: Waiting) -> str:
    """The text in place of the speed while the model writes for others, or isn't there yet."""
    before = news.before
    if news.copying:
        return "a lossy copy of the model is being made"
    if not before:
        return "it is your turn next"
    return f"the model writes for others just now; {before:,} {'goes' if before == 1 else 'go'} before you"
