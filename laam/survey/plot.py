"""The table as a picture: for each context and model the mean share and the share that came whole, each with its interval.

This module places the marks; a template draws them as SVG, and says the same in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from laam.emission import wording
from laam.faults import shortened
from laam.measure.intervals import Interval
from laam.survey.table import Entry, Table
from laam.templates import template_environment

WIDTH, LEFT, RIGHT = 760, 220, 740
TOP, LINE, GAP = 30, 24, 14
NAME = 30  # characters of a model's name that have room


@dataclass(frozen=True)
class Mark:
    """A share with its interval, as places in the picture."""

    at: str
    low: str
    high: str


@dataclass(frozen=True)
class Line:
    """A model in a column. `y`: its place. `mean`, `whole`: None if there is no number."""

    y: int
    name: str
    mean: Mark | None
    whole: Mark | None
    words: str


@dataclass(frozen=True)
class Panel:
    """A column. `y`: of its heading."""

    y: int
    heading: str
    lines: list[Line]


def render_plot(table: Table, templates: Path) -> str:
    """The picture as an SVG that stands alone. `templates`: the folder that has `plot.svg`."""
    panels, y = list[Panel](), TOP
    for column, heading in enumerate(table.columns):
        y += GAP
        panel = Panel(y, heading, [])
        for model, name in enumerate(table.models):
            y += LINE
            panel.lines.append(_line(y, name, table.entries.get((model, column))))
        y += LINE
        panels.append(panel)
    ticks = [(_x(percent / 100), percent) for percent in range(0, 101, 25)]
    template = template_environment(templates).get_template("plot.svg")
    frame = {"width": WIDTH, "height": y + 2 * LINE, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": y}
    return template.render(title=table.title, panels=panels, ticks=ticks, frame=frame, label=" ".join(_in_words(panels)))


def _line(y: int, name: str, entry: Entry | None) -> Line:
    if entry is None or not entry.measured or entry.mean is None:
        return Line(y, shortened(name, NAME), None, None, f"{name}: no number")
    share = entry.whole / entry.measured
    words = f"{name}: mean share {wording.percent(entry.mean)}, whole {entry.whole:,} of {wording.count(entry.measured, entry.unit)}"
    return Line(y, shortened(name, NAME), _mark(entry.mean, entry.about), _mark(share, entry.within), words)


def _mark(share: float, interval: Interval | None) -> Mark:
    return Mark(_x(share), _x(interval.low if interval else share), _x(interval.high if interval else share))


def _x(share: float) -> str:
    return f"{LEFT + (RIGHT - LEFT) * share:.1f}"


def _in_words(panels: list[Panel]) -> Iterator[str]:
    for panel in panels:
        yield f"{panel.heading}: {'; '.join(line.words for line in panel.lines)}."
