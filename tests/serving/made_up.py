"""The share routes as an application of their own, on the tiny model."""

import threading
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
from laam.emission.transcript import Finished
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.limits import Limits, Running
from laam.serving.recordings import Playing, Recordings
from laam.serving.scheduler import Scheduler
from laam.serving.services import Services

LIMITS = Limits()


def services_of(model: Model, manifest: SealedManifest, limits: Limits = LIMITS) -> Services:
    def find(name: str) -> Model:
        if name in ("", model.name):
            return model
        raise ValueError(f"model {name!r} is not here")

    return Services(Originals(manifest, "sealed", Path("no cache")), find, running=Running(limits))


class Watched(Recordings):
    """Notes what each emission asked for, and fails for the files in `broken`."""

    def __init__(self) -> None:
        super().__init__(scheduler=Scheduler())
        self.asked: list[tuple[Ask, Rank]] = []
        self.broken: set[str] = set()

    def play(self, question: Any, model: Model, rank: Rank = Rank.VISITOR, stop: threading.Event | None = None) -> Playing:
        self.asked.append((question.ask, rank))
        if question.ask.path in self.broken:
            raise RuntimeError("no")
        return super().play(question, model, rank, stop)


def client_of(*routers: object) -> TestClient:
    app = FastAPI()
    for router in routers:
        app.include_router(router)  # type: ignore[arg-type]
    return TestClient(app)


def result_of(compared: Comparison | CreditedText, **facts: Any) -> Finished:
    """A kept result with receipts that somebody made up."""
    path = compared.original.file.path if isinstance(compared, Comparison) else ""
    file = SourceFile(path, 1, 1, "", "GPL-2.0-only", "COPYING", "", ("© 1999 [Ada] <Example>",), (), "kernel") if path else None
    receipts = Receipts(Ask(path, model="made-up"), file, "path", "<prompt>", "0123456789abcdef" * 4)
    return Finished(compared, receipts, SHIPPED, given="a path, and no source text", **facts)
