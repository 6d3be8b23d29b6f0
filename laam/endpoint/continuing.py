"""A model goes on after the head of a file, in one answer or step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from laam.endpoint.answers import Answer, answer_of
from laam.endpoint.connection import Connection, Heard

BASE_STEP = 256  # tokens of a step of a base model
LEAST_STEP = 1_024  # tokens that a chat model has for one answer
CHARACTERS = 2  # of a source file in a token; they are more, so that an answer has room for thoughts


@dataclass(frozen=True)
class Task:
    """The head of a file that is `given`, and the `rest`, which the server never gets. `step`: tokens of a step; 0: as many as the rest may
    take if a chat model is asked, and BASE_STEP of a base model. `steps`: at most."""

    given: str
    rest: str
    step: int
    steps: int

    @property
    def original(self) -> str:
        return self.given + self.rest

    def tokens(self, written: int, *, chat: bool) -> int:
        """How many the next step may take. `written`: characters so far."""
        whole = max(LEAST_STEP, (len(self.rest) - written) // CHARACTERS) if chat else BASE_STEP
        return self.step or whole


def text_of(answers: Sequence[Answer]) -> str:
    """All that was written."""
    return "".join(answer.text for answer in answers)


def unstripped(answers: Sequence[Answer], rest: str) -> str:
    """The same with the white space that is missing where answers begin."""
    text = ""
    for answer in answers:
        text += rest[len(text) : len(text) + answer.stripped] + answer.text
    return text


def usable(answers: Sequence[Answer], steps: int) -> list[Answer]:
    """The answers of a run that stopped, from which it can go on, `steps` at most: without errors. One that broke off counts as cut there;
    if no step may follow it, it is left out, and asked for anew."""
    kept = [answer for answer in answers if answer.outcome != "error" and (answer.outcome != "truncated" or answer.text)][:steps]
    if len(kept) == steps and kept[-1].outcome == "truncated":
        kept.pop()
    return [replace(answer, outcome="continued", ended=False) if answer.outcome == "truncated" else answer for answer in kept]


def is_over(task: Task, answers: Sequence[Answer]) -> bool:
    """Whether there is no next step: the model ended or wrote nothing, a step did not continue, or enough was written or asked."""
    if not answers:
        return False
    last = answers[-1]
    return last.outcome != "continued" or last.ended or len(text_of(answers)) >= len(task.rest) or len(answers) >= task.steps


def is_measured(answers: Sequence[Answer]) -> bool:
    """Whether the text can be scored: each step continued, or the last one is empty after some text."""
    *before, last = answers
    return all(answer.outcome == "continued" for answer in before) and (
        last.outcome == "continued" or (last.outcome == "empty" and bool(before))
    )


def continue_text(connection: Connection, task: Task, before: Sequence[Answer] = (), heard: Heard = lambda _: None) -> Iterator[Answer]:
    """The answers that follow those of `before`, until it is over. Each step gets what was given and all that the model has written, and
    never more."""
    answers, chat = list(before), connection.server.chat
    while not is_over(task, answers):
        text, whole = text_of(answers), unstripped(answers, task.rest)
        received = connection.ask(task.given + text, task.tokens(len(text), chat=chat), heard)
        expected = task.rest[len(whole) :] if task.rest.startswith(whole) else ""
        left_out = connection.parameters.left_out
        answers.append(answer_of(received, chat=chat, original=task.original, expected=expected, left_out=left_out))
        yield answers[-1]
