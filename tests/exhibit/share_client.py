"""The share routes as an application of their own, on the tiny model."""

from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.exhibit.results import Results
from laam.exhibit.running import Running
from laam.exhibit.sources import Sources
from laam.exhibit.summary import Summaries
from laam.model.zoo import Model


def sources_of(model: Model, manifest: SealedManifest, results: Results | None = None) -> Sources:
    def find(name: str) -> Model:
        if name in ("", model.name):
            return model
        raise ValueError(f"model {name!r} is not here")

    return Sources(manifest.catalog, find, manifest.original, manifest.line_files, results or Results(), Running())


@dataclass(frozen=True)
class Shared:
    """A client of some routes, and what they work on."""

    client: TestClient
    sources: Sources
    summaries: Summaries


def client_of(*routers: object) -> TestClient:
    app = FastAPI()
    for router in routers:
        app.include_router(router)  # type: ignore[arg-type]
    return TestClient(app)
