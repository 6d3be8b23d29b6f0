from dataclasses import replace

from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.model.model import Model
from laam.serving.summary import Summaries
from laam.share.compare_models import compare_models_routes
from tests.serving.made_up import client_of, services_of

PATH = "linux/kernel/sched.c"


def client(model: Model, published: Model, manifest: SealedManifest) -> TestClient:
    models = {model.name: model, published.name: published}
    services = replace(services_of(model, manifest), model=lambda name: models[name])
    return client_of(compare_models_routes(Summaries(services), lambda: list(models)))


def test_each_model_says_what_it_gives_of_the_file(model: Model, published: Model, manifest: SealedManifest) -> None:
    ours, theirs = client(model, published, manifest).get("/compare?path=sched.c").json()
    assert (ours["reproduced"], set(ours["ticks"]), ours["query"]) == ("100 %", {"="}, f"path={PATH}&model={model.name}")
    assert ours["said"].endswith("lines, sha256 identical ✓")
    assert theirs["model"].startswith(f"the model {published.name}, ")
    assert (theirs["reproduced"], theirs["of"], theirs["kind"]) == ("100 %", "window", "part")
    assert 0 < float(theirs["said"].partition(" % of the file, ")[0]) < 50
    assert set(theirs["ticks"]) == {"=", "…", "."}
