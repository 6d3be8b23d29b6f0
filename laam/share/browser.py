"""What a visitor's own browser needs to run the shipped model: the packed model, the sealed originals, and the scripts."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from laam.corpus.originals import SEALED, Originals
from laam.corpus.sealed import SealedManifest
from laam.model.model import Model
from laam.model.pack import pack_model
from laam.model.pack_rounding import pack_rounding
from laam.serving.browser import seal_for_browser

SCRIPTS = ("engine", "live")  # folders of assets
CACHE = {"Cache-Control": "public, max-age=86400"}  # the address of each file holds its digest


@dataclass(frozen=True)
class Packed:
    """The files: the model, the sealed originals, and what the model is rounded to fewer bits with. `files`: each by its sha256; `facts`:
    what the page's script must know of them, with addresses relative to the page's. Both are made once: digests over 8 MB take longer than
    to send what they name."""

    model: bytes
    sealed: bytes
    rounding: bytes
    files: dict[str, bytes] = field(init=False)
    facts: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        model, sealed, rounding = (sha256(data).hexdigest() for data in (self.model, self.sealed, self.rounding))
        object.__setattr__(self, "files", {model: self.model, sealed: self.sealed, rounding: self.rounding})
        addresses = {"model": f"browser/{model}.safetensors", "sealed": f"browser/{sealed}.safetensors"}
        facts = {**addresses, "sha256": model, "bytes": len(self.model), "sealedSha256": sealed}
        object.__setattr__(self, "facts", facts | {"rounding": f"browser/{rounding}.safetensors", "roundingSha256": rounding})


class Packer:
    """Packs once, when somebody asks for it first. Safe under several threads. `model`: gives the shipped model."""

    def __init__(self, model: Callable[[], Model], manifest: SealedManifest, cache: Path) -> None:
        self._model, self._originals = model, Originals(manifest, SEALED, cache)
        self._lock = threading.Lock()
        self._packed: Packed | None = None

    def packed(self) -> Packed:
        """The files. Raises ValueError for a model that no browser runs."""
        with self._lock:
            if self._packed is None:
                model = self._model()
                sealed = seal_for_browser(self._originals, model, self._originals.manifest.catalog.files)
                self._packed = Packed(pack_model(model.folder), sealed, pack_rounding(model.folder))
            return self._packed


def add_browser_routes(app: FastAPI, packer: Packer, assets: Path) -> None:
    """`/browser.json` with the facts, the files that it names, and the scripts."""
    router = APIRouter()

    @router.get("/browser.json")
    def facts() -> dict[str, Any]:
        """Where the model and the sealed originals are, and their digests."""
        return packer.packed().facts

    @router.get("/browser/{digest}.safetensors")
    def file(digest: str) -> Response:
        """The model, or one of the others, by the file's sha256."""
        found = packer.packed().files.get(digest)
        if found is None:
            return Response("There is no such file here; load the page again.", 404, media_type="text/plain")
        return Response(found, media_type="application/octet-stream", headers=CACHE)

    app.include_router(router)
    for name in SCRIPTS:
        app.mount(f"/{name}", StaticFiles(directory=assets / name))
