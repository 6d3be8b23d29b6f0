"""The share routes as an application of their own, on the tiny model."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.exhibit.results import Results
from laam.exhibit.running import Running
from laam.exhibit.sources import Sources
from laam.model.zoo import Model


def sources_of(model: Model, manifest: SealedManifest, results: Results | None = None) -> Sources:
    def find(name: str) -> Model:
        if name in ("", model.name):
            return model
        raise ValueError(f"model {name!r} is not here")

    return Sources(Originals(manifest, "sealed", Path("no cache")), find, results or Results(), Running())


def client_of(*routers: object) -> TestClient:
    app = FastAPI()
    for router in routers:
        app.include_router(router)  # type: ignore[arg-type]
    return TestClient(app)
