"""All kinds of answer: how each comes out, with which exit code, and in which words."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from laam.endpoint.answers import Outcome
from tests.endpoint.conftest import GIVEN, PIECE, REST, SECRET, Ask, going_on
from tests.endpoint.playing import Asked, Playing, Reply, refusal, said

PROSE = "Here is the continuation:\n\n"


@dataclass(frozen=True)
class Kind:
    """`replies`: what is played, one after the other, or what answers each request. `words`: what is said on stderr."""

    replies: Sequence[Reply] | Callable[[Asked], Reply]
    outcome: Outcome = "continued"
    words: str = "reproduced 100 % of"
    options: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def refusing(*names: str) -> Callable[[Asked], Reply]:
    """Answers a request that has none of these parameters, and refuses any other as OpenAI's server does."""

    def answer(asked: Asked) -> Reply:
        for name in names:
            if name in asked:
                return refusal(400, f"Unsupported parameter: '{name}' is not supported with this model. The key {SECRET} is not wrong.")
        return said(REST)

    return answer


def alone(asked: Asked) -> Reply:
    """Takes one role only, as some chat templates do."""
    if [message["role"] for message in asked["messages"]] != ["user"]:
        return refusal(400, "System role not supported")
    return said(REST) if asked["messages"][0]["content"].endswith(GIVEN) else said("no")


def whole_only(asked: Asked) -> Reply:
    """Its stream has nothing in it."""
    return Reply(body=b"", headers={}) if asked["stream"] else said(REST)


def strict(asked: Asked) -> Reply:
    """Refuses what it doesn't know, as FastAPI does."""
    detail = [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted", "input": asked}]
    return Reply(status=422, body={"detail": detail}) if "stream_options" in asked else said(REST)


def wrapped(before: str, *, strip: bool = False) -> Callable[[Asked], Reply]:
    """Goes on piece by piece, each one with something before it, or without the white space around it."""
    at = 0

    def answer(_: Asked) -> Reply:
        nonlocal at
        piece, at = REST[at : at + PIECE], at + PIECE
        return said(before + (piece.strip() if strip else piece), "length" if at < len(REST) else "stop")

    return answer


def busy(status: int, seconds: str) -> Reply:
    """Asks to come again."""
    return Reply(status=status, headers={"Retry-After": seconds}, body={})


THOUGHT = {"completion_tokens_details": {"reasoning_tokens": 5}}
STEP = ("--step", "9")
IMPATIENT = ("--timeout", "0.1")
KINDS = {
    "one long answer": Kind([said(REST)]),
    "many steps": Kind(going_on, options=STEP),
    "an end after some text": Kind([said(REST, "length"), said("")], options=STEP),
    "parts": Kind([said([{"type": "text", "text": REST[:9]}, {"type": "text", "text": REST[9:]}])]),
    "a whole answer to a stream": Kind([Reply(said(REST).message, streams=False)]),
    "thoughts in each step": Kind(wrapped("<think>Well.</think>\n\n"), options=STEP),
    "thoughts beside it": Kind([said(REST, reasoning="Well.")], words="Left out: 5 characters of reasoning."),
    "thoughts as a part": Kind([said([{"type": "thinking", "thinking": [{"text": "Well."}]}, {"type": "text", "text": REST}])]),
    "a preamble and a fence": Kind(
        [said(f"{PROSE}```c\n{REST}```\nAnything else?")],
        words="Left out: 27 characters of words before the code, 9 characters of code fence, 14 characters of words after the code.",
    ),
    "a fence in each step": Kind(wrapped(f"{PROSE}```\n"), options=STEP),
    "white space stripped": Kind(
        [said(REST.strip())], words="White space is missing at the beginning of 1 of 1 answer and at the end (2 ch"
    ),
    "white space stripped in each step": Kind(
        wrapped("", strip=True), words="White space is missing at the beginning of 2 of 5 answers and at the end (4 ch", options=STEP
    ),
    "429 and then an answer": Kind(
        [busy(429, "0"), said(REST)], words="127.0.0.1 answered 429 and asked to wait 0 s; it is asked again in 0 s"
    ),
    "max_completion_tokens": Kind(refusing("max_tokens"), words="max_completion_tokens instead of max_tokens.", left_out=("max_tokens",)),
    "no temperature": Kind(
        refusing("max_tokens", "temperature"),
        words="temperature left out, so the server's own holds",
        left_out=("max_tokens", "temperature"),
    ),
    "no system role": Kind(alone, words="the instruction given in the user's message", left_out=("system role",)),
    "no stream_options": Kind(strict, words="stream_options left out", left_out=("stream_options",)),
    "no streaming": Kind(whole_only, words="asked without streaming", left_out=("stream",)),
    "reasoning ate the budget": Kind(
        [said("", "length")], "reasoning only", "after 0 characters, all that came was reasoning, and no text; g"
    ),
    "visible reasoning ate it": Kind([said("", "length", reasoning_content="Hm. " * 300)], "reasoning only", "(1,200 characters of it)"),
    "an unfinished thought": Kind([said("<think>Hm, where", "length")], "reasoning only", "no text (9 characters of it)"),
    "hidden reasoning": Kind([Reply({"content": ""}, usage=THOUGHT)], "reasoning only", "give it more tokens (--step)"),
    "a tool call": Kind([said(None, "tool_calls", tool_calls=[{"id": "1"}])], "tool call", "instead of writing (finish_reason tool_calls)"),
    "an empty answer": Kind([said("")], "empty", "after 0 characters, the answer was empty"),
    "a refusal in its field": Kind([said(None, refusal="I can't.")], "refused", "the model refused (“I can't.”); that says nothing"),
    "a refusal as a part": Kind([said([{"type": "refusal", "refusal": "No."}])], "refused", "the model refused (“No.”)"),
    "a refusal in words": Kind([said("I’m sorry, but I can’t go on.")], "refused", "(“I’m sorry, but I can’t go on.”)"),
    "a later refusal": Kind([said(REST[:70], "length"), said("Sorry, no.")], "refused", "in step 2, after 70 characters, the model", STEP),
    "a filter": Kind([said(REST[:300], "content_filter")], "filtered", "after 300 characters, a filter of the server's stopped the answer"),
    "a slow server": Kind(
        [Reply({"content": ""}, stalls=True)],
        "error",
        "after 0 characters, 127.0.0.1 does not answer; give the same command again with a longer --timeout",
        IMPATIENT,
    ),
    "a long silence": Kind(
        [Reply({"content": REST[:80]}, stalls=True)], "truncated", "after 80 characters, the answer broke off", IMPATIENT
    ),
    "a stream that breaks off": Kind(
        [Reply({"content": REST[:80]}, breaks=True)], "truncated", "give the same command again: it goes on from there"
    ),
    "503 for good": Kind([busy(503, "0")], "error", "127.0.0.1 answered 503 and asked to wait 0 s; mend that"),
    "429 for an hour": Kind([busy(429, "3600")], "error", "answered 429 and asked to wait 3,600 s"),
    "a body that breaks off": Kind([Reply(body=b'{"choices', headers={"Content-Length": "999"})], "error", "127.0.0.1 broke off"),
    "a wrong key": Kind([refusal(401, f"Wrong key: {SECRET[:14]}")], "error", "answered 401: Wrong key: [key]; mend that"),
    "a redirect": Kind([Reply(status=307, headers={"Location": "http://localhost:1/"}, body={})], "error", "127.0.0.1 answered 307; mend"),
    "an error within 200": Kind([Reply(body={"error": {"message": f"\x1b[2J{SECRET}"}})], "error", "an error: [2J[key]; mend"),
    "no choices": Kind([Reply(body={"choices": []})], "error", "not OpenAI's protocol", left_out=("stream",)),
    "another form": Kind([Reply(body=["x"])], "error", "not OpenAI's protocol", left_out=("stream",)),
    "a page": Kind([Reply(body=b"<html>")], "error", "not OpenAI's protocol", left_out=("stream",)),
    "no text": Kind([said(7)], "error", "something that is not text"),
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_answer_comes_out_as_what_it_is(name: str, server: Playing, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    kind = KINDS[name]
    if callable(kind.replies):
        server.answer = kind.replies
    else:
        server.plays(*kind.replies)
    measured = kind.outcome == "continued"
    assert ask("--json", *kind.options) == (0 if measured else 1)
    out, err = capsys.readouterr()
    record = json.loads(out)
    asked = len(server.requests)
    assert (record["outcome"], record["measured"], tuple(record["left_out"]["parameters"])) == (kind.outcome, measured, kind.left_out)
    assert [record[field] is None for field in ("headline", "score", "not_measured")] == [not measured, not measured, measured]
    ask(*kind.options)
    again = capsys.readouterr()
    assert kind.words in f"{record['not_measured']} {err} {again.err}"
    assert ("not measured: " in again.err, "reproduced " in again.err) == (not measured, measured)
    assert (len(server.requests) == asked) == (kind.outcome not in ("error", "truncated"))  # an answer that came isn't asked for twice
    assert SECRET not in out + err + again.out + again.err
    assert all(authorization == f"Bearer {SECRET}" for _, _, authorization in server.requests)
