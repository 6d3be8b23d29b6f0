"""What the page says of what can be asked for: the names to choose from, which model answers, and why something can't be asked."""

import re
from pathlib import Path
from typing import Any

from laam.corpus.catalog import UnknownFile
from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.model.chooser import Chosen, ModelChooser
from laam.model.model import Model
from laam.model.obtain import AUTO
from laam.model.spec import EMBEDDED
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError
from laam.templates import template_environment

_TREE = re.compile(r"^\s*(?:\./|/?usr/src/)+|\s+$")
_LICENCE_TEXTS = re.compile(r"(?:^|/)(COPYING|README|Makefile|CREDITS)\s*$", re.IGNORECASE)

_ABOUT_MODELS = {
    AUTO: "the published 5M if it is at hand, else the embedded one",
    EMBEDDED.name: "trained for this exhibit, and shipped with it · licence of its weights not settled",
    "published-5m": "M. Bommarito 2024 · MIT · gives the first 512 tokens of a file",
    "published-32m": "M. Bommarito 2024 · MIT · the same, larger",
}


def cleaned_name(path: Any) -> Any:
    """A file's name as it was typed, without the folder that a source tree usually lies in; what is no text stays as it is."""
    return _TREE.sub("", path) if isinstance(path, str) else path


def refused(error: ValueError | BusyError, manifest: SealedManifest) -> dict[str, Any]:
    """What the page's script shows under the field: a sentence, names that can be asked for instead, and whether the name can be asked
    for as it stands."""
    if not isinstance(error, UnknownFile):
        return {"run": "", "refused": for_visitors(error).rstrip(".") + ".", "suggestions": []}
    return {"run": "", "anyway": _is_a_name(error.query, manifest), **_instead(error, manifest)}


def _is_a_name(query: str, manifest: SealedManifest) -> bool:
    try:
        return bool(manifest.catalog.path_as_named(query))
    except UnknownFile:
        return False


def _instead(error: UnknownFile, manifest: SealedManifest) -> dict[str, Any]:
    release, examples = manifest.release.title, list(manifest.examples[:2])
    query = error.query.strip()[:120]
    suggestions = [path.removeprefix("linux/") for path in error.suggestions]
    if licence := _LICENCE_TEXTS.search(query):
        is_gpl = manifest.release.licences.release.expression.startswith("GPL-2")
        wrote, read = ("GPL-2 code", "the GPL") if is_gpl else (f"the code of {release}", "its licence")
        said = f"No model here ever saw {licence[1]}. It writes {wrote}, and never read {read}. Try"
        return {"refused": said, "suggestions": examples}
    if " file" in str(error) and "names no file" not in str(error):  # a folder, or a name that several files have
        return {"refused": f"More than one file is called {query}. Choose one:", "suggestions": suggestions}
    said = f"{release} has no {query}." + (" Did you mean" if suggestions else " Try")
    return {"refused": said, "suggestions": suggestions or examples}


def model_choices(chooser: ModelChooser) -> list[tuple[str, str]]:
    """What the picker shows, and what it stands for; of a model that can't be had, why not."""
    absent = chooser.absent()
    return [(_choice(name, absent.get(name, "")), name) for name in chooser.names]


def _choice(name: str, fault: str) -> str:
    about = [f"can’t be had: {for_visitors(fault)}"] if fault else []
    return ": ".join(filter(None, (name, " · ".join([*about, _ABOUT_MODELS.get(name, "")]).strip(" ·"))))


def not_what_was_picked(picked: str, chosen: Chosen) -> str:
    """A sentence if another model answers than the one that was picked; else empty."""
    if picked in (AUTO, chosen.model.name):
        return ""
    return f"{picked} can’t be had here now. Showing: {chosen.model.name}."


class Said:
    """The pieces of HTML that depend on the model and the originals, from the templates in `page_assets`."""

    def __init__(self, originals: Originals, chooser: ModelChooser, page_assets: Path) -> None:
        self._originals, self._chooser, self._pages = originals, chooser, template_environment(page_assets)

    def quiet_line(self, chosen: Chosen, fault: str = "") -> str:
        """The buttons that open what is seldom needed; they name the model that answers. `fault`: what could not be had."""
        model = chosen.model
        return self._pages.get_template("quiet.html").render(
            model=f"{model.name}, {model.parameters / 1e6:.1f} M",
            sealed=not self._originals.has_text,
            fault=" ".join(filter(None, (fault, model.fault))),
            here=len(self._chooser.here),
            absent=" ".join(self._chooser.absent()),
        )

    def reasons(self, chosen: Chosen) -> str:
        """Which model and which originals these are, and why."""
        sentences = map(for_visitors, (chosen.line, wording.model_size(chosen.model.parameters), self._originals.line))
        return self._pages.get_template("reasons.html").render(sentences=sentences)

    def source_info(self, model: Model) -> str:
        """What stands beside the box for source."""
        return wording.source_info(model, self._originals.manifest)

    def names(self, model: Model) -> str:
        """The names to choose from, for the field's list."""
        return self._pages.get_template("names.html").render(names=file_names(model, self._originals.manifest))


def file_names(model: Model, manifest: SealedManifest) -> list[tuple[str, bool]]:
    """Each file's name, and whether it is marked as one that the model was trained on: those come first. None is marked if all are."""
    learned = [model.learned(file) for file in manifest.catalog]
    marked = not all(learned)
    named = [(file.path.removeprefix("linux/"), one and marked) for file, one in zip(manifest.catalog, learned, strict=True)]
    return sorted(named, key=lambda name: not name[1])
