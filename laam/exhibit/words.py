"""What the page says of what can be asked for: the names to choose from, and which model answers."""

from dataclasses import dataclass

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.model.obtain import AUTO
from laam.model.spec import EMBEDDED
from laam.serving.faults import for_visitors
from laam.serving.fields import written_by

_ABOUT_MODELS = {
    AUTO: "the published 5M if it is at hand, else the embedded one",
    EMBEDDED.name: "trained for this exhibit, and shipped with it · licence of its weights not settled",
    "published-5m": "M. Bommarito 2024 · MIT · gives the first 512 tokens of a file",
    "published-32m": "M. Bommarito 2024 · MIT · larger, gives the first 1,024 tokens of a file",
}


@dataclass(frozen=True)
class Choice:
    """A model that can be picked. `absent`: whether it can't be had now; the label says why."""

    name: str
    label: str
    absent: bool


@dataclass(frozen=True)
class Shown:
    """What the page says of the model that answers and of the originals; `models.js` shows it too.

    `model`: in a few words; `written_by`: as an emission names it; `picked`: the name of its choice. `pieces`: whether it saw files in
    pieces. `sentences`: which model and which originals these are, and why. `names`: see `file_names`. `fault`: why it isn't the model
    that was picked.
    """

    model: str
    written_by: str
    picked: str
    pieces: bool
    sentences: tuple[str, ...]
    source_info: str
    choices: tuple[Choice, ...]
    names: list[tuple[str, bool]]
    fault: str = ""


def shown(chosen: Chosen, chooser: ModelChooser, originals: Originals, picked: str = "") -> Shown:
    """What the page says of a model. `picked`: the name that a visitor picked, if it is not the first choice."""
    model, manifest = chosen.model, originals.manifest
    wanted = picked or chooser.names[0]
    fault = not_what_was_picked(wanted, chosen) if picked else ""
    absent = chooser.absent()
    return Shown(
        model=f"{model.name}, {model.parameters / 1e6:.1f} M",
        written_by=written_by(model)["model"],
        picked=model.name if fault else wanted,
        pieces=model.format.in_pieces,
        sentences=tuple(map(for_visitors, (chosen.line, wording.model_size(model.parameters), originals.line))),
        source_info=wording.source_info(model, manifest),
        choices=tuple(Choice(name, _label(name, absent.get(name, "")), name in absent) for name in chooser.names),
        names=file_names(model, manifest),
        fault=" ".join(filter(None, (fault, model.fault))),
    )


def _label(name: str, fault: str) -> str:
    about = [f"can’t be had: {for_visitors(fault)}"] if fault else []
    return ": ".join(filter(None, (name, " · ".join([*about, _ABOUT_MODELS.get(name, "")]).strip(" ·"))))


def not_what_was_picked(picked: str, chosen: Chosen) -> str:
    """A sentence if another model answers than the one that was picked; else empty."""
    if picked in (AUTO, chosen.model.name):
        return ""
    return f"{picked} can’t be had here now. Showing: {chosen.model.name}."


def file_names(model: Model, manifest: SealedManifest) -> list[tuple[str, bool]]:
    """Each file's name, and whether it is marked as one that the model was trained on: those come first. None is marked if all are."""
    learned = [model.learned(file) for file in manifest.catalog]
    marked = not all(learned)
    named = [(file.path.removeprefix("linux/"), one and marked) for file, one in zip(manifest.catalog, learned, strict=True)]
    return sorted(named, key=lambda name: not name[1])
