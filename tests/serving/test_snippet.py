import pytest

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import ask_of_query
from laam.model.model import Model
from laam.serving.limits import BusyError, Limits
from laam.serving.snippet import Snippet, snippet_text
from tests.serving.made_up import services_of

PATH = "linux/kernel/sched.c"


def test_only_what_was_not_recorded_takes_a_place(model: Model, manifest: SealedManifest) -> None:
    full = services_of(model, manifest, Limits(emissions=0))
    with pytest.raises(BusyError):
        snippet_text(Snippet(PATH), model, full)
    for _ in full.recordings.play(full.question(ask_of_query({"path": PATH}))[0], model).events:
        pass
    assert snippet_text(Snippet(PATH), model, full)
