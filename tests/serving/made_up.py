"""The share routes as an application of their own, on the tiny model."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.compare.credit import CreditedText
from laam.compare.live import Comparison
from laam.corpus.catalog import SourceFile
from laam.corpus.originals import Originals
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.receipts import Receipts
from laam.model.model import Model
from laam.serving.limits import Limits, Running
from laam.serving.results import Result
from laam.serving.services import Services

LIMITS = Limits()


def services_of(model: Model, manifest: SealedManifest, limits: Limits = LIMITS) -> Services:
    def find(name: str) -> Model:
        if name in ("", model.name):
            return model
        raise ValueError(f"model {name!r} is not here")

    return Services(Originals(manifest, "sealed", Path("no cache")), find, running=Running(limits))


def client_of(*routers: object) -> TestClient:
    app = FastAPI()
    for router in routers:
        app.include_router(router)  # type: ignore[arg-type]
    return TestClient(app)


def result_of(compared: Comparison | CreditedText, **facts: Any) -> Result:
    """A kept result with receipts that somebody made up."""
    path = compared.original.file.path if isinstance(compared, Comparison) else ""
    file = SourceFile(path, 1, 1, "", "GPL-2.0-only", "COPYING", "", ("© 1999 [Ada] <Example>",), (), "kernel") if path else None
    receipts = Receipts(Ask(path, model="made-up"), file, "path", "<prompt>", "0123456789abcdef" * 4)
    return Result(compared, receipts, SHIPPED, given="a path, and no source text", rows=compared.rows, **facts)
