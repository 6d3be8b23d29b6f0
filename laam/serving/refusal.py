"""Why something can't be asked, as the page says it under its field."""

import re
from typing import Any

from laam.corpus.catalog import UnknownFile
from laam.corpus.names import without_top
from laam.corpus.sealed import SealedManifest
from laam.emission.pair import pair_of
from laam.model.model import Model
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError

_TREE = re.compile(r"^\s*(?:\./|/?usr/src/)+|\s+$")


def cleaned_name(path: str) -> str:
    """A file's name as it was typed, without the folder that a source tree usually lies in."""
    return _TREE.sub("", path)


def refused(error: ValueError | BusyError, manifest: SealedManifest, model: Model | None = None) -> dict[str, Any]:
    """What the page says under the field: a sentence, names that can be asked for instead, and the name itself if it can be asked for as
    it stands. `model`: which was asked."""
    if not isinstance(error, UnknownFile):
        return {"refused": for_visitors(error).rstrip(".") + "."}
    return {"anyway": error.query if _is_a_name(error.query, manifest) else "", **_instead(error, manifest, model)}


def _is_a_name(query: str, manifest: SealedManifest) -> bool:
    try:
        return bool(manifest.catalog.path_as_named(query))
    except UnknownFile:
        return False


def _instead(error: UnknownFile, manifest: SealedManifest, model: Model | None) -> dict[str, Any]:
    release, examples = manifest.release.title, list(manifest.examples[:2])
    query = error.query.strip()[:120]
    suggestions = [without_top(path) for path in error.suggestions]
    if said := model and pair_of(model, manifest).never_saw(query):
        return {"refused": f"{said} Try", "suggestions": examples}
    if suggestions and "names no file" not in str(error):  # a folder, or a name that several files have
        return {"refused": f"More than one file is called {query}. Choose one:", "suggestions": suggestions}
    said = f"{release} has no {query}." + (" Did you mean" if suggestions else " Try")
    return {"refused": said, "suggestions": suggestions or examples}
