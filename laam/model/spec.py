"""What a model's name means: the embedded model, a published one, a folder, or a repository of the hub."""

import re
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # public, but not marked so for mypy

_HUB_ID = re.compile(r"(?P<repo>[\w.-]{1,96}/[\w.-]{1,96})(?:@(?P<revision>[\w.-][\w./-]{0,199}))?", re.ASCII)


@dataclass(frozen=True)
class Ceiling:
    """The most that a model which saw files in pieces can give from paths alone, whatever its weights hold, of the release that it was
    trained on.

    A path is asked for by the first piece only: its header, and as many tokens of the file as there is room for then. `bytes`: of all files
    together, those that lie in first pieces; `files`: those that lie in theirs whole.
    """

    bytes: int
    of_bytes: int
    files: int
    of_files: int

    @property
    def share(self) -> str:
        """`bytes` ÷ `of_bytes`, in words, with two decimals."""
        return f"{100 * self.bytes / self.of_bytes:.2f} %"


@dataclass(frozen=True)
class Publication:
    """What is known of a published model before its weights are here. `parameters`: by its config.json; `window`: in tokens, the length
    of a piece. `licence`: of its weights, as they were published."""

    parameters: int
    window: int
    ceiling: Ceiling
    licence: str = "MIT"


@dataclass(frozen=True)
class ModelSpec:
    """Where a model is: in a local folder, or in a repository of the hub.

    Attributes:
        name: What it is called, on the page and in `LAAM_MODEL`.
        folder: The local folder; None for a model of the hub, and for the embedded one, which `Settings` knows.
        repo: `owner/name` on the hub; empty for a local one.
        revision: A commit (40 hexadecimal digits if it is pinned), a tag or a branch.
        weights_sha256: The sha256 that `model.safetensors` must have; empty if it isn't pinned.
        publication: None for a model that is no published one.
    """

    name: str
    folder: Path | None = None
    repo: str = ""
    revision: str = ""
    weights_sha256: str = ""
    publication: Publication | None = None


EMBEDDED = ModelSpec("embedded")
PUBLISHED = (
    ModelSpec(
        "published-5m",
        repo="mjbommar/linux-as-a-model-5M",
        revision="d8dda28c72efb3cc534c6c056ba411af8183ce89",
        weights_sha256="c935bfab187e7ba208481d2ca8f12d49ee10045914afb153ed9dc65e437450a6",
        publication=Publication(4_662_464, 512, Ceiling(543_295, 4_537_588, 76, 506)),
    ),
    ModelSpec(
        "published-32m",
        repo="mjbommar/linux-as-a-model-32M",
        revision="8b832ccc27579d4a86968addbf6b55b6d974e63d",
        weights_sha256="d1cb352f62f012a979246cc9c5c148eb29e7fee01bc39d9e873468fd69ed7466",
        publication=Publication(31_728_384, 1024, Ceiling(978_771, 4_537_588, 142, 506)),
    ),
)
PUBLISHED_NAMES = frozenset(spec.name for spec in PUBLISHED)
NAMED = {spec.name: spec for spec in (EMBEDDED, *PUBLISHED)}


def folder_name(folder: Path) -> str:
    """What a model's folder is called where its path is nobody's business: its last part, or the one before `model`, as `train` does."""
    return folder.parent.name if folder.name == "model" and folder.parent.name else folder.name


def model_spec(name: str) -> ModelSpec:
    """The specification of a name: `embedded`, `published-5m`, `published-32m`, a folder, or `owner/name[@revision]`.

    A name that is both a folder and a hub id means the folder. Raises ValueError for a name that is none of these.
    """
    if name in NAMED:
        return NAMED[name]
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return ModelSpec(name, folder=folder)
    match = _HUB_ID.fullmatch(name)
    try:
        if match is None or ".." in name:
            raise HFValidationError
        validate_repo_id(match["repo"])
    except HFValidationError:
        known = ", ".join(map(repr, NAMED))
        raise ValueError(f"model {name[:200]!r} is unknown; give {known}, a model folder, or a hub id: owner/name@revision") from None
    return ModelSpec(name, repo=match["repo"], revision=match["revision"] or "main")
