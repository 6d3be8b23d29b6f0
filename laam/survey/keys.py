"""The keys of a plan: which there are, what each may hold, and a sentence that names the line if one holds something else."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from laam.knobs import NumberKnob

MOST = 1_000_000


class Rule(NamedTuple):
    """What a value may be, in words, and whether one is. `shown`: whether a message may show one that is not."""

    allowed: str
    holds: Callable[[Any], bool]
    shown: bool = True


TEXT = Rule("a text that is not empty", lambda value: isinstance(value, str) and bool(value.strip()) and value.isprintable())
VARIABLE = Rule(
    "the name of a variable; the key itself belongs into that, and not into a plan",
    lambda value: isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value)),
    shown=False,
)
SWITCH = Rule("true or false", lambda value: isinstance(value, bool))
PATTERNS = Rule("a list of patterns, such as ['src/*.c']", lambda value: isinstance(value, list) and all(map(TEXT.holds, value)))


def whole(least: int, most: int = MOST) -> Rule:
    """A whole number within bounds, both included."""
    return Rule(f"a whole number from {least:,} to {most:,}", lambda value: type(value) is int and least <= value <= most)


def of_knob(knob: NumberKnob[int] | NumberKnob[float]) -> Rule:
    """What a knob takes."""
    kinds = (int,) if isinstance(knob.default, int) else (int, float)
    what = "a whole number" if isinstance(knob.default, int) else "a number"
    return Rule(f"{what} from {knob.low:,} to {knob.high:,}", lambda value: type(value) in kinds and knob.low <= value <= knob.high)


def one_of(*words: str) -> Rule:
    """One of some words."""
    return Rule(f"one of {', '.join(map(repr, words))}", lambda value: isinstance(value, str) and value in words)


class Place(NamedTuple):
    """A table of a plan, for messages. `name`: such as `models`; `number`: which of a list, counted from 1; 0 if there is only one; `line`:
    its number in the plan; 0 if it has none."""

    name: str
    number: int
    lines: Mapping[tuple[str, int, str], int]

    def wrong(self, key: str, what: str) -> ValueError:
        """The error for one of its keys; an empty key stands for the table itself."""
        places = (
            (self.name, self.number, key),
            (self.name, self.number, ""),
            (key, 0, ""),
            (key, 1, ""),
        )  # the last two: a table in the plan
        line = next((self.lines[place] for place in places if place in self.lines), 0)
        table = f"{self.name}, the {_ordinal(self.number)}" if self.number else self.name
        where = ": ".join(filter(None, (f"line {line}" if line else "", ", ".join(filter(None, (table, key))))))
        return ValueError(f"{where}: {what}" if where else what)

    def read(self, values: object, rules: Mapping[str, Rule]) -> dict[str, Any]:
        """The values of a table. Raises ValueError for an unknown key, or a value that its rule doesn't allow."""
        if not isinstance(values, dict):
            raise self.wrong("", f"{_shown(values)} is no table; give one with {', '.join(rules)}")
        for key, value in values.items():
            if key not in rules:
                raise self.wrong(key, f"there is no such key; there are {', '.join(rules)}")
            if not rules[key].holds(value):
                raise self.wrong(key, f"{_shown(value) if rules[key].shown else 'what it holds'} is not {rules[key].allowed}")
        return dict(values)

    def exactly_one(self, values: Mapping[str, Any], keys: tuple[str, ...]) -> str:
        """Which of some keys is given. Raises ValueError if none is, or two are."""
        given = [key for key in keys if key in values]
        if len(given) != 1:
            raise self.wrong(given[1] if given else "", f"give one of {', '.join(keys)}{', not ' + ' and '.join(given) if given else ''}")
        return given[0]


def line_numbers(text: str) -> dict[tuple[str, int, str], int]:
    """The line of each table and key of a plan as people write it, by table, number of the table and key; for messages only."""
    found: dict[tuple[str, int, str], int] = {}
    table, numbers = "", dict[str, int]()
    for number, line in enumerate(text.split("\n"), 1):
        if header := re.match(r"\s*(\[\[?)\s*([\w-]+)\s*\]", line):
            table = header[2]
            numbers[table] = numbers.get(table, 0) + (header[1] == "[[")
            found[table, numbers[table], ""] = number
        elif key := re.match(r"\s*([\w-]+)\s*=", line):
            found.setdefault((table, numbers.get(table, 0), key[1]), number)
    return found


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
