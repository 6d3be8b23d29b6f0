"""The share routes as an application of their own, on the tiny model."""

import threading
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.emission import EmissionRequest
from laam.exhibit.results import Results
from laam.exhibit.running import Running
from laam.exhibit.sources import Sources
from laam.exhibit.updates import Update, stream_updates
from laam.model.zoo import Model


def sources_of(model: Model, manifest: SealedManifest, results: Results | None = None) -> Sources:
    def find(name: str) -> Model:
        if name in ("", model.name):
            return model
        raise ValueError(f"model {name!r} is not here")

    results = results or Results()

    def stream(request: EmissionRequest, model: Model, stop: threading.Event) -> Iterator[Update]:
        return stream_updates(request, model, manifest, results, stop)

    return Sources(manifest.catalog, find, manifest.original, manifest.line_files, stream, results, Running())


def client_of(*routers: object) -> TestClient:
    app = FastAPI()
    for router in routers:
        app.include_router(router)  # type: ignore[arg-type]
    return TestClient(app)
