"""The endpoints, through gradio_client and through plain HTTP, on a server of their own."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
import uvicorn
from gradio_client import Client
from gradio_client.exceptions import AppError

from laam.compare.live import compare_text
from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.exhibit import api
from laam.exhibit.api import check_mcp, emit_endpoint, files_endpoint, score_endpoint
from laam.exhibit.server import build_app
from laam.knobs import MAX_TOKENS, MODEL, SEED, TEMPERATURE, TOP_K
from laam.knobs import PATH as PATH_KNOB
from laam.model.model import Model
from laam.serving import pace
from laam.serving.limits import Limits
from laam.serving.services import Services
from laam.serving.updates import stream_updates
from laam.settings import Settings
from tests.serving.made_up import services_of

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


def test_these_are_the_only_endpoints_and_each_is_described(client: Client) -> None:
    info = client.view_api(return_format="dict", print_info=False)
    assert isinstance(info, dict)
    assert set(info["named_endpoints"]) == {"/emit", "/score", "/files"}
    assert info["unnamed_endpoints"] == {}
    assert all(len(endpoint["description"]) > 30 for endpoint in info["named_endpoints"].values())
    arguments = {
        argument["parameter_name"]: (argument["python_type"]["description"], argument["parameter_default"])
        for endpoint in info["named_endpoints"].values()
        for argument in endpoint["parameters"]
    }
    assert list(arguments) == ["path", "model", "temperature", "top_k", "seed", "max_tokens", "text", "contains"]
    for knob in (PATH_KNOB, MODEL, TEMPERATURE, TOP_K, SEED, MAX_TOKENS):
        assert arguments[knob.name] == (knob.description, None if knob is PATH_KNOB else knob.default)
    assert all(description for description, _ in arguments.values())


def test_an_emission_streams_and_has_the_page_s_numbers(
    client: Client, model: Model, manifest: SealedManifest, originals: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "INTERVAL", 0)
    records = list(client.submit("kernel/sched.c", api_name="/emit"))
    assert len(records) > 3
    assert [record["state"] for record in records] == ["running"] * (len(records) - 1) + ["done"]
    text, last = "".join(record["new"] for record in records), records[-1]
    page = list(stream_updates(question_of(Ask(PATH), model, originals), model, Services(originals, lambda _: model), threading.Event()))[
        -1
    ]
    assert (
        last["score"]["emitted_sha256"] == page.fields["emitted_sha256"] == compare_text(text, manifest.original(PATH)).score.emitted_sha256
    )
    assert last["text"] == text
    assert (last["score"]["reproduced"], page.fields["reproduced"]) == (1.0, "100 %")
    assert last["receipts"]["file"] == PATH
    assert last["receipts"]["command"] == page.fields["replay"]
    assert last["ended"]["reason"] == "end of file"


def test_plain_http_is_enough(address: str) -> None:
    with httpx2.Client(base_url=address, timeout=60) as http:
        answer = http.post("gradio_api/call/emit", json={"data": ["kernel/sched.c", "", 0, 0, 0, 7]})
        stream = http.get(f"gradio_api/call/emit/{answer.json()['event_id']}").text
    [record] = json.loads(stream.strip().rpartition("data: ")[2])
    assert record["ended"] == {"reason": "token limit", "tokens": 7}


@pytest.mark.parametrize(
    ("endpoint", "data", "words"),
    [
        ("emit", r'["kernel/\ud800.c"]', "'kernel/\N{REPLACEMENT CHARACTER}.c' names no file"),
        ("emit", "[]", "path null is not text; give a source file"),
        ("emit", '["sched.c", {}]', "model (an object) is not text"),
        ("score", r'["sched.c", "\udfff"]', '"reproduced": 0.0'),
        ("files", r'["\ud800"]', "[[]]"),
    ],
)
def test_no_body_of_a_request_ends_without_a_word(address: str, endpoint: str, data: str, words: str) -> None:
    with httpx2.Client(base_url=address, timeout=60) as http:
        answer = http.post(
            f"gradio_api/call/{endpoint}", content=f'{{"data": {data}}}', headers={"Content-Type": "application/json"}
        ).json()
        stream = http.get(f"gradio_api/call/{endpoint}/{answer['event_id']}").text
    assert words in json.dumps(json.loads(stream.strip().rpartition("data: ")[2]), ensure_ascii=False)


def test_a_text_is_scored(client: Client, made_up_files: dict[str, str], manifest: SealedManifest) -> None:
    text = made_up_files[PATH].replace("return", "<b>&</b>", 1)
    expected = compare_text(text, manifest.original(PATH), line_files=manifest.line_files()).score.as_dict()
    assert client.predict("sched.c", text, api_name="/score") == expected


def test_a_score_tells_what_the_whole_text_differs_in(client: Client, made_up_files: dict[str, str]) -> None:
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
        (("kernel/printk.c", 5), "/emit", "model 5 is not text; give the model's name"),
        ((None,), "/emit", "path null is not text; give a source file"),
        ((["sched.c"],), "/emit", r"path \(a list\) is not text"),
        (({"path": "sched.c"},), "/emit", "path .* is not text"),
        (("sched.c", "", None), "/emit", "temperature is empty; give a number, 0 to 1.5"),
        (("sched.c", "", 0, "x"), "/emit", "top_k 'x' is not a whole number; give one from 0 to 200"),
        (("sched.c", "", 0, 0, {}), "/emit", r"seed \(an object\) is not a whole number"),
        (("sched.c", "", 0, 0, 0, [7]), "/emit", r"max_tokens \(a list\) is not a whole number; give one from 1 to 40,000"),
        ((7, ""), "/score", "path 7 is not text"),
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


def test_closing_an_emission_ends_it(model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "INTERVAL", 0)
    services = services_of(model, manifest)
    stream = emit_endpoint(services)(PATH)
    next(stream)
    assert services.running.count == 1
    stream.close()
    assert services.running.count == 0
    assert len(files_endpoint(services)("")) == 3


def test_without_its_package_the_mcp_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="pip install"):
        check_mcp()


@pytest.mark.parametrize(("holder", "refused"), [("1.1.1.1", True), ("2.2.2.2", False)])
def test_one_client_leaves_places_to_others(model: Model, manifest: SealedManifest, holder: str, refused: bool) -> None:
    services = services_of(model, manifest, Limits(api=2))
    request = SimpleNamespace(client=SimpleNamespace(host="1.1.1.1"))
    with services.running.api.take(holder):
        emission = emit_endpoint(services)("kernel/sched.c", max_tokens=7, request=request)
        with pytest.raises(AppError, match="from your address") if refused else nullcontext():
            assert list(emission)[-1]["state"] == "done"


def test_a_fault_is_told_to_the_log_and_no_folder_to_the_caller(
    model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise OSError("/srv/exhibit/originals is gone")

    monkeypatch.setattr(api, "compare_text", breaks)
    with pytest.raises(AppError, match="Something went wrong here"):
        score_endpoint(services_of(model, manifest))("kernel/sched.c", "int i;")
    assert "/srv/exhibit" in caplog.text
