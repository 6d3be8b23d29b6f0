from collections.abc import Mapping
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from laam.corpus.sealed import SealedManifest
from laam.emission.emit import Emitted, Ended, Prompted
from laam.measure.atlas import Atlas
from laam.model.model import Model
from laam.serving import recordings
from laam.serving.jobs import Rank
from laam.serving.recordings import Recordings
from laam.serving.summary import Summaries
from laam.share.compare_models import compare_models_routes
from tests.measure.test_atlas import atlas, row
from tests.serving.made_up import Watched, client_of, services_of

PATH = "linux/kernel/sched.c"


@pytest.fixture
def watched() -> Watched:
    return Watched()


def client(
    model: Model, published: Model, manifest: SealedManifest, watched: Recordings, elsewhere: Mapping[str, Atlas] | None = None
) -> TestClient:
    models = {model.name: model, published.name: published}
    services = replace(services_of(model, manifest), model=lambda name: models[name], recordings=watched)
    return client_of(compare_models_routes(services, Summaries(services), lambda: list(models), lambda: elsewhere or {}))


def test_no_model_runs_for_the_rows_but_the_one_that_is_asked_for(
    model: Model, published: Model, manifest: SealedManifest, watched: Watched
) -> None:
    visitor = client(model, published, manifest, watched)
    theirs, ours = visitor.get("/compare?path=sched.c").json()
    assert (ours["model_name"], ours["query"]) == (model.name, f"path={PATH}&model={model.name}")
    assert {ours["reproduced"], theirs["reproduced"], ours["ticks"], theirs["ticks"]} == {""}
    assert theirs["model"].startswith(f"the model {published.name}, ")
    assert watched.asked == []
    for name in (model.name, published.name):
        [made] = visitor.get(f"/compare?path=sched.c&model={name}").json()
        assert made["model_name"] == name
    assert {rank for _, rank in watched.asked} == {Rank.BACKGROUND}
    theirs, ours = visitor.get("/compare?path=sched.c").json()
    assert (ours["reproduced"], set(ours["ticks"])) == ("100 %", {"="})
    assert ours["said"].endswith("lines, sha256 identical ✓")
    assert theirs["reproduced"] == "100 %"
    assert theirs["said"].startswith("of its window, ")
    assert set(theirs["ticks"]) == {"=", "…", "."}


def test_beside_the_number_stands_what_was_written_instead(
    model: Model, published: Model, manifest: SealedManifest, made_up_files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [Prompted(0, "x"), Emitted(made_up_files[PATH]), Ended("end of file", 9)]
    monkeypatch.setattr(recordings, "emit", lambda *_: (event for event in written))
    [made] = client(model, published, manifest, Recordings()).get(f"/compare?path=init/main.c&model={model.name}").json()
    assert made["said"] == "it wrote kernel/sched.c"


def test_a_published_model_that_is_not_here_is_known_by_its_atlas(
    model: Model, published: Model, manifest: SealedManifest, watched: Watched
) -> None:
    original = manifest.original(PATH)
    lines = original.file.lines
    written = sum(original.lengths[:2])
    gave = row(PATH, against=PATH, original_lines=lines, exact_lines=2, exact="1-2", emitted_characters=written, closed=False)
    measured = {"published-5m": replace(atlas(), rows=[gave])}
    first, *_ = client(model, published, manifest, watched, measured).get("/compare?path=sched.c").json()
    assert (first["model_name"], first["model_licence"], first["query"]) == ("published-5m", "MIT", "")
    assert (first["reproduced"], first["said"]) == ("100 %", "of its window, 40.0 % of the file")
    assert first["ticks"] == "==" + "." * (lines - 2)
