"""A model behind a server answers, one request at a time. Each answer goes into a journal before anything else is done with it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laam.endpoint.answers import Answer
from laam.endpoint.connection import Connection
from laam.endpoint.continuing import Task, continue_text, is_measured, is_over, text_of, usable
from laam.endpoint.journal import open_journal
from laam.endpoint.parameters import INSTRUCTION, Parameters
from laam.endpoint.received import INTERRUPTED
from laam.endpoint.result import Result
from laam.endpoint.server import Server
from laam.survey.cells import Cell
from laam.survey.plan import Column, ModelChoice
from laam.survey.reply import Reply


@dataclass
class Budget:
    """How many requests may still be made; None for any number."""

    left: int | None = None

    @property
    def is_spent(self) -> bool:
        return self.left == 0

    def spend(self) -> None:
        """Count a request that was answered."""
        if self.left is not None:
            self.left -= 1


class RemoteModel:
    """See `laam.survey.cells.Answerer`. `journals`: a folder; `tell`: is given a sentence when the server has to be asked again."""

    codec = None

    def __init__(self, choice: ModelChoice, key: str, journals: Path, budget: Budget, tell: Callable[[str], object]) -> None:
        self.server = Server(choice.endpoint, choice.name, key, chat=not choice.completions)
        self._choice, self._journals, self._budget, self._tell = choice, journals, budget, tell
        self._left_out: Sequence[str] = ()

    @property
    def identity(self) -> dict[str, Any]:
        instruction = INSTRUCTION if self.server.chat else None
        choice = self._choice
        return {
            "endpoint": choice.endpoint,
            "model": choice.name,
            "completions": choice.completions,
            "step": choice.step,
            "steps": choice.steps,
            "instruction": instruction,
        }

    def check(self, column: Column) -> None:
        if column.context.given == "path":
            raise ValueError("a server is given the beginning of a text, or text before a place, and isn’t asked by path")
        if column.context.unit == "tokens":
            raise ValueError("a server’s tokens aren’t known; give characters or lines")
        if column.draws.top_k:
            raise ValueError("a server isn’t sent a top-k")

    def path_prompt(self, path: str) -> str:
        raise ValueError(path)  # `check` has refused it before

    def facts(self) -> dict[str, Any]:
        """What a row says of the model beside its identity."""
        return {"host": self.server.host}

    def release(self) -> None:
        """It holds no memory."""

    def groups(self, column: Column, cells: Sequence[Cell]) -> list[Sequence[Cell]]:
        """Each alone."""
        return [[cell] for cell in cells]

    def answers(self, column: Column, cells: Sequence[Cell]) -> Iterator[tuple[Cell, Reply]]:
        """The answer of each cell; none if the budget is spent before it is whole. Raises KeyboardInterrupt."""
        for cell in cells:
            began = time.monotonic()
            task = Task(cell.prompt, cell.expected or "", self._choice.step, self._choice.steps)
            answers = self._ask(column, cell, task)
            if is_over(task, answers):
                yield cell, self._reply(cell, task, answers).taking(time.monotonic() - began)

    def _ask(self, column: Column, cell: Cell, task: Task) -> list[Answer]:
        settings = {"key": cell.key, **self.identity, "seed": cell.seed, "temperature": column.draws.temperature}
        with open_journal(self._journals / f"{cell.key}.jsonl", settings) as journal:
            answers = usable(journal.answers, task.steps)
            parameters = Parameters(self.server, column.draws.temperature, cell.seed, self._left_out)
            with Connection(self.server, parameters, timeout_s=self._choice.timeout, tell=self._tell) as connection:
                coming = continue_text(connection, task, answers)
                while not self._budget.is_spent and (answer := next(coming, None)):
                    journal.add(answer)
                    answers.append(answer)
                    self._budget.spend()
                    self._left_out = answer.left_out
                    if answer.fault == INTERRUPTED:
                        raise KeyboardInterrupt
        return answers

    def _reply(self, cell: Cell, task: Task, answers: Sequence[Answer]) -> Reply:
        last = answers[-1]
        result = Result(self.server, task, cell.file.path, answers, {})
        more = {
            "answered_by": sorted({answer.model for answer in answers if answer.model}),
            "requests": len(answers),
            "finish_reason": last.finish_reason or None,
            "usage": last.usage,
            "remarks": list(result.remarks),
        }
        if not is_measured(answers):
            return Reply(last.outcome, "", last.ended, came=text_of(answers[:-1]) + last.received, fault=result.reason, more=more)
        return Reply("continued", text_of(answers)[: len(task.rest)], last.ended, more=more)
