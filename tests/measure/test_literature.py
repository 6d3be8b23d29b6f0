"""What the literature's measures say, in words."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from laam.measure.archives import NO_SOURCE, NOT_TRAINED, UNTRAINED
from laam.measure.extraction import Beginnings, Tally
from laam.measure.intervals import Interval
from laam.measure.literature import compression_ratio, lab_rows, tally_rows
from tests.measure.test_capacity import MEASURED

TALLY = Tally(4, 96, 2, Interval(0.5, 0.9), {50: 3}, 3, [-0.01, -3.0, -3.0, -30.0], [-0.01, -0.1, None, -30.0])


def test_shares_of_drawn_places_have_intervals_and_others_have_none() -> None:
    said = {row.measure.label: row.value for row in tally_rows(TALLY)}
    assert said["memorisation score"] == (
        "75.0 % on average (95 %: 50.0 % to 90.0 %); all 32 right at 50.0 % (2 of 4 places, 95 %: 15.0 % to 84.9 %)"
    )
    assert said["extractable"] == "k = 50: 75.0 % (3 of 4 places, 95 %: 30.0 % to 95.4 %)"
    assert said["(n, p)-discoverable, top-40"].startswith("n = 1: 50.0 % (2 of 4 places, 95 %: ")
    assert said["(n, p)-discoverable, all tokens"].startswith("n = 1: 25.0 % (1 of 4 places, 95 %: ")
    assert "n = 100: 75.0 % (3 of 4 places, " in said["(n, p)-discoverable, all tokens"]
    assert {row.measure.label: row.value for row in tally_rows(TALLY, random=False)}["extractable"] == "k = 50: 75.0 % (3 of 4 places)"


def test_the_score_at_beginnings_says_what_a_sequence_is() -> None:
    begin = Beginnings("a verse", 5, 160, 5, Interval(1.0, 1.0))
    [_, row, *_] = tally_rows(replace(TALLY, beginnings=begin))
    assert row.value == "100 % on average; all 32 right at 100 % (5 of 5 sequences, 95 %: 56.5 % to 100 %)"
    assert "the first 32 tokens of a training sequence are given. Here that is a verse." in row.measure.definition
    labels = [row.measure.label for row in tally_rows(replace(TALLY, beginnings=replace(begin, sequences=0)))]
    assert "memorisation score, at beginnings" not in labels


def test_the_lab_says_bits_a_parameter_by_each_reference_and_how_files_are_told_apart() -> None:
    bits, told_apart = lab_rows(MEASURED)
    of_xz = "0.47 against xz, of one tar; as xz alone counts that tar, 1.60"
    assert bits.value == f"2.38 against an untrained copy, which takes 10.00 bits a token; {of_xz}"
    assert told_apart.value.startswith("AUC 0.875 (95 %: 0.3")
    assert told_apart.value.endswith(", 2 members against 2 others (not trained on)")
    codings = dict(MEASURED.codings)
    codings[NO_SOURCE] = codings.pop(NOT_TRAINED)
    del codings[UNTRAINED]
    bits, told_apart = lab_rows(replace(MEASURED, codings=codings))
    assert bits.value == of_xz
    assert "these aren’t source code, so they differ in kind as well" in told_apart.value
    assert list(lab_rows(replace(MEASURED, codings={}))) == []


def test_the_ratio_counts_every_prompt() -> None:
    def path_prompt(path: str, segment: int) -> Any:
        return SimpleNamespace(ids=[0] * (len(path) + segment))

    model: Any = SimpleNamespace(format=SimpleNamespace(path_prompt=path_prompt))
    assert compression_ratio(model, "ab", 90, 3) == 90 / (2 + 3 + 4)
