from collections.abc import Callable
from functools import partial

import pytest
from fastapi import APIRouter
from fastapi.responses import Response

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.model.model import Model
from laam.serving.limits import BusyError, Limits, Places
from laam.serving.services import Services
from laam.serving.summary import Summaries
from laam.share.answers import TURN, Remembered, json_answer, text_answer
from laam.share.certainty import certainty_routes
from laam.share.compare_models import compare_models_routes
from laam.share.memorisation import memorisation_routes
from laam.share.pz import pz_routes
from tests.serving.made_up import client_of, services_of

KEY = ("model", Ask("kernel/sched.c"))
ROUTES: dict[str, Callable[[Services], APIRouter]] = {
    "compare": lambda services: compare_models_routes(services, Summaries(services), lambda: [""]),
    "certainty": certainty_routes,
    "memorisation": memorisation_routes,
    "pz": lambda services: pz_routes(services, {}),
}


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


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("query", ["", "path=nothing.c", "path=%3Cscript%3E", "path=sched.c&t=9", "path=sched.c&model=other"])
def test_what_can_not_be_asked_is_told(model: Model, manifest: SealedManifest, name: str, query: str) -> None:
    answer = client_of(ROUTES[name](services_of(model, manifest))).get(f"/{name}?{query}")
    assert (answer.status_code, bool(answer.json()["detail"])) == (404, True)


@pytest.mark.parametrize("name", ROUTES)
def test_whoever_comes_when_all_places_are_taken_is_told_so(model: Model, manifest: SealedManifest, name: str) -> None:
    services = services_of(model, manifest, Limits(previews=0, previews_waiting=0, comparing=0))
    if name == "certainty":
        assert services.recordings.record(*services.question(KEY[1]))
    answer = client_of(ROUTES[name](services)).get(f"/{name}?path=sched.c&model={model.name}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
