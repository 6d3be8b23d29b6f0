"""A plan, made out: each answer that is asked for, by a key that tells what it depends on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from laam.compare.given import GivenOriginal
from laam.corpus.lines import source_sha256
from laam.corpus.original import Original
from laam.model.codec import Codec
from laam.survey.places import Place, places_of
from laam.survey.plan import Column, Plan
from laam.survey.texts import Corpus, SurveyFile

KEY_DIGITS = 20  # hexadecimal; that two of a million keys are the same has a chance of less than one to 10¹²


@dataclass(frozen=True)
class Cell:
    """One answer that is asked for. `model`, `column`: numbers in the plan; `draw`: from 1; `seed`: None if nothing is drawn; `prompt`:
    what the model is given, as text."""

    model: int
    column: int
    file: SurveyFile
    place: Place
    draw: int
    seed: int | None
    prompt: str
    key: str

    @property
    def characters(self) -> int:
        """How many are asked for."""
        return self.place.end - self.place.given_end

    @property
    def expected(self) -> str | None:
        """What the answer is held against; None if that is sealed."""
        return None if self.file.text is None else self.file.text[self.place.given_end : self.place.end]

    @property
    def original(self) -> Original:
        """The same, as an original: the whole file, or a stretch of it."""
        expected = self.expected
        if expected is None or expected == self.file.text:
            return self.file.original
        return GivenOriginal(self.file.path, expected)


class Answerer(Protocol):
    """One of the plan's models. `identity`: all of it that an answer depends on, for the key; `codec`: None if its tokens aren't known."""

    @property
    def identity(self) -> dict[str, Any]: ...

    @property
    def codec(self) -> Codec | None: ...

    def facts(self) -> dict[str, Any]:
        """What a row says of it beside its identity."""
        ...

    def check(self, column: Column) -> None:
        """Raises ValueError, which says why, if it can't be asked in a column."""
        ...

    def path_prompt(self, path: str) -> str:
        """What it is given if it is asked by path."""
        ...


@dataclass(frozen=True)
class NotAsked:
    """Why a model isn't asked in a column."""

    model: int
    column: int
    reason: str


def cells_of(plan: Plan, corpus: Corpus, number: int, answerer: Answerer) -> Iterator[Cell | NotAsked]:
    """Everything that the plan asks of one of its models: column after column, the longest files first."""
    for column, each in enumerate(plan.columns):
        try:
            yield from _column(each, corpus, number, column, answerer)
        except ValueError as error:
            yield NotAsked(number, column, str(error))


def _column(column: Column, corpus: Corpus, number: int, at: int, answerer: Answerer) -> list[Cell]:
    """The cells of a column. Raises ValueError if the model can't be asked so."""
    answerer.check(column)
    found = []
    for file in sorted(corpus.files, key=lambda file: (-file.size, file.path)):
        for place, prompt in _places(column, file, answerer):
            for draw in range(column.draws.samples):
                seed = column.draws.seed + draw if column.draws.temperature else None
                asked = {
                    **answerer.identity,
                    "context": column.context.label,
                    "path": file.path,
                    "file_sha256": file.sha256,
                    "place": [place.start, place.given_end, place.end],
                    "prompt_sha256": source_sha256(prompt),
                    "temperature": column.draws.temperature,
                    "top_k": column.draws.top_k,
                    "seed": seed,
                }
                key = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:KEY_DIGITS]
                found.append(Cell(number, at, file, place, draw + 1, seed, prompt, key))
    if not found:
        raise ValueError("every file is too short for it")
    return found


def _places(column: Column, file: SurveyFile, answerer: Answerer) -> Sequence[tuple[Place, str]]:
    """The places of a file, each with its prompt."""
    if column.context.given == "path":
        return [(Place(0, 0, sum(file.original.lengths)), answerer.path_prompt(file.path))]
    assert file.text is not None  # or the plan would have been refused
    return [(place, file.text[place.start : place.given_end]) for place in places_of(column.context, file.text, answerer.codec)]
