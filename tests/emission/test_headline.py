"""The number of a result: what it is a share of, and what stands beside it."""

from dataclasses import replace

import pytest

from laam.compare.credit import CreditScore
from laam.compare.live import compare_text
from laam.compare.score import Score
from laam.emission.headline import LITTLE, Kind, Of, headline_of, measure
from tests.compare.made_up import MadeUpOriginal

FOUND = CreditScore(0.9, 0.5, 100, 100, 10, 10, (), "", 0)
FILE = "one\ntwo\nsix\nten\n"


def score(text: str, reach: int | None = None, file: str = FILE) -> Score:
    return compare_text(text, MadeUpOriginal(file), reach=reach).score


def test_of_a_file_the_number_is_of_the_file() -> None:
    found = headline_of(score("one\nten\n"))
    assert (found.in_full, found.in_short, found.lines) == (f"50.0 % {measure('file')}", "50.0 % reproduced", 4)


def test_of_what_filled_a_window_the_number_is_of_what_it_can_hold_and_the_file_comes_second() -> None:
    found = headline_of(score("one\ntwo\nsi", reach=10), filled=True)
    assert (found.in_full, found.lines) == (f"100 % {measure('window')}; 50.0 % of the file", 2)
    assert found.in_short == "100 % of its window, 50.0 % of the file"
    assert found.as_dict()["percent"] == "100 %"


def test_what_ran_on_is_held_against_the_file_first() -> None:
    found = headline_of(score("one\ntwo\nsix\nx\n", reach=10))
    assert (found.percent, found.of, found.lines, found.second) == ("75.0 %", "file", 4, "100 % of what its window can hold")


def test_a_file_that_fits_a_window_has_one_number() -> None:
    assert headline_of(score(f"{FILE}more", reach=len(FILE) + 4), filled=True).in_full == f"100 % {measure('file')}"
    assert headline_of(score("on", reach=2), filled=True).in_full == f"0.0 % {measure('file')}"  # no line has room


def test_after_given_source_it_is_of_what_follows() -> None:
    assert headline_of(score("one\n"), "rest").in_short == "25.0 % of what follows"
    found = headline_of(score("one\ntwo\nsi", reach=10), "rest", filled=True)
    assert (found.of, found.second) == ("window", "50.0 % of all that follows")
    assert headline_of(score("", file=""), "rest").percent == "–"


def test_of_a_text_from_nowhere_boilerplate_does_not_count() -> None:
    assert headline_of(FOUND, "rest").in_full == f"50.0 % {measure('text')}"


@pytest.mark.parametrize(
    ("reproduced", "within", "of", "kind"),
    [
        (1.0, None, "file", "whole"),
        (LITTLE, None, "file", "part"),
        (LITTLE / 2, None, "file", "none"),
        (LITTLE / 2, LITTLE, "file", "part"),
        (LITTLE / 2, LITTLE / 2, "file", "none"),
        (1.0, 1.0, "rest", "aside"),
        (1.0, None, "pieces", "aside"),
    ],
)
def test_its_kind_is_of_the_model_s_knowledge(reproduced: float, within: float | None, of: Of, kind: Kind) -> None:
    found = replace(score(FILE), reproduced=reproduced, within_reach=within, reach=8, reach_lines=2 if within else None)
    assert headline_of(found, of, filled=True).kind == kind
