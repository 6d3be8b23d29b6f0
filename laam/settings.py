"""The environment, read once into one frozen dataclass."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
_TRUE = ("1", "true", "yes", "on")  # the hub's own library reads its variables the same way


@dataclass(frozen=True)
class Settings:
    """The exhibit's choices, folders and addresses. Nothing here is read from the environment a second time."""

    host: str = "127.0.0.1"
    port: int = 7860
    model: str = "auto"
    """`auto` (the published 5M model once it is cached or fetched, else the embedded one), or a name that `model_spec` takes."""
    assets: Path = ASSETS
    cache: Path = Path("~/.cache/laam")
    originals: str = "auto"
    """`auto` (the release, downloaded once), `sealed`, or a tarball or folder of the release."""
    offline: bool = False
    """Whether the exhibit may ask nothing of the network."""
    public_url: str = ""
    """The exhibit's public address, for its links; empty: the address in a request's headers."""
    record: bool = True
    """Whether the shipped model's emissions are recorded while nobody asks for anything."""
    mcp: bool = False
    """Whether the API is offered to language models as well, by an MCP server."""
    release: str = "linux-1.0"
    """Which release is shown: the name of its manifest in `assets/sealed/`."""

    @property
    def manifest_file(self) -> Path:
        return self.assets / "sealed" / f"{self.release}.sealed"

    @property
    def embedded_folder(self) -> Path:
        return self.assets / "model"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from GRADIO_SERVER_NAME, GRADIO_SERVER_PORT, LAAM_RELEASE, LAAM_MODEL, LAAM_CACHE, LAAM_ORIGINALS, LAAM_ADDRESS,
    LAAM_RECORD, LAAM_MCP and HF_HUB_OFFLINE.

    On a Hugging Face Space (SPACE_ID is set) the exhibit listens on all addresses unless told otherwise, and SPACE_HOST is its name.
    Raises ValueError, which names the variable and its value.
    """
    defaults = Settings()
    port = environment.get("GRADIO_SERVER_PORT") or str(defaults.port)
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"GRADIO_SERVER_PORT is {port!r}; give a port number, 1 to 65535")
    address = environment.get("LAAM_ADDRESS") or (f"https://{space}" if (space := environment.get("SPACE_HOST")) else "")
    if address and not address.startswith(("http://", "https://")):
        raise ValueError(f"LAAM_ADDRESS is {address!r}; give the whole address, such as https://example.org/laam")
    release = (environment.get("LAAM_RELEASE") or defaults.release).removesuffix(".sealed")
    if not re.fullmatch(r"\w[\w.-]*", release):
        raise ValueError(f"LAAM_RELEASE is {release!r}; give the name of a manifest in assets/sealed, such as {defaults.release}")
    return Settings(
        host=environment.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if environment.get("SPACE_ID") else defaults.host),
        port=int(port),
        release=release,
        model=environment.get("LAAM_MODEL") or defaults.model,
        cache=Path(environment.get("LAAM_CACHE") or defaults.cache).expanduser(),
        originals=str(Path(environment.get("LAAM_ORIGINALS") or defaults.originals).expanduser()),
        public_url=address.rstrip("/"),
        record=(environment.get("LAAM_RECORD") or "on").lower() in _TRUE,
        mcp=environment.get("LAAM_MCP", "").lower() in _TRUE,
        offline=environment.get("HF_HUB_OFFLINE", "").lower() in _TRUE,
    )
