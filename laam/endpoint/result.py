"""The result of a run: whether it was measured, in words and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from laam.compare.score import Score
from laam.corpus.lines import source_sha256
from laam.emission import wording
from laam.emission.headline import Headline
from laam.endpoint.answers import Answer, Outcome
from laam.endpoint.continuing import Task, is_measured, text_of, unstripped
from laam.endpoint.parameters import INSTRUCTION, told
from laam.endpoint.server import KEY, Server
from laam.faults import shortened
from laam.formats import stamped
from laam.http_faults import TIMED_OUT

FORMAT, ROW_FORMAT = "laam-ask-1", "laam-ask-row-1"
QUOTED = 120  # characters of a refusal

_WHAT: dict[Outcome, str] = {
    "refused": "the model refused",
    "filtered": "a filter of the server's stopped the answer",
    "reasoning only": "all that came was reasoning, and no text",
    "tool call": "the model called a tool instead of writing",
    "truncated": "the answer broke off before the server said that it ended",
    "empty": "the answer was empty",
    "error": "",
}
_WHAT_TO_DO: dict[Outcome, str] = {
    "refused": "that says nothing of what the model knows: try another --context, or --completions if it is a base model",
    "filtered": "that says nothing of what the model knows: ask it at a server without such a filter",
    "reasoning only": "give it more tokens (--step), or turn its reasoning off at the server",
    "tool call": "ask it at a server that gives it no tools",
    "truncated": "give the same command again: it goes on from there",
    "empty": "try another --context, or --completions if it is a base model",
    "error": f"mend that (--endpoint, --model, {KEY}, or the server), and give the same command again: it goes on from there",
}

_SLOW = "give the same command again with a longer --timeout: it goes on from there"


@dataclass(frozen=True)
class Result:
    """A run, whether it was measured or not. `original`: the file's name. `settings`: how it was asked. `scored`: score and headline, if it
    was measured."""

    server: Server
    task: Task
    original: str
    answers: Sequence[Answer]
    settings: dict[str, Any]
    scored: tuple[Score, Headline] | None = None

    @property
    def text(self) -> str:
        return text_of(self.answers)

    @property
    def measured(self) -> bool:
        return is_measured(self.answers)

    @property
    def not_measured(self) -> str:
        """Why there is no number, and what to do, in one sentence; empty if there is one."""
        if self.measured:
            return ""
        last = self.answers[-1]
        keep = f"; or measure what came before, with --steps {len(self.answers) - 1}" if len(self.answers) > 1 else ""
        return f"not measured: {self.reason}; {_SLOW if last.fault == TIMED_OUT else _WHAT_TO_DO[last.outcome]}{keep}"

    @property
    def reason(self) -> str:
        """Why there is no number, without what to do."""
        last = self.answers[-1]
        fault = f"{self.server.host} {last.fault}" if last.fault else ""
        said = f"“{self.server.quoted(shortened(last.received, QUOTED))}”" if last.outcome == "refused" else ""
        reason = f"finish_reason {last.finish_reason}" if last.outcome in ("filtered", "tool call") and last.finish_reason else ""
        thoughts = f"{wording.count(len(last.reasoning), 'character')} of it" if last.outcome == "reasoning only" and last.reasoning else ""
        what, more = _WHAT[last.outcome], ", ".join(filter(None, (fault, said, reason, thoughts)))
        told = f"{what} ({more})" if what and more else what or more
        return f"in step {len(self.answers):,}, after {wording.count(len(self.text), 'character')}, {told}"

    @property
    def remarks(self) -> Iterator[str]:
        """What has to be known of the answers, in sentences."""
        if apart := [f"{wording.count(count, 'character')} of {name}" for name, count in self._set_apart().items() if count]:
            yield f"Left out: {', '.join(apart)}."
        if refused := told(self._left_out, chat=self.server.chat):
            yield refused
        if broke_off := [answer for answer in self.answers if answer.outcome == "continued" and answer.fault]:
            yield f"It went on after {wording.count(len(broke_off), 'answer')} that broke off."
        if self.measured and not self.answers[-1].ended and len(self.text) < len(self.task.rest):
            yield "The model was cut off by --step and --steps, and the number is of all that follows."
        begins, end = [answer.stripped for answer in self.answers if answer.stripped], self._stripped_end
        if begins or end:
            where = f"at the beginning of {len(begins):,} of {wording.count(len(self.answers), 'answer')}" if begins else ""
            places = " and ".join(filter(None, (where, "at the end" * bool(end))))
            missing = wording.count(sum(begins) + end, "character")
            yield f"White space is missing {places} ({missing}): many servers strip it. The number is strict all the same."

    def _set_apart(self) -> dict[str, int]:
        answers = self.answers
        return {
            "reasoning": sum(len(answer.reasoning) for answer in answers),
            "words before the code": sum(answer.before for answer in answers),
            "code fence": sum(answer.fence for answer in answers),
            "words after the code": sum(answer.after for answer in answers),
        }

    @property
    def _left_out(self) -> Sequence[str]:
        return self.answers[-1].left_out if self.answers else ()

    @property
    def _stripped_end(self) -> int:
        """Characters of white space that are missing at the end, if that is all that is missing."""
        whole, rest = unstripped(self.answers, self.task.rest), self.task.rest
        missing = rest[len(whole) :]
        return len(missing) if whole and rest.startswith(whole) and not missing.strip() else 0

    def as_dict(self) -> dict[str, Any]:
        """The result, ready for JSON; its fields are described in the room's README."""
        return stamped(FORMAT, {**self.row(), "text": self.text})

    def row(self) -> dict[str, Any]:
        """The same without the text, for a row of a table."""
        rest_sha256, answer_sha256 = source_sha256(self.task.rest), source_sha256(self.text)
        score, headline = self.scored or (None, None)
        about_the_whole_file = ("sha256_identical", "original_sha256")  # while the score is of the rest
        return {
            "date": self.answers[-1].date,
            "endpoint": self.server.endpoint,
            "model": self.server.model,
            "answered_by": sorted({answer.model for answer in self.answers if answer.model}),
            "original": self.original,
            "original_sha256": source_sha256(self.task.original),
            "settings": self.settings,
            "instruction": INSTRUCTION if self.server.chat else None,
            "prompt_sha256": source_sha256(self.task.given),
            "prompt_characters": len(self.task.given),
            "measured": self.measured,
            "not_measured": self.not_measured or None,
            "outcome": self.answers[-1].outcome if not self.measured else "continued",
            "steps": [answer.facts() for answer in self.answers],
            "left_out": {**self._set_apart(), "parameters": list(self._left_out)},
            "stripped": {"beginnings": sum(answer.stripped for answer in self.answers), "end": self._stripped_end},
            "answer_sha256": answer_sha256,
            "rest_sha256": rest_sha256,
            "sha256_identical": answer_sha256 == rest_sha256 if self.measured else None,
            "headline": headline.as_dict() if headline else None,
            "score": {name: value for name, value in score.as_dict().items() if name not in about_the_whole_file} if score else None,
        }
