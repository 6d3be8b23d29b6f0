import pytest

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import ask_of_query
from laam.model.model import Model
from laam.serving.limits import BusyError, Limits
from laam.serving.snippet import Snippet, snippet_text, snippets
from tests.serving.made_up import services_of

PATH = "linux/kernel/sched.c"


def test_snippets_are_of_the_examples_that_the_model_knows(model: Model, manifest: SealedManifest) -> None:
    offered = snippets(manifest, model)
    assert offered == [Snippet(PATH), Snippet(PATH, from_middle=True)]  # the one example that the made-up tree has
    assert [snippet.label for snippet in offered] == ["the first lines of sched.c", "from the middle of sched.c"]


def test_only_what_was_not_recorded_takes_a_place(model: Model, manifest: SealedManifest) -> None:
    full = services_of(model, manifest, Limits(emissions=0))
    with pytest.raises(BusyError):
        snippet_text(Snippet(PATH), model, full)
    for _ in full.recordings.play(full.question(ask_of_query({"path": PATH}))[0], model).events:
        pass
    assert snippet_text(Snippet(PATH), model, full)
