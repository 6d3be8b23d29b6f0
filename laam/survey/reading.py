"""A plan as a TOML file: the keys that it may have, and how it is read."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from laam.endpoint.command import STEP, STEPS, TIMEOUT
from laam.knobs import SEED, TEMPERATURE, TOP_K
from laam.measure.arguments import SEED as PLACES_SEED
from laam.model.spec import folder_name
from laam.survey.keys import PATTERNS, SWITCH, TEXT, VARIABLE, Place, Rule, line_numbers, of_knob, one_of, whole
from laam.survey.plan import EXHIBIT, PRECISIONS, SAMPLES, SIZES, UNITS, Context, Draws, FileChoice, ModelChoice, Plan

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
