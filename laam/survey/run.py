"""Run a survey: ask for what isn't there yet, and write down each answer as it comes."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from laam.corpus.lines import source_bytes
from laam.endpoint.server import KEY
from laam.files import check_folder, locked, write_whole
from laam.model.obtain import obtain_model
from laam.rows import Rows
from laam.settings import Settings
from laam.survey.asked import ANSWERS, JOURNALS, ROWS, asked_of, write_asked
from laam.survey.cells import Cell, NotAsked, cells_of
from laam.survey.local import LocalModel
from laam.survey.plan import ModelChoice, Plan
from laam.survey.remote import Budget, RemoteModel
from laam.survey.rows import FORMAT, answer_text, by_key, is_final, row_of
from laam.survey.texts import read_corpus

FAULTS = 3  # in a row, after which a server isn't asked any more
LOCK = ".lock"


@dataclass(frozen=True)
class Ran:
    """How far a run got. `cells`: all that is asked for; `left`: how many of them have to be asked for again; `given_up`: the servers that
    failed again and again; `spent`: whether the budget of requests was."""

    cells: int
    left: int
    given_up: Sequence[str]
    spent: bool


def run_survey(plan: Plan, out: Path, settings: Settings, environment: Mapping[str, str], most_requests: int | None = None) -> Ran:
    """Ask for everything in a plan that has no row yet; each answer is kept before the next is asked for, so that a run which was stopped
    goes on. Raises ValueError for what can't be used, and OSError."""
    check_folder(out, "--out")
    out.mkdir(parents=True, exist_ok=True)
    with locked(out / LOCK, f"--out {out}: another run is writing there; wait for that, or give another folder"):
        return _Run(plan, out, settings, environment, Budget(most_requests)).go()


class _Run:
    def __init__(self, plan: Plan, out: Path, settings: Settings, environment: Mapping[str, str], budget: Budget) -> None:
        self.plan, self.out, self.settings, self.budget = plan, out, settings, budget
        self.corpus = read_corpus(plan.files, settings)
        self.models = [self._open(choice, environment) for choice in plan.models]
        self.file = Rows(out / ROWS, FORMAT, "--out")
        self.rows = by_key(self.file.read())

    def _open(self, choice: ModelChoice, environment: Mapping[str, str]) -> LocalModel | RemoteModel:
        if choice.endpoint:
            key = environment.get(choice.key, "")
            if not key and choice.key != KEY:
                raise ValueError(f"models, {choice.label}: its key is to be in the variable {choice.key}, which isn't set; set it")
            return RemoteModel(choice, key, self.out / JOURNALS, self.budget, lambda told: tqdm.write(told, file=sys.stderr))
        folder = self.plan.folder / Path(choice.name).expanduser()
        name = str(folder) if os.sep in choice.name and folder.is_dir() else choice.name
        return LocalModel(replace(obtain_model(name, self.settings), wanted_precision=choice.precision))

    def go(self) -> Ran:
        cells, not_asked = list[Cell](), list[NotAsked]()
        for number, model in enumerate(self.models):
            for each in cells_of(self.plan, self.corpus, number, model):
                if isinstance(each, Cell):
                    cells.append(each)
                else:
                    not_asked.append(each)
        write_asked(asked_of(self.plan, self.corpus, cells, not_asked, self.out), self.out)
        given_up = []
        total = sum(cell.characters for cell in cells if not is_final(self.rows.get(cell.key)))
        with tqdm(total=total, unit="B", unit_scale=True, desc=self.plan.title, file=sys.stderr) as bar:
            for number, choice in enumerate(self.plan.models):
                model = self.models[number]
                if not self._ask(model, choice, [cell for cell in cells if cell.model == number], bar):
                    given_up.append(choice.label)
                model.release()
        return Ran(len(cells), self._left(cells), given_up, self.budget.is_spent)

    def _left(self, cells: Sequence[Cell]) -> int:
        return sum(not is_final(self.rows.get(cell.key)) for cell in cells)

    def _ask(self, model: LocalModel | RemoteModel, choice: ModelChoice, cells: Sequence[Cell], bar: tqdm) -> bool:
        """Ask one model. Returns False if its server failed again and again, and is asked no more."""
        faults = 0
        for number, column in enumerate(self.plan.columns):
            for group in model.groups(column, [cell for cell in cells if cell.column == number]):
                missing = {cell.key for cell in group if not is_final(self.rows.get(cell.key))}
                for cell, reply in model.answers(column, group) if missing else ():
                    faults = faults + 1 if reply.outcome == "error" else 0
                    if cell.key in missing:
                        self._keep(row_of(cell, reply, column, choice, model, self.corpus.line_files), answer_text(reply))
                        missing.discard(cell.key)
                        bar.update(cell.characters)
                if faults >= FAULTS and choice.endpoint:
                    return False
        return True

    def _keep(self, row: dict[str, Any], text: str) -> None:
        """Write down an answer, and then its row, which names it."""
        file = self.out / ANSWERS / f"{row['answer_sha256']}.txt"
        if not file.is_file():
            write_whole(file, source_bytes(text))
        self.file.add(row)
        self.rows[row["key"]] = row
