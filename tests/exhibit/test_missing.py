"""Files whose names can't be looked up."""

import asyncio
import errno

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from laam.exhibit.missing import NoSuchFile


@pytest.mark.parametrize("folder", ["static", "assets", "page", "engine", "live"])
@pytest.mark.parametrize("name", ["x" * 300, "x/" * 3000, "x%00y", "%ff%fe", "x" * 300 + ".js"])
def test_a_name_of_no_file_is_not_there(exhibit: TestClient, folder: str, name: str) -> None:
    assert exhibit.get(f"/{folder}/{name}").status_code == 404


def test_a_fault_of_the_machine_stays_one() -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        raise OSError(errno.EMFILE, "no descriptors")

    with pytest.raises(OSError, match="no descriptors"):
        TestClient(NoSuchFile(breaks)).get("/static/x")


def test_an_answer_that_says_itself_that_it_failed_is_passed_on() -> None:
    app = FastAPI()

    @app.get("/static/x", status_code=500)
    def failed() -> str:
        return "why"

    answer = TestClient(NoSuchFile(app)).get("/static/x")
    assert (answer.status_code, answer.json()) == (500, "why")


def test_a_file_that_breaks_in_the_middle_is_no_404() -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise OSError("torn")

    async def ask() -> list[object]:
        sent: list[object] = []

        async def send(message: object) -> None:
            sent.append(message)

        with pytest.raises(OSError, match="torn"):
            await NoSuchFile(breaks)({"type": "http", "path": "/static/x", "method": "GET"}, None, send)  # type: ignore[arg-type]
        return sent

    assert len(asyncio.run(ask())) == 1
