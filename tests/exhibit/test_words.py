from dataclasses import replace

import pytest

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.exhibit.words import file_names, shown
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.settings import Settings

PATH = "linux/kernel/sched.c"


@pytest.fixture
def chooser(settings: Settings) -> ModelChooser:
    return ModelChooser("embedded", settings)


def test_which_model_and_which_originals_these_are_is_said_and_why(chooser: ModelChooser, originals: Originals, published: Model) -> None:
    ours = shown(chooser.current(), chooser, originals)
    assert "shipped with it" in ours.sentences[0]
    assert originals.line in ours.sentences
    assert (ours.picked, ours.pieces, ours.fault) == ("embedded", False, "")
    theirs = shown(Chosen(published, "Another is here by now."), chooser, originals, "embedded")
    assert (theirs.sentences[0], theirs.pieces) == ("Another is here by now.", True)
    assert f"reads the last {published.window // 2} tokens of it" in theirs.source_info
    assert theirs.fault == "Our own model can’t be had here now. Showing: the model published."
    assert theirs.lead == ours.lead  # which is of the model that is shown to all


def test_a_choice_says_what_the_model_is_and_why_it_can_not_be_had(
    chooser: ModelChooser, originals: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chooser, "absent", lambda: {"published-5m": "this server is <offline>"})
    choices = {choice.name: choice for choice in shown(chooser.current(), chooser, originals).choices}
    assert list(choices) == list(chooser.names)
    assert [name for name, choice in choices.items() if choice.absent] == ["published-5m"]
    assert choices["published-5m"].label == (
        "Bommarito’s published model, 4.7 million numbers · can’t be had: this server is <offline> · MIT · "
        "from a name at most 11.97 % of all bytes, and 76 of 506 files whole"
    )
    assert choices["auto"].label == "Bommarito’s published model if it is here, or else our own model"
    assert choices["embedded"].label.startswith("our own model, ") and choices["embedded"].label.endswith(
        "· licence not settled · all 3 files whole"
    )


def test_files_that_the_model_was_trained_on_come_first_and_are_marked_unless_all_are(
    model: Model, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {marked for _, marked in file_names(model, manifest)} == {False}
    some = replace(model)
    monkeypatch.setitem(vars(some), "trained_on", {PATH: model.trained_on[PATH]})
    assert file_names(some, manifest)[0] == ("kernel/sched.c", True)
    assert [marked for _, marked in file_names(some, manifest)] == [True, False, False]
