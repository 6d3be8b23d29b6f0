"""The table: what it counts, and how it is written."""

import csv
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from laam.measure.intervals import bootstrap_mean, wilson
from laam.settings import Settings
from laam.survey.asked import Asked, AskedCell, AskedFile, Survey
from laam.survey.cells import NotAsked
from laam.survey.formats import as_csv, as_html, as_latex, as_markdown
from laam.survey.plot import render_plot
from laam.survey.table import table_of
from tests.share.hostile import HOSTILE


def survey_of(
    answers: dict[tuple[int, int, int, int], tuple[str, float]], *, by_place: bool = False, title: str = "T", model: str = "m"
) -> Survey:
    """A survey of one model in one column: outcome and share by file, place and draw; a third number above 0 is a row that isn't there."""
    cells = [AskedCell(0, 0, file, 0, place, place + 9, draw, f"{file}.{place}.{draw}") for file, place, draw, _ in answers]
    rows: dict[str, Any] = {}
    for (file, place, draw, missing), (outcome, share) in answers.items():
        if not missing:
            score = {"reproduced": share} if outcome == "continued" else None
            rows[f"{file}.{place}.{draw}"] = {"outcome": outcome, "score": score, "whole": share == 1}
    files = [AskedFile(f"f{number}", "0" * 64, 10) for number in range(1 + max(file for file, *_ in answers))]
    asked = Asked(title, [model, "other"], ["path, greedy"], [by_place], files, "", "", [NotAsked(1, 0, "why & how")], cells)
    return Survey(Path("there"), asked, rows)


def test_a_file_is_whole_if_one_draw_is_and_its_share_is_the_mean_of_its_draws() -> None:
    shares = [(1.0, 0.5), (0.2, 0.4), (0.0, 0.0)]
    survey = survey_of({(file, 0, draw, 0): ("continued", shares[file][draw]) for file, draw in product(range(3), range(2))})
    entry = table_of(survey).entries[0, 0]
    assert (entry.whole, entry.measured, entry.not_measured, entry.missing) == (1, 3, 0, 0)
    assert entry.within == wilson(1, 3)
    assert entry.mean == pytest.approx((0.75 + 0.3 + 0.0) / 3)
    assert entry.about == bootstrap_mean([0.75, (0.2 + 0.4) / 2, 0.0])


def test_what_was_not_measured_or_not_asked_yet_counts_in_no_share() -> None:
    survey = survey_of(
        {
            (0, 0, 1, 0): ("continued", 1.0),
            (1, 0, 1, 0): ("refused", 0.0),
            (2, 0, 1, 1): ("", 0.0),
            (3, 0, 1, 0): ("empty", 0.0),
            (3, 0, 2, 0): ("continued", 0.5),
        }
    )
    entry = table_of(survey).entries[0, 0]
    assert (entry.whole, entry.measured, entry.not_measured, entry.missing) == (1, 2, 1, 1)
    assert entry.mean == 0.75
    notes = " ".join(table_of(survey).notes)
    assert "Not measured: empty 1, refused 1." in notes
    assert "Not asked for yet: 1." in notes


def test_files_that_are_too_short_for_a_context_are_told() -> None:
    table = table_of(survey_of({(2, 0, 1, 0): ("continued", 1.0)}))
    assert (table.entries[0, 0].measured, table.entries[0, 0].too_short) == (1, 2)
    assert "Files that are too short for a context count in nothing: 2 for m, path, greedy." in table.notes


def test_places_are_counted_each_and_files_are_what_is_drawn_from() -> None:
    survey = survey_of(
        {(file, place, 1, 0): ("continued", float(place == 0)) for file, place in product(range(2), (0, 20, 40))}, by_place=True
    )
    table = table_of(survey)
    entry = table.entries[0, 0]
    assert (entry.whole, entry.measured, entry.unit) == (2, 6, "place")
    assert entry.mean == pytest.approx(1 / 3)
    assert entry.about is not None and entry.about.low == entry.about.high  # both files are alike
    assert "not independent" in " ".join(table.notes)


def test_nothing_measured_is_a_dash_and_no_zero() -> None:
    table = table_of(survey_of({(0, 0, 1, 0): ("refused", 0.0)}))
    assert "| m | – | – | 1 |\n| other | – | – | – |" in as_markdown(table)
    [_, line, other] = csv.reader(as_csv(table).splitlines())
    assert line[3:10] == ["0", "0", "", "", "", "", ""]
    assert other == ["other", "path, greedy", *[""] * 12, "why & how"]


def test_numbers_are_the_same_in_each_form() -> None:
    table = table_of(survey_of({(file, 0, 1, 0): ("continued", 1.0 if file < 7 else 0.25) for file in range(10)}))
    share, low, high = "7 of 10 files", "39.6 %", "89.2 %"  # Wilson's, for 7 of 10
    assert f"| {share} ({low} to {high}) | 77.5 % (" in as_markdown(table)
    assert f"<td>{share}<br>({low} to {high})</td><td>77.5 %<br>(" in as_html(table)
    assert rf"m & {share} (39.6 \% to 89.2 \%) & 77.5 \% (" in as_latex(table)
    [line, _] = csv.DictReader(as_csv(table).splitlines())
    assert (line["whole"], line["of"], line["share_whole"], line["mean_share"]) == ("7", "10", "0.700000", "0.775000")
    assert (line["share_whole_low"][:5], line["share_whole_high"][:5]) == ("0.396", "0.892")


def test_names_can_t_break_any_form() -> None:
    table = table_of(survey_of({(0, 0, 1, 0): ("continued", 1.0)}, title=HOSTILE, model=f"=1+1|{HOSTILE}_#%"))
    html = as_html(table, lambda model, column: f"x?m={model}&c={column}")
    assert "<script" not in html and HOSTILE in unescape(html)
    assert "<script" not in render_plot(table, Settings().assets / "survey")
    markdown = as_markdown(table).split("\n")
    assert all(line.replace("\\|", "").count("|") == 5 for line in markdown[:4])
    latex = as_latex(table)
    assert r"\$\{1\}" in latex and r"\_\#\%" in latex
    [_, line, _] = csv.reader(as_csv(table).splitlines())
    assert line[0].startswith("'=1+1|")


def test_the_plot_says_in_words_what_it_shows() -> None:
    drawn = render_plot(table_of(survey_of({(file, 0, 1, 0): ("continued", file / 3) for file in range(4)})), Settings().assets / "survey")
    assert 'aria-label="path, greedy: m: mean share 50.0 %, whole 1 of 4 files; other: no number."' in drawn
    assert (drawn.count("<circle"), drawn.count(">no number<")) == (1, 1)
    assert 'cx="480.0"' in drawn  # half of the way from 220 to 740
