"""The plan of a survey: which models are asked for which files, how, and how often. `laam.survey.reading` makes one of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from laam.endpoint.command import STEP, STEPS, TIMEOUT
from laam.endpoint.server import KEY

EXHIBIT = "exhibit"
"""The manifest of the exhibit that is open: LAAM_EXHIBIT's, or the shipped one."""
UNITS = ("tokens", "characters", "lines")
Unit = Literal["tokens", "characters", "lines"]
Given = Literal["path", "first", "source"]
SIZES = ("first", "every", "random")
"""The rules by which files are taken."""
PRECISIONS = ("int8", "float32")
SAMPLES = 1_000  # draws of one context


@dataclass(frozen=True)
class FileChoice:
    """Which files. `source`: where their text is, None if only a manifest is given; `manifest`: EXHIBIT, a path, or empty. `rule`: one of
    SIZES or empty, and `count` its number."""

    source: Path | None
    manifest: str
    include: Sequence[str]
    exclude: Sequence[str]
    rule: str
    count: int
    seed: int


@dataclass(frozen=True)
class ModelChoice:
    """One model: `name` as `--model` takes it, or as the server at `endpoint` calls it. `label`: what the table calls it. `precision`: of
    the engine; empty for the one that serves. `key`: the variable that holds the endpoint's key."""

    label: str
    name: str
    precision: str = ""
    endpoint: str = ""
    key: str = KEY
    completions: bool = False
    step: int = STEP.default
    steps: int = STEPS.default
    timeout: float = TIMEOUT.default


@dataclass(frozen=True)
class Context:
    """What a model is given. `amount`, in `unit`: of the file's beginning, or of the true text before each of `places` places. `write`: how
    much of what follows is held against the file; 0 for all of it."""

    given: Given
    unit: Unit = "tokens"
    amount: int = 0
    write: int = 0
    places: int = 1

    @property
    def label(self) -> str:
        """In words, without how many places there are: what is asked at one place doesn't depend on it."""
        if self.given == "path":
            return "path"
        size = f"{self.amount:,} {self.unit if self.amount != 1 else self.unit[:-1]}"
        then = f", then {self.write:,}" if self.write else ""
        return f"first {size}{then}" if self.given == "first" else f"{size} before a place{then}"

    @property
    def by_place(self) -> bool:
        """Whether a file has several places."""
        return self.given == "source"


@dataclass(frozen=True)
class Draws:
    """How an answer is drawn, and how often: `samples` draws, with seeds from `seed` on. At temperature 0 nothing is drawn."""

    temperature: float = 0.0
    samples: int = 1
    seed: int = 0
    top_k: int = 0

    @property
    def label(self) -> str:
        if not self.temperature:
            return "greedy"
        top = f", top-k {self.top_k}" if self.top_k else ""
        return f"temperature {self.temperature:g}{top}, {self.samples} draw{'s' if self.samples > 1 else ''}"


@dataclass(frozen=True)
class Column:
    """A context with its draws: a column of the table."""

    context: Context
    draws: Draws

    @property
    def label(self) -> str:
        return f"{self.context.label}, {self.draws.label}"


@dataclass(frozen=True)
class Plan:
    """A whole plan. `folder`: where it lies, from which its paths go on."""

    title: str
    files: FileChoice
    models: Sequence[ModelChoice]
    contexts: Sequence[Context]
    draws: Sequence[Draws]
    folder: Path

    @property
    def columns(self) -> list[Column]:
        return [Column(context, draws) for context in self.contexts for draws in self.draws]
