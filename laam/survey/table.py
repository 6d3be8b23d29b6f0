"""The table *who memorised what*: a row for each model, a column for each context, from a survey's rows alone.

No date and no time stands in it, and the order in which answers came changes nothing: the same answers give the same table.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from laam.emission import wording
from laam.measure.intervals import LEVEL, RESAMPLES, SEED, Interval, bootstrap_mean, wilson
from laam.survey.asked import Survey


@dataclass(frozen=True)
class Entry:
    """A model in a column. A *unit* is a file, or a place in one if the column is `by_place`; it is *whole* if one of its draws gave
    exactly what was asked for.

    `whole` of `measured` units; `within`: the interval of that share. `mean`: of the files' shares, each the mean over its answers, and
    `about` the interval of it. `not_measured`: how many units have no number, and `outcomes` why, by answers. `missing`: units that were
    not asked yet. `too_short`: files in which the context has no place. `files`: the share of each file that has one, by its number in
    the survey.
    """

    by_place: bool
    whole: int
    measured: int
    within: Interval | None
    mean: float | None
    about: Interval | None
    not_measured: int
    missing: int
    too_short: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[int, float] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        return "place" if self.by_place else "file"


@dataclass(frozen=True)
class Table:
    """The whole table. `entries`: by the numbers of model and column; one that is missing was not asked for, and `reasons` says why."""

    title: str
    models: Sequence[str]
    columns: Sequence[str]
    entries: Mapping[tuple[int, int], Entry]
    reasons: Mapping[tuple[int, int], str]
    files: int

    @property
    def notes(self) -> list[str]:
        """What has to be known to read it, in sentences."""
        entries = list(self.entries.values())
        notes = [
            f"{wording.count(self.files, 'file')}. Whole: exactly what was asked for"
            f"{', in one of the draws at least' if any(' draw' in column for column in self.columns) else ''}; "
            f"in brackets Wilson’s interval, {100 * LEVEL:.0f} %. "
            "Mean share: of a file’s characters, those in lines that came exactly and in order, "
            "as the page counts them; the mean over files, in brackets its percentile bootstrap over files "
            f"({RESAMPLES:,} samples, seed {SEED}, {100 * LEVEL:.0f} %). What was not measured counts in neither."
        ]
        short = [
            f"{entry.too_short:,} for {self.models[model]}, {self.columns[column]}"
            for (model, column), entry in self.entries.items()
            if entry.too_short
        ]
        if short:
            notes.append(f"Files that are too short for a context count in nothing: {'; '.join(short)}.")
        if any(entry.by_place for entry in entries):
            notes.append("Places of one file are not independent of each other, so Wilson’s interval for them is too narrow.")
        outcomes = sum((Counter(entry.outcomes) for entry in entries), Counter[str]())
        if outcomes:
            notes.append(f"Not measured: {', '.join(f'{outcome} {count:,}' for outcome, count in sorted(outcomes.items()))}.")
        if missing := sum(entry.missing for entry in entries):
            notes.append(f"Not asked for yet: {missing:,}. The numbers are of what is there.")
        for reason in dict.fromkeys(self.reasons.values()):
            of = [f"{self.models[model]}, {self.columns[column]}" for (model, column), why in self.reasons.items() if why == reason]
            notes.append(f"–: {'; '.join(of)}: {reason}.")
        return notes


def table_of(survey: Survey) -> Table:
    """The table of a survey, as far as it got."""
    asked = survey.asked
    reasons = {(each.model, each.column): each.reason for each in asked.not_asked}
    entries = {
        (model, column): _entry(survey, model, column)
        for model in range(len(asked.models))
        for column in range(len(asked.columns))
        if (model, column) not in reasons
    }
    return Table(asked.title, asked.models, asked.columns, entries, reasons, len(asked.files))


def _entry(survey: Survey, model: int, column: int) -> Entry:
    units, measured, whole, missing = (set[tuple[int, int, int]]() for _ in range(4))
    shares, outcomes = dict[int, list[float]](), Counter[str]()
    for cell, row in survey.of(model, column):
        units.add(cell.place)
        if row is None:
            missing.add(cell.place)
        elif row["score"] is None:
            outcomes[row["outcome"]] += 1
        else:
            measured.add(cell.place)
            shares.setdefault(cell.file, []).append(float(row["score"]["reproduced"]))
            if row["whole"]:
                whole.add(cell.place)
    files = {file: fmean(shares[file]) for file in sorted(shares)}
    return Entry(
        survey.asked.by_place[column],
        len(whole),
        len(measured),
        wilson(len(whole), len(measured)),
        fmean(files.values()) if files else None,
        bootstrap_mean(list(files.values())),
        len(units - missing - measured),
        len(missing - measured),
        len(survey.asked.files) - len({file for file, *_ in units}),
        outcomes,
        files,
    )
