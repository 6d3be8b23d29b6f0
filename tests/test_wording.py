from fractions import Fraction
from math import floor

import pytest

from laam import wording
from laam.compare.live import compare_text
from laam.corpus.catalog import describe_file
from laam.emission import Ended
from laam.model.engine import Decoding
from tests.compare.made_up import MadeUpOriginal


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0 %"),
        (1e-9, "0.0 %"),
        (0.00099, "0.0 %"),
        (0.001, "0.1 %"),
        (0.29, "29.0 %"),
        (0.57, "57.0 %"),
        (0.58, "58.0 %"),
        (0.99949, "99.9 %"),
        (0.99999, "99.9 %"),
        (1 - 2**-53, "99.9 %"),
        (1 - 0.9, "10.0 %"),  # as a similarity is computed; the float lies below a tenth
        (1.0, "100 %"),
    ],
)
def test_percent_rounds_down(share: float, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize("whole", [7, 1000, 3_000, 94_851])
def test_percent_is_the_true_floor_of_every_fraction(whole: int) -> None:
    for part in range(0, whole, max(1, whole // 3_000)):
        tenths = floor(Fraction(part, whole) * 1000)
        assert wording.percent(part / whole) == f"{tenths // 10}.{tenths % 10} %", part


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines"), (1_000, "1,000 lines"), (1_234_567, "1,234,567 lines")]
)
def test_count(number: int, text: str) -> None:
    assert wording.count(number, "line") == text


def test_model_name() -> None:
    assert wording.model_name("embedded", 4_966_144) == "embedded model, 5.0 M parameters"


def test_origin_names_author_licence_release_and_size() -> None:
    file = describe_file("linux/toy/pot.c", b"/* Copyright (C) 1999 Ada Example */\n")
    assert wording.origin(file) == "© 1999 Ada Example · GPL-2 · Linux 1.0, 14 March 1994 · 37 bytes, 1 line"
    assert wording.origin(describe_file("linux/toy/pot.c", b"\n\n")).startswith("© its authors · GPL-2 · ")


def test_each_ending_has_a_sentence_of_its_own() -> None:
    endings = [wording.ending(ended) for ended in (None, Ended("end of file", 9), Ended("token limit", 9))]
    assert endings == ["Stopped before its end.", "The model closed the file.", "Cut off at the limit of tokens."]


def test_decoding() -> None:
    assert wording.decoding(Decoding(0.0, 5, 7)) == "Greedy."
    assert wording.decoding(Decoding(0.5, 0, 7)) == "Temperature 0.5, seed 7."
    assert wording.decoding(Decoding(1.5, 40, 0)) == "Temperature 1.5, top-k 40, seed 0."


def test_the_fields_of_a_score() -> None:
    original = MadeUpOriginal("one\ntwo\nsix\n")
    fields = wording.score_fields(compare_text("one\ntwo\nten\n", original, prompt_characters=1, line_files={}).score)
    assert fields == {
        "reproduced": "66.6 %",
        "lines": "2 of 3 lines",
        "longest_run": "longest run 2 lines",
        "sha256": "sha256 differs",
        "characters": "1 character in → 12 out",
        "verbatim": "verbatim 66.6 %",
        "without_boilerplate": "without boilerplate 66.6 %",
        "similarity": "similarity 75.0 %",
    }


def test_what_is_not_known_is_not_said() -> None:
    fields = wording.score_fields(compare_text("one\n", MadeUpOriginal("one\n", has_text=False)).score)
    assert fields["sha256"] == "sha256 identical ✓"
    assert fields["reproduced"] == "100 %"
    assert fields.keys().isdisjoint({"without_boilerplate", "similarity"})
