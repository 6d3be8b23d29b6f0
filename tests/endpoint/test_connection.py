"""Requests: when a server is asked again, and where the key goes."""

import pytest

from laam.endpoint.connection import LONGEST_PAUSE_S, PAUSES_S, Connection
from laam.endpoint.parameters import Parameters, told
from laam.endpoint.received import Received
from laam.endpoint.server import Server
from tests.endpoint.conftest import GIVEN, SECRET
from tests.endpoint.playing import Playing, Reply, refusal, said


def asked(server: Playing, waits: list[float]) -> Received:
    """What comes of a request; the pauses before others go to `waits`."""
    served = Server(server.address, "made-up", SECRET)
    with Connection(served, Parameters(served, 0.0, None), timeout_s=30.0, wait=waits.append) as connection:
        return connection.ask(GIVEN, 9)


def busy(status: int, **headers: str) -> Reply:
    return Reply(status=status, body={}, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_it_waits_as_long_as_the_server_asks_for_or_longer_each_time(server: Playing) -> None:
    waits: list[float] = []
    server.plays(busy(429, Retry_After="7"), busy(500), busy(529), said("x"))
    assert asked(server, waits).text == "x"
    assert waits == [7.0, *PAUSES_S[1:3]]


def test_it_gives_up_in_the_end_or_if_it_would_have_to_wait_too_long(server: Playing) -> None:
    waits: list[float] = []
    server.plays(busy(502))
    assert asked(server, waits).fault == "answered 502"
    assert waits == list(PAUSES_S)
    server.plays(busy(429, Retry_After=str(int(LONGEST_PAUSE_S) + 1)))
    assert asked(server, waits).fault == "answered 429 and asked to wait 121 s"
    assert waits == list(PAUSES_S)


def test_half_a_sign_does_no_harm(server: Playing) -> None:
    server.plays(said([{"type": "text", "text": "\ud83d"}, {"type": "text", "text": "\ude00 \ud83d"}]))
    assert asked(server, []).text == "\N{GRINNING FACE} \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("body", [b"\xff", b"[" * 100_000, b'{"choices": [7]}', b'{"choices": [{"message": {"content": [7]}}]}'])
def test_a_hostile_answer_is_an_error(body: bytes, server: Playing) -> None:
    server.plays(Reply(body=body))
    assert asked(server, []).fault == "answered something that is not OpenAI's protocol"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_asking_again_can_not_mend_is_asked_once(status: int, server: Playing) -> None:
    server.plays(refusal(status, "no"))
    assert asked(server, []).fault == f"answered {status}: no"
    assert len(server.requests) == 1


def test_a_parameter_is_left_out_once_and_for_all(server: Playing) -> None:
    served = Server(server.address, "made-up")
    parameters = Parameters(served, 0.7, 3)
    server.plays(refusal(400, "nothing that is known", param="seed"), refusal(400, "bad temperature"), said("x"), said("y"))
    with Connection(served, parameters, timeout_s=30.0) as connection:
        assert (connection.ask(GIVEN, 9).text, connection.ask(GIVEN, 9).text) == ("x", "y")
    assert parameters.left_out == ["seed", "temperature"]
    assert [("seed" in body, "temperature" in body) for _, body, _ in server.requests] == [
        (True, True),
        (False, True),
        (False, False),
        (False, False),
    ]
    assert [authorization for *_, authorization in server.requests] == [""] * 4


def test_a_server_that_refuses_all_is_asked_a_few_times_only(server: Playing) -> None:
    server.plays(refusal(400, "max_tokens, max_completion_tokens, temperature, stream, stream_options and your system role are wrong"))
    assert asked(server, []).fault.startswith("answered 400: max_tokens, ")
    assert len(server.requests) == 7


def test_both_names_of_the_limit_can_be_refused() -> None:
    served = Server("https://example.org/v1", "m")
    assert "max_completion_tokens" in Parameters(served, 0.0, None, ["max_tokens"]).body("x", 9)
    assert not {"max_tokens", "max_completion_tokens"} & set(
        Parameters(served, 0.0, None, ["max_tokens", "max_completion_tokens"]).body("x", 9)
    )
    assert told(["max_tokens", "max_completion_tokens"], chat=True).endswith("max_tokens left out, max_completion_tokens left out.")


def test_a_server_that_is_not_there() -> None:
    served = Server("http://127.0.0.1:1/v1", "m")
    with Connection(served, Parameters(served, 0.0, None), timeout_s=5.0) as connection:
        assert connection.ask(GIVEN, 9).fault == "can't be reached"
