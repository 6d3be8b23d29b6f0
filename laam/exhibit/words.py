"""What the page says of what can be asked for: the names to choose from, and which model answers."""

from dataclasses import dataclass

from laam.corpus.names import without_top
from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission import conditions, wording
from laam.emission.naming import model_in_words
from laam.emission.pair import lead, pair_of, pair_of_published
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.model.obtain import AUTO
from laam.model.spec import EMBEDDED, NAMED, PUBLISHED
from laam.serving.faults import for_visitors
from laam.serving.fields import written_by


@dataclass(frozen=True)
class Choice:
    """A model that can be picked. `absent`: whether it can't be had now; the label says why."""

    name: str
    label: str
    absent: bool


@dataclass(frozen=True)
class Shown:
    """What the page says of the model that answers and of the originals; `models.js` shows it too.

    `lead`: what the page says first, of the model that is shown to all and of our own. `whose`: the model, in words; `model`: with its
    size, as an emission names it; `picked`: the name of its choice.
    `pieces`: whether it saw files in pieces. `sentences`: which model and which originals these are, and why. `names`: see `file_names`.
    `fault`: why it isn't the model that was picked. `chips`, `snippets`: what to try, as HTML.
    """

    lead: tuple[str, ...]
    whose: str
    model: str
    picked: str
    pieces: bool
    sentences: tuple[str, ...]
    source_info: str
    choices: tuple[Choice, ...]
    names: list[tuple[str, bool]]
    fault: str = ""
    chips: str = ""
    snippets: str = ""


def shown(chosen: Chosen, chooser: ModelChooser, originals: Originals, picked: str = "") -> Shown:
    """What the page says of a model. `picked`: the name that a visitor picked, if it is not the first choice."""
    model, manifest = chosen.model, originals.manifest
    wanted = picked or chooser.names[0]
    fault = not_what_was_picked(wanted, chosen) if picked else ""
    absent, own = chooser.absent(), chooser.get(EMBEDDED.name).model
    return Shown(
        lead=tuple(lead(pair_of(chooser.current().model, manifest), pair_of(own, manifest))),
        whose=model_in_words(model.name),
        model=written_by(model)["model"],
        picked=model.name if fault else wanted,
        pieces=model.format.in_pieces,
        sentences=tuple(map(for_visitors, (chosen.line, wording.model_size(model.parameters), originals.line))),
        source_info=conditions.source_info(model, manifest),
        choices=tuple(Choice(name, _label(name, chooser, manifest, absent.get(name, "")), name in absent) for name in chooser.names),
        names=file_names(model, manifest),
        fault=" ".join(filter(None, (fault, model.fault))),
    )


def _label(name: str, chooser: ModelChooser, manifest: SealedManifest, fault: str) -> str:
    """A choice in words; for one that can't be had, why."""
    reason = f"can’t be had: {for_visitors(fault)}" if fault else ""
    if name == AUTO:
        return f"{model_in_words(PUBLISHED[0].name)} if it is here, or else {model_in_words(EMBEDDED.name)}"
    if model := chooser.at_hand(name):
        pair = pair_of(model, manifest)
    elif name in NAMED:
        pair = pair_of_published(NAMED[name], manifest)
    else:
        return " · ".join(filter(None, (model_in_words(name), reason)))
    return " · ".join(filter(None, (pair.words, reason, pair.weights, pair.in_short)))


def not_what_was_picked(picked: str, chosen: Chosen) -> str:
    """A sentence if another model answers than the one that was picked; else empty."""
    if picked in (AUTO, chosen.model.name):
        return ""
    return f"{wording.capital(model_in_words(picked))} can’t be had here now. Showing: {model_in_words(chosen.model.name)}."


def file_names(model: Model, manifest: SealedManifest) -> list[tuple[str, bool]]:
    """Each file's name, and whether it is marked as one that the model was trained on: those come first. None is marked if all are."""
    learned = [model.learned(file) for file in manifest.catalog]
    marked = not all(learned)
    named = [(without_top(file.path), one and marked) for file, one in zip(manifest.catalog, learned, strict=True)]
    return sorted(named, key=lambda name: not name[1])
