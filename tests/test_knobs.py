"""The values that a knob takes, and the sentence that refuses any other."""

from typing import Any

import pytest

from laam.knobs import BITS, MAX_TOKENS, MODEL, NOISE, PATH, PIECES, PRUNED, SEED, SLIDE, SOURCE, TEMPERATURE, TOP_K, NumberKnob

NUMBERS: list[NumberKnob[Any]] = [TEMPERATURE, TOP_K, SEED, MAX_TOKENS, PIECES, BITS, NOISE, PRUNED]


@pytest.mark.parametrize("knob", NUMBERS, ids=lambda knob: knob.name)
def test_default_and_bounds_can_be_read(knob: NumberKnob[Any]) -> None:
    for value in (knob.default, knob.low, knob.high):
        for sent in (value, float(value), str(value), str(float(value))):
            read = knob.read(sent)
            assert (read, type(read)) == (value, type(knob.default))
    assert knob.bounds in knob.description


@pytest.mark.parametrize("knob", NUMBERS, ids=lambda knob: knob.name)
@pytest.mark.parametrize("beyond", [-1, 10**12, -(10**400), 10**400])
def test_a_number_out_of_bounds_is_named_with_the_bounds(knob: NumberKnob[Any], beyond: int) -> None:
    with pytest.raises(ValueError, match=f"^{knob.name} {str(beyond)[:30]}.* is outside {knob.bounds}$"):
        knob.read(beyond)


@pytest.mark.parametrize("knob", NUMBERS, ids=lambda knob: knob.name)
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("warm", "'warm'"),
        ("nan", "'nan'"),
        (float("inf"), "inf"),
        ("1e999", "'1e999'"),
        (True, "true"),
        ([0], "(a list)"),
        ({"a": 1}, "(an object)"),
        ("9" * 40 + "x", "'" + "9" * 39 + "…"),
    ],
)
def test_what_is_no_number_is_shown_with_the_bounds(knob: NumberKnob[Any], value: object, shown: str) -> None:
    with pytest.raises(ValueError) as refused:
        knob.read(value)
    kind = "a number" if isinstance(knob.default, float) else "a whole number"
    assert str(refused.value) == f"{knob.name} {shown} is not {kind}; give one from {knob.bounds}"


def test_a_fraction_is_no_whole_number() -> None:
    with pytest.raises(ValueError, match=r"top_k 2\.5 is not a whole number; give one from 0 to 200"):
        TOP_K.read(2.5)


def test_what_a_default_outside_the_bounds_means_is_said_with_them() -> None:
    assert (BITS.read(0), BITS.read("2"), BITS.bounds) == (0, 2, "2 to 8, or 0 as shipped")
    with pytest.raises(ValueError, match=r"^bits 1 is outside 2 to 8, or 0 as shipped$"):
        BITS.read(1)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_field_is_named(empty: object) -> None:
    with pytest.raises(ValueError, match="seed is empty; give a whole number, 0 to 4,294,967,295"):
        SEED.read(empty)


@pytest.mark.parametrize(
    ("value", "on"), [(True, True), ("1", True), ("Yes", True), (1, True), (False, False), ("0", False), ("off", False)]
)
def test_a_switch_is_on_or_off(value: object, on: bool) -> None:
    assert SLIDE.read(value) is on


@pytest.mark.parametrize(("value", "shown"), [("maybe", "'maybe'"), (2, "2"), (None, "null"), ([], r"\(a list\)")])
def test_what_is_neither_is_shown(value: object, shown: str) -> None:
    with pytest.raises(ValueError, match=f"slide {shown} is neither on nor off; give 1 or 0"):
        SLIDE.read(value)


@pytest.mark.parametrize("knob", [PATH, SOURCE, MODEL], ids=lambda knob: knob.name)
@pytest.mark.parametrize(("value", "shown"), [(5, "5"), (None, "null"), (["a.c"], "(a list)"), ({}, "(an object)"), (False, "false")])
def test_what_is_no_text_is_named(knob: Any, value: object, shown: str) -> None:
    with pytest.raises(ValueError) as refused:
        knob.read(value)
    assert str(refused.value) == f"{knob.name} {shown} is not text; give {knob.about}"


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert SOURCE.read("a\ud800b\udfffc 🐧") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c 🐧"


def test_text_that_is_too_long_is_counted() -> None:
    with pytest.raises(ValueError, match="source has 4,001 characters; give at most 4,000"):
        SOURCE.read("x" * 4001)
