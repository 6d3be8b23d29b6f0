"""The plan of a survey: which models are asked for which files, how, and how often."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from laam.endpoint.command import STEP, STEPS, TIMEOUT
from laam.endpoint.server import KEY
from laam.knobs import SEED, TEMPERATURE, TOP_K
from laam.measure.arguments import SEED as PLACES_SEED
from laam.model.spec import folder_name
from laam.survey.keys import PATTERNS, SWITCH, TEXT, VARIABLE, Place, Rule, line_numbers, of_knob, one_of, whole

EXHIBIT = "exhibit"
"""The manifest of the exhibit that is open: LAAM_EXHIBIT's, or the shipped one."""
UNITS = ("tokens", "characters", "lines")
Unit = Literal["tokens", "characters", "lines"]
Given = Literal["path", "first", "source"]
SIZES = ("first", "every", "random")
"""The rules by which files are taken."""
PRECISIONS = ("int8", "float32")
SAMPLES = 1_000  # draws of one context

EXAMPLE = """\
# Who memorised what: each model is asked for each file, in each context, for each draw.
title = "Who memorised Linux 1.0"

[files]
source = "linux-1.0.tar.xz"    # an archive, a folder or a file; a path from this plan's folder on
manifest = "exhibit"           # the files of a manifest alone: an exhibit's folder, a .sealed file, or "exhibit" for the one that is open
random = 10                    # ten of them, drawn by the seed; or `first = 10`, or `every = 50`; all, if none is given
seed = 1994
# include = ["kernel/*.c"]     # only such files, and `exclude` none of these: patterns as .gitignore writes them

[[models]]
name = "embedded"              # as --model takes it: embedded, published-5m, a folder, or owner/name@revision

# [[models]]
# endpoint = "https://example.org/v1"    # any server that speaks OpenAI's protocol
# name = "NAME"
# label = "NAME, August"       # what the table calls it
# key = "LAAM_API_KEY"         # the variable of the environment that holds its key, not the key
# completions = true           # a base model, asked at /completions; tokens of an answer: `step`, answers: `steps`, seconds: `timeout`

[[contexts]]
given = "path"                 # the file's name; for models that are made to be asked so

[[contexts]]
given = "first"                # the beginning of the file
tokens = 50                    # of the model's own; or `characters = 200`, or `lines = 20`, which an endpoint takes too

# [[contexts]]
# given = "source"             # true text before places that lie evenly over the file
# characters = 200
# places = 4                   # in each file
# write = 200                  # how much is then held against the file; the same unit

[[draws]]
temperature = 0                # greedy

# [[draws]]
# temperature = 0.8
# samples = 4                  # with the seeds 1 to 4
# seed = 1
# top_k = 40
"""


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


TOP: Mapping[str, Rule] = {
    "title": TEXT,
    "files": Rule("a table [files]", lambda value: isinstance(value, dict)),
    **{
        name: Rule(f"one or more tables [[{name}]]", lambda value: isinstance(value, list) and bool(value))
        for name in ("models", "contexts", "draws")
    },
}
FILES: Mapping[str, Rule] = {
    "source": TEXT, "manifest": TEXT, "include": PATTERNS, "exclude": PATTERNS, **dict.fromkeys(SIZES, whole(1)), "seed": of_knob(SEED),
}  # fmt: skip
MODEL: Mapping[str, Rule] = {"name": TEXT, "label": TEXT, "precision": one_of(*PRECISIONS)}
ENDPOINT: Mapping[str, Rule] = {
    "endpoint": TEXT, "name": TEXT, "label": TEXT, "key": VARIABLE, "completions": SWITCH,
    "step": of_knob(STEP), "steps": of_knob(STEPS), "timeout": of_knob(TIMEOUT),
}  # fmt: skip
_SIZE: Mapping[str, Rule] = dict.fromkeys(UNITS, whole(1))
CONTEXTS: Mapping[str, Mapping[str, Rule]] = {
    "path": {},
    "first": {**_SIZE, "write": whole(1)},
    "source": {**_SIZE, "write": whole(1), "places": whole(1, 10_000)},
}
DRAWS: Mapping[str, Rule] = {
    "temperature": of_knob(TEMPERATURE), "samples": whole(1, SAMPLES), "seed": of_knob(SEED), "top_k": of_knob(TOP_K),
}  # fmt: skip


def read_plan(file: Path) -> Plan:
    """The plan in a file. Raises ValueError, which names the file, the line and the key, for what no plan may say."""
    try:
        return plan_of(file.read_text("utf-8"), file.parent)
    except OSError as error:
        raise ValueError(f"{file}: can't be read: {error.strerror}; `laam survey --example` prints a plan to begin with") from error
    except ValueError as error:  # TOML's own, too, and of what isn't UTF-8
        raise ValueError(f"{file}: {error}") from error


def plan_of(text: str, folder: Path) -> Plan:
    """The plan in a text. Raises ValueError."""
    lines = line_numbers(text)
    record = tomllib.loads(text)
    top = Place("", 0, lines).read(record, TOP)
    for name in ("files", "models", "contexts"):
        if name not in top:
            raise ValueError(f"there is no {TOP[name].allowed.removeprefix('one or more ').removeprefix('a ')}; the plan needs it")

    def each(name: str) -> list[tuple[Place, object]]:
        return [(Place(name, number, lines), values) for number, values in enumerate(top.get(name, ()), 1)]

    models = [_model(place, values) for place, values in each("models")]
    contexts = [_context(place, values) for place, values in each("contexts")]
    draws = [_draws(place, values) for place, values in each("draws")] or [Draws()]
    for name, labels in (
        ("models", [model.label for model in models]),
        ("contexts", [context.label for context in contexts]),
        ("draws", [draw.label for draw in draws]),
    ):
        if twice := next((number for number, label in enumerate(labels, 1) if label in labels[: number - 1]), 0):
            hint = "; give it another label" if name == "models" else ""
            raise Place(name, twice, lines).wrong("", f"“{labels[twice - 1]}” is there twice{hint}")
    _check_keys(models, lines)
    files = _files(Place("files", 0, lines), top["files"], folder)
    if files.source is None and any(context.given != "path" for context in contexts):
        raise Place("files", 0, lines).wrong("", "give a source: a context of the file's text needs that text")
    return Plan(top.get("title", "Who memorised what"), files, models, contexts, draws, folder)


def _files(place: Place, values: object, folder: Path) -> FileChoice:
    given = place.read(values, FILES)
    if "source" not in given and "manifest" not in given:
        raise place.wrong("", "give a source, a manifest, or both")
    rule = place.exactly_one(given, SIZES) if given.keys() & set(SIZES) else ""
    if "seed" in given and rule != "random":
        raise place.wrong("seed", "only `random` draws; leave it out, or give `random`")
    manifest = given.get("manifest", "")
    return FileChoice(
        folder / Path(given["source"]).expanduser() if "source" in given else None,
        manifest if manifest in ("", EXHIBIT) else str(folder / Path(manifest).expanduser()),
        given.get("include", []),
        given.get("exclude", []),
        rule,
        given[rule] if rule else 0,
        given.get("seed", PLACES_SEED),
    )


def _model(place: Place, values: object) -> ModelChoice:
    given = place.read(values, ENDPOINT if isinstance(values, dict) and "endpoint" in values else MODEL)
    if "name" not in given:
        raise place.wrong("", "give its name")
    label = given.pop("label", "") or (given["name"] if "endpoint" in given else _short(given["name"]))
    return ModelChoice(label=label, **given)


def _short(name: str) -> str:
    """What the table calls a model: no path of this machine."""
    return name if "@" in name or not ("/" in name or name.startswith((".", "~"))) else _folder_or_repository(name)


def _folder_or_repository(name: str) -> str:
    return name if name.count("/") == 1 and not name.startswith((".", "~", "/")) else folder_name(Path(name))


def _context(place: Place, values: object) -> Context:
    kind = values.get("given") if isinstance(values, dict) else None
    if not isinstance(kind, str) or kind not in CONTEXTS:
        raise place.wrong("given" if kind is not None else "", f"give `given` as one of {', '.join(map(repr, CONTEXTS))}")
    given = place.read(values, {"given": TEXT, **CONTEXTS[kind]})
    if kind == "path":
        return Context("path")
    unit: Any = place.exactly_one(given, UNITS)
    amount = given[unit]
    if kind == "first":
        return Context("first", unit, amount, given.get("write", 0))
    return Context("source", unit, amount, given.get("write", amount), given.get("places", 1))


def _draws(place: Place, values: object) -> Draws:
    given = place.read(values, DRAWS)
    if "temperature" not in given:
        raise place.wrong("", "give its temperature; 0 is greedy")
    if not given["temperature"] and (given.keys() - {"temperature"}):
        unused = min(given.keys() - {"temperature"})
        raise place.wrong(unused, "a greedy answer is the same each time; leave it out, or raise the temperature")
    samples, seed = given.get("samples", 1), given.get("seed", 1)
    if seed + samples - 1 > SEED.high:
        raise place.wrong("seed", f"the last draw’s seed is {seed + samples - 1:,}, and {SEED.high:,} is the highest")
    return Draws(float(given["temperature"]), samples, seed, given.get("top_k", 0))


def _check_keys(models: Sequence[ModelChoice], lines: Mapping[tuple[str, int, str], int]) -> None:
    """Raises ValueError if one variable's key would go to two servers."""
    servers: dict[str, str] = {}
    for number, model in enumerate(models, 1):
        if model.endpoint and servers.setdefault(model.key, model.endpoint) != model.endpoint:
            raise Place("models", number, lines).wrong(
                "key", f"{model.key} is already the key of {servers[model.key]}, and each server gets its own; name another variable"
            )
