"""What is shown to whoever has asked for nothing follows what the models were seen to do."""

from dataclasses import replace

import pytest

from laam.corpus.originals import Originals
from laam.exhibit.first import First
from laam.measure.recorded import RecordedScores
from laam.measure.seen import Seen
from laam.model.chooser import ModelChooser
from laam.model.model import Model
from laam.serving.opening import Opening
from laam.serving.services import Services
from laam.settings import Settings

SHORT, EXAMPLE, REST = "linux/lib/ctype.c", "linux/kernel/sched.c", "linux/init/main.c"


@pytest.fixture
def first(settings: Settings, published: Model, originals: Originals) -> First:
    """An exhibit that shows the tiny published model, of which nothing is known yet."""
    chooser = ModelChooser(str(published.folder), replace(settings, model=str(published.folder)))
    services = Services(originals, lambda name: chooser.get(name).model if name else chooser.current().model)
    seen = Seen(RecordedScores(services.recordings, originals.manifest), (), originals.manifest)
    return First(chooser, services, seen, Opening())


def test_the_opening_is_our_own_model_s_until_something_is_known_of_the_one_that_answers(first: First) -> None:
    shown = first.chooser.current().model
    first.look(shown)
    assert [model.name for model, _ in [first.opening()]] == ["embedded"]
    begun, ended = first.played.updates
    assert begun["fields"]["mode_note"].startswith("of our own model: nothing to show is known of the model ")
    question = next(iter(first.questions(shown)))
    first.services.recordings.record(question, shown)
    first.look(shown)
    assert first.opening()[0] == shown
    begun, ended = first.played.updates
    assert (begun["fields"]["model_name"], ended["fields"]["file"]) == (shown.name, SHORT)
    assert "our own" not in begun["fields"]["mode_note"]


def test_what_fits_into_the_window_is_recorded_first_and_the_rest_if_something_came(first: First) -> None:
    shown, own = first.chooser.current().model, first.chooser.get("embedded").model
    assert [question.ask.path for question in first.questions(shown)] == [SHORT, EXAMPLE]
    asked = []
    for question in first.questions(shown):
        asked.append((question.ask.path, question.ask.lossy.bits))
        first.services.recordings.record(question, shown)
        first.look(shown)
    as_shipped = [path for path, bits in asked if not bits]
    assert as_shipped == [SHORT, EXAMPLE, REST]
    assert [path for path, bits in asked if bits] == [SHORT] * (len(asked) - 3)  # the opening's, with fewer bits
    assert [question.ask.path for question in first.questions(own)] == [EXAMPLE, REST, SHORT]  # it has no window to fit into
