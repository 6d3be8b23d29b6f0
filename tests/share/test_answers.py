from functools import partial

import pytest
from fastapi.responses import Response

from laam.emission.ask import Ask
from laam.serving.limits import BusyError, Places
from laam.share.answers import TURN, Remembered, json_answer, text_answer

KEY = ("model", Ask("kernel/sched.c"))


def test_answers_of_all_kinds_are_worked_out_one_at_a_time() -> None:
    places = Places(2)
    for kind in (Remembered(places, 1), Remembered(places, 1)):
        assert kind.find(KEY, TURN.locked)
    assert not TURN.locked()


def test_the_last_answers_are_remembered() -> None:
    remembered = Remembered(Places(1), 2)
    other, third = ("other", KEY[1]), ("third", KEY[1])
    assert [remembered.find(key, partial(int, number)) for number, key in enumerate((KEY, other, KEY, third, KEY))] == [
        0,
        1,
        0,
        3,
        4,
    ]


def raising(error: Exception) -> str:
    raise error


@pytest.mark.parametrize("answer", [text_answer, json_answer])
def test_a_fault_is_a_sentence(answer: type[Response]) -> None:
    busy, unknown = answer(lambda: raising(BusyError("b"))), answer(lambda: raising(ValueError("v")))
    assert (busy.status_code, busy.headers["retry-after"], busy.body) == (503, "60", b'{"detail":"b"}')
    assert (unknown.status_code, unknown.body) == (404, b'{"detail":"v"}')


def test_what_is_made_is_text_or_json() -> None:
    assert (text_answer(lambda: '"é').body, text_answer(lambda: "").media_type) == ('"é'.encode(), "text/plain")
    assert json_answer(lambda: ["<"]).body == b'["<"]'
