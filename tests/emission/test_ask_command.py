"""`ask`, against a server on loopback that speaks the protocol."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from laam.__main__ import main
from laam.emission.ask_command import KEY
from laam.emission.others import Server
from laam.settings import Settings

SECRET = "sk-made-up-and-secret"
TEXT = "".join(f"int line_{number} = {number};\n" for number in range(30))
CONTEXT, PIECE = 10, 70  # lines given; characters that the server's model writes in a step

Answer = tuple[int, Any]


class FakeServer:
    """Knows TEXT, and goes on with it from where a prompt ends. `answer` may be replaced."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any], str]] = []  # path, body, authorization
        self.answer: Callable[[str, dict[str, Any]], Answer] = self.going_on
        self.address = ""

    def going_on(self, path: str, asked: dict[str, Any]) -> Answer:
        text = asked["prompt"] if path.endswith("/v1/completions") else asked["messages"][-1]["content"]
        assert TEXT.startswith(text)
        piece = TEXT[len(text) : len(text) + PIECE]
        reason = "stop" if TEXT.endswith(piece) and len(text) + len(piece) == len(TEXT) else "length"
        said = {"text": piece} if path.endswith("/v1/completions") else {"message": {"role": "assistant", "content": piece}}
        return 200, {"choices": [{**said, "finish_reason": reason}]}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.requests.append((self.path, asked, self.headers.get("Authorization", "")))
            status, record = fake.answer(self.path, asked)
            body = record if isinstance(record, bytes) else json.dumps(record).encode()
            self.send_response(status)
            if status == 307:
                self.send_header("Location", "http://localhost:1/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        fake.address = f"http://127.0.0.1:{listening.server_address[1]}/v1"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield fake
        listening.shutdown()
        thread.join()


@pytest.fixture
def ask(server: FakeServer, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv(KEY, SECRET)
    (tmp_path / "acl.c").write_text(TEXT, "utf-8")
    common = ["ask", "--endpoint", server.address, "--model", "made-up", "--original", str(tmp_path / "acl.c")]
    return lambda *more: main([*common, "--context", str(CONTEXT), *more], settings)


@pytest.mark.parametrize(("option", "path"), [([], "/v1/chat/completions"), (["--completions"], "/v1/completions")])
def test_a_model_goes_on_in_steps(
    option: list[str], path: str, server: FakeServer, ask: Callable[..., int], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert ask("--step", "7", *option) == 0
    out, err = capsysbinary.readouterr()
    given = "".join(TEXT.splitlines(keepends=True)[:CONTEXT])
    assert (given.encode() + out).decode() == TEXT
    assert b"reproduced 100 %" in err
    assert len(server.requests) == -(-(len(TEXT) - len(given)) // PIECE) > 2
    for at, asked, authorization in server.requests:
        assert (at, asked["temperature"], asked["max_tokens"], asked["model"]) == (path, 0.0, 7, "made-up")
        assert authorization == f"Bearer {SECRET}"
    assert SECRET.encode() not in out + err


def test_what_was_given_counts_for_nothing(server: FakeServer, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    server.answer = lambda _, asked: (
        200,
        {"choices": [{"message": {"content": asked["messages"][-1]["content"]}, "finish_reason": "stop"}]},
    )
    assert ask("--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["score"]["reproduced"], record["settings"]["steps"]) == (0.0, 1)
    assert SECRET not in json.dumps(record)


def test_a_fence_around_an_answer_is_left_out(server: FakeServer, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    rest = "".join(TEXT.splitlines(keepends=True)[CONTEXT:])
    server.answer = lambda *_: (200, {"choices": [{"message": {"content": f"```c\n{rest}```"}, "finish_reason": "stop"}]})
    assert ask("--json") == 0
    assert json.loads(capsys.readouterr().out)["text"] == rest


def test_it_ends_if_nothing_comes_and_after_so_many_steps(
    server: FakeServer, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("--steps", "2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["settings"]["steps"] == 2
    server.answer = lambda *_: (200, {"choices": [{"message": {"content": None}, "finish_reason": "length"}]})
    assert ask("--json") == 0
    assert json.loads(capsys.readouterr().out)["settings"]["steps"] == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((401, {"error": f"wrong key {SECRET}"}), "127.0.0.1 answered 401"),
        ((307, {}), "127.0.0.1 answered 307"),
        ((200, {"choices": []}), "not OpenAI's protocol"),
        ((200, ["x"]), "not OpenAI's protocol"),
        ((200, b"<html>"), "not OpenAI's protocol"),
        ((200, {"choices": [{"message": {"content": 7}}]}), "not text"),
    ],
)
def test_other_answers_are_named_without_the_key(
    answer: Answer, message: str, server: FakeServer, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = lambda *_: answer
    assert ask() == 2
    err = capsys.readouterr().err
    assert message in err
    assert SECRET not in err
    assert len(server.requests) == 1  # no redirect is followed: it would take the key along


def test_a_server_that_is_not_there(
    ask: Callable[..., int], capsys: pytest.CaptureFixture[str], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("--endpoint", "http://127.0.0.1:1/v1") == 2
    assert "127.0.0.1 can't be reached" in capsys.readouterr().err
    monkeypatch.setenv(KEY, "schlüssel\n")
    assert ask() == 2
    assert "schl" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("example.org/v1", "no web address"),
        ("file:///x", "no web address"),
        (f"https://me:{SECRET}@example.org/v1", "no name and no password"),
        ("http://example.org/v1", "sent over https only"),
    ],
)
def test_endpoints_that_are_refused(endpoint: str, message: str, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("--endpoint", endpoint) == 2
    err = capsys.readouterr().err
    assert message in err
    assert SECRET not in err


def test_something_must_be_left_to_write(ask: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("--context", "30") == 2
    assert "nothing would be left" in capsys.readouterr().err


def test_the_key_is_not_in_the_words_for_a_server() -> None:
    assert SECRET not in repr(Server("https://example.org/v1", "m", SECRET))
