"""The endpoints, through gradio_client and through plain HTTP, on a server of their own."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import httpx2
import pytest
import uvicorn
from gradio_client import Client
from gradio_client.exceptions import AppError

from laam.compare.live import compare_text
from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.emission.question import Question, question_of
from laam.exhibit import api
from laam.exhibit.api import api_of, check_mcp, described, emit_endpoint, score_endpoint
from laam.exhibit.server import build_app
from laam.knobs import AGAINST, BITS, MAX_TOKENS, MODEL, NOISE, PIECES, PRUNED, SEED, TEMPERATURE, TOP_K
from laam.knobs import PATH as PATH_KNOB
from laam.model.model import Model
from laam.serving import pace, recordings
from laam.serving.limits import BusyError, Limits
from laam.serving.services import Services
from laam.serving.snippet import Snippet, snippet_text
from laam.serving.updates import stream_updates
from laam.settings import Settings
from laam.share.stream import stream_routes
from tests.reading import elements, events
from tests.serving.made_up import client_of, services_of

PATH = "linux/kernel/sched.c"


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        started = threading.Event()

        class Server(uvicorn.Server):
            async def startup(self, sockets: Any = None) -> None:
                await super().startup(sockets)
                started.set()

        servers: list[Server] = []

        async def serve() -> None:
            # Built inside the loop that serves it: outside of one, Gradio makes some of its own and leaves them open.
            servers.append(Server(uvicorn.Config(build_app(settings), log_level="error", timeout_graceful_shutdown=1)))
            await servers[0].serve([listening])

        thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        thread.start()
        assert started.wait(120)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        servers[0].should_exit = True
        thread.join(60)


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    client = Client(address, verbose=False)
    yield client
    client.close()


async def called(http: httpx2.AsyncClient, endpoint: str, data: str, number: int = 0) -> Any:
    """The data of the last event of a call by plain HTTP, by one of many clients."""
    sender = {"X-Forwarded-For": f"8.8.4.{number}", "Content-Type": "application/json"}
    answer = await http.post(f"gradio_api/call/{endpoint}", content=f'{{"data": {data}}}', headers=sender)
    stream = await http.get(f"gradio_api/call/{endpoint}/{answer.json()['event_id']}", headers=sender)
    return json.loads(stream.text.strip().rpartition("data: ")[2])


def call(address: str, endpoint: str, *data: str) -> list[Any]:
    """The same for several calls at once."""

    async def all_of_them() -> list[Any]:
        async with httpx2.AsyncClient(base_url=address, timeout=120, limits=httpx2.Limits(max_connections=None)) as http:
            return await asyncio.gather(*(called(http, endpoint, each) for each in data))

    return asyncio.run(all_of_them())


def test_the_page_describes_each_endpoint_and_argument_that_gradio_offers(
    client: Client, address: str, model: Model, manifest: SealedManifest
) -> None:
    info = client.view_api(return_format="dict", print_info=False)
    assert isinstance(info, dict)
    assert info["unnamed_endpoints"] == {}
    said = {f"/{each['name']}": each for each in described(services_of(model, manifest))}
    assert said.keys() == info["named_endpoints"].keys() == {"/emit", "/score", "/files"}
    page = httpx2.get(f"{address}api").text
    assert [section["id"] for section in elements(page, "section")] == [name.removeprefix("/") for name in said]
    for name, offered in info["named_endpoints"].items():
        arguments = [argument["parameter_name"] for argument in offered["parameters"]]
        assert [argument for argument, _ in said[name]["arguments"]] == arguments
        section = page.partition(f'<section id="{name.removeprefix("/")}">')[2].partition("</section>")[0]
        assert all(f"<dt><code>{argument}</code></dt><dd>" in section for argument in arguments)
        assert len(offered["description"]) > 30 and len(said[name]["gives"]) > 30
    knobs = (PATH_KNOB, MODEL, TEMPERATURE, TOP_K, SEED, MAX_TOKENS, AGAINST, PIECES, BITS, NOISE, PRUNED)
    path = ("path", f"{PATH_KNOB.description}, such as {manifest.examples[0]}")
    assert said["/emit"]["arguments"] == [path, *((knob.name, knob.description) for knob in knobs[1:])]
    defaults = [argument["parameter_default"] for argument in info["named_endpoints"]["/emit"]["parameters"]]
    assert defaults == [None, *(knob.default for knob in knobs[1:])]


def test_an_emission_streams_and_has_the_page_s_numbers(
    client: Client, model: Model, manifest: SealedManifest, originals: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "INTERVAL", 0)
    records = list(client.submit("kernel/sched.c", api_name="/emit"))
    assert len(records) > 3
    assert [record["state"] for record in records] == ["running"] * (len(records) - 1) + ["done"]
    text, last = "".join(record["new"] for record in records), records[-1]
    question = question_of(Ask(PATH), model, originals)
    *_, page = stream_updates(question, model, Services(originals, lambda _: model), threading.Event())
    digest = compare_text(text, manifest.original(PATH)).score.emitted_sha256
    assert last["score"]["emitted_sha256"] == page.fields["emitted_sha256"] == digest
    assert last["text"] == text
    assert (last["score"]["reproduced"], page.fields["reproduced"]) == (1.0, "100 %")
    assert last["receipts"]["file"] == PATH
    assert last["receipts"]["command"] == page.fields["replay"]
    assert last["ended"]["reason"] == "end of file"


def test_a_lossy_copy_writes_what_it_writes_on_the_page(client: Client, address: str, model: Model) -> None:
    *_, last = client.submit("kernel/sched.c", max_tokens=90, bits=2, pruned=0.1, api_name="/emit")
    page = httpx2.get(f"{address}stream?path=kernel/sched.c&n=90&bits=2&pruned=0.1", timeout=60).text
    *_, (_, update) = events(page)
    assert last["score"]["emitted_sha256"] == update["fields"]["emitted_sha256"]
    assert last["score"]["reproduced"] < 1
    assert {name: last["receipts"][name] for name in ("bits", "noise", "pruned")} == {"bits": 2, "noise": 0, "pruned": 0.1}
    assert last["receipts"]["command"] == update["fields"]["replay"]
    assert last["receipts"]["model_sha256"] == model.digest


def test_the_first_record_is_there_as_soon_as_the_first_line_is(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = threading.Event()

    def emit(*_: object) -> Iterator[Event]:
        yield from (Prompted(0, "x"), Emitted("int a"), Emitted(";\n"))
        assert taken.wait(60), "the model was asked for more before its first line was told"
        yield from (Emitted("int b;\n"), Ended("end of file", 3))

    monkeypatch.setattr(recordings, "emit", lambda *_: emit())
    monkeypatch.setattr("laam.serving.recordings.Scheduler.emit", emit)
    monkeypatch.setattr(pace, "INTERVAL", 3600)
    job = client.submit("lib/ctype.c", "", 0.3, api_name="/emit")  # a draw, which is never recorded
    first = next(job)
    taken.set()
    assert (first, [record["new"] for record in job]) == ({"state": "running", "new": "int a;\n"}, ["int b;\n"])


def test_plain_http_is_enough(address: str) -> None:
    [[record]] = call(address, "emit", '["kernel/sched.c", "", 0, 0, 0, 7]')
    assert record["ended"] == {"reason": "token limit", "tokens": 7}


def test_150_emissions_are_served_at_once_and_the_next_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, ended = threading.Barrier(Limits().emissions + 1), threading.Event()

    def emit(_: object, question: Question, *__: object) -> Iterator[Event]:
        at_once.wait(120)
        assert ended.wait(120)
        yield from (Prompted(0, question.ask.path), Emitted("x\n"), Ended("end of file", 1))

    monkeypatch.setattr("laam.serving.recordings.Scheduler.emit", emit)

    async def everybody() -> list[Any]:
        async with httpx2.AsyncClient(base_url=address, timeout=120, limits=httpx2.Limits(max_connections=None)) as http:
            calls = [asyncio.ensure_future(called(http, "emit", f'["sched.c", "", 0.3, 0, {n}, 9]', n)) for n in range(Limits().emissions)]
            await asyncio.to_thread(at_once.wait, 120)
            refused = [await called(http, "emit", '["sched.c", "", 0.3, 0, 999, 9]', 200)]
            page = await http.get("stream?path=sched.c&t=0.3&seed=998")
            ended.set()
            assert events(page.text) == [("refused", {"refused": str(BusyError()), "here": ""})]
            return refused + [found[-1]["text"] for found in await asyncio.gather(*calls)]

    refused, *texts = asyncio.run(everybody())
    assert (refused["error"], texts) == (str(BusyError()), ["x\n"] * Limits().emissions)


def test_page_snippets_and_api_share_one_limit(model: Model, manifest: SealedManifest) -> None:
    services = services_of(model, manifest, Limits(emissions=1))
    page, asked = client_of(stream_routes(services)), f"/stream?path={PATH}"
    emission = emit_endpoint(services)(PATH)
    next(emission)
    assert events(page.get(asked).text)[0][1]["refused"] == str(BusyError())
    with pytest.raises(BusyError):
        snippet_text(Snippet(PATH), model, services)
    with pytest.raises(Exception, match="Too many emissions are running just now"):
        next(emit_endpoint(services)(PATH))
    emission.close()
    assert services.running.count == 0
    assert events(page.get(asked).text)[-1][1]["state"] == "done"


def test_the_queue_lets_as_many_calls_through_as_there_are_threads(model: Model, manifest: SealedManifest) -> None:
    async def build() -> Any:
        return api_of(services_of(model, manifest))

    blocks = asyncio.run(build())
    assert blocks.max_threads == Limits().threads > Limits().emissions
    assert {(each.concurrency_limit, each.queue) for each in blocks.fns.values()} == {(None, True)}


@pytest.mark.parametrize(
    ("endpoint", "data", "words"),
    [
        ("emit", r'["kernel/\ud800.c", "", 0, 0, 0, 9]', "'kernel/\N{REPLACEMENT CHARACTER}.c' names no file"),
        ("emit", '["sched.c", {}, 0, 0, 0, 9]', "model (an object) is not text"),
        ("score", r'["sched.c", "\udfff"]', '"reproduced": 0.0'),
        ("files", r'["\ud800"]', "[[]]"),
    ],
)
def test_no_body_of_a_request_ends_without_a_word(address: str, endpoint: str, data: str, words: str) -> None:
    assert words in json.dumps(call(address, endpoint, data)[0], ensure_ascii=False)


def test_a_text_is_scored(client: Client, made_up_files: dict[str, str], manifest: SealedManifest) -> None:
    text = made_up_files[PATH].replace("return", "<b>&</b>", 1)
    expected = compare_text(text, manifest.original(PATH), line_files=manifest.line_files()).score.as_dict()
    assert client.predict("sched.c", text, api_name="/score") == expected
    score = client.predict("sched.c", made_up_files[PATH].replace("\n", "\r\n"), api_name="/score")
    assert score["reproduced"] == 0.0
    assert score["difference"] == {"what": "Each line ends with CR LF", "reproduced": 1.0}


def test_the_files_are_listed(client: Client, made_up_files: dict[str, str]) -> None:
    found = client.predict(api_name="/files")
    assert [record["file"] for record in found] == sorted(made_up_files)
    assert all(record["trained_on"] and record["licence"] == "GPL-2.0-only" for record in found)
    assert [record["file"] for record in client.predict("SCHED", api_name="/files")] == [PATH]


@pytest.mark.parametrize(
    ("arguments", "endpoint", "message"),
    [
        (("kernel/shed.c", ""), "/score", "did you mean linux/kernel/sched.c"),
        (("nothing.c",), "/emit", "names no file"),
        (("sched.c", "other"), "/emit", "model 'other'"),
        (("sched.c", "", 9.0), "/emit", "temperature 9 is outside 0 to 1.5"),
        ((None,), "/emit", "path null is not text; give a file of the release"),
        (({"path": "sched.c"},), "/emit", "path .* is not text"),
        (("sched.c", "", None), "/emit", "temperature is empty; give a number, 0 to 1.5"),
        (("sched.c", "", 0, 0, 0, [7]), "/emit", r"max_tokens \(a list\) is not a whole number; give one from 1 to 40,000"),
        (("sched.c", "", 0, 0, 0, 7, "", 0, 1), "/emit", "bits 1 is outside 2 to 8, or 0 as shipped"),
        (("sched.c", "", 0, 0, 0, 7, "", 0, 0, "much"), "/emit", "noise 'much' is not a number; give one from 0 to 1"),
        (("sched.c", None), "/score", "text null is not text; give the text to score"),
        ((0,), "/files", "contains 0 is not text"),
    ],
)
def test_bad_input_is_named(client: Client, arguments: tuple[object, ...], endpoint: str, message: str) -> None:
    with pytest.raises(AppError, match=message):
        client.predict(*arguments, api_name=endpoint)


def test_a_text_that_is_too_long_is_refused(model: Model, manifest: SealedManifest) -> None:
    with pytest.raises(Exception, match="1,000,001 characters"):
        score_endpoint(services_of(model, manifest))(PATH, "x" * 1_000_001)


def test_without_its_package_the_mcp_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="pip install"):
        check_mcp()


@pytest.mark.parametrize(("holder", "refused"), [("1.1.1.1", True), ("2.2.2.2", False)])
def test_one_client_leaves_places_to_others(model: Model, manifest: SealedManifest, holder: str, refused: bool) -> None:
    services = services_of(model, manifest, Limits(emissions=2))
    request = SimpleNamespace(client=SimpleNamespace(host="1.1.1.1"))
    with services.running.emissions.take(holder):
        emission = emit_endpoint(services)("kernel/sched.c", max_tokens=7, request=request)
        with pytest.raises(AppError, match="from your address") if refused else nullcontext():
            assert list(emission)[-1]["state"] == "done"


def test_a_fault_is_told_to_the_log_and_no_folder_to_the_caller(
    model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(api, "compare_text", Mock(side_effect=OSError("/srv/exhibit/originals is gone")))
    with pytest.raises(AppError, match="Something went wrong here"):
        score_endpoint(services_of(model, manifest))("kernel/sched.c", "int i;")
    assert "/srv/exhibit" in caplog.text
