"""The whole application on the tiny model."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.exhibit import server
from laam.exhibit.server import build_app
from laam.serving.background import Recorder
from laam.settings import Settings
from tests.model.conftest import library_pauses as library_pauses


@pytest.fixture
def anyio_backend() -> str:
    """What runs the tests that are coroutines."""
    return "asyncio"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0)


def built(settings: Settings) -> FastAPI:
    """The application, built inside an event loop: outside of one, Gradio makes some of its own and leaves them open."""

    async def build() -> FastAPI:
        return build_app(settings)

    return asyncio.run(build())


@pytest.fixture(scope="module", autouse=True)
def no_recorder() -> Iterator[None]:
    """Without the thread that records and looks at what was recorded: a test does that itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recorder, "start", lambda _: None)
        yield


@pytest.fixture(scope="module")
def exhibit(settings: Settings) -> Iterator[TestClient]:
    """The whole application, without its thread that warms the model up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_warm_up", lambda *_: None)
        with TestClient(built(settings)) as client:
            yield client
