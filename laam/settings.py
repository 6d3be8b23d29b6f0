"""The environment, read once into one frozen dataclass."""

import os
import re
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

_PACKAGE = Path(__file__).resolve().parent
ASSETS = _PACKAGE / "assets" if (_PACKAGE / "assets").is_dir() else _PACKAGE.parent / "assets"
"""Inside the package if it was installed from a wheel, beside it in a checkout."""
EXHIBIT = "LAAM_EXHIBIT"
SURVEY = "LAAM_SURVEY"
SURVEY_FILE = "survey.json"
"""What a survey is of; it lies in the survey's folder."""
SEALED_SUFFIX = ".sealed"
MANIFEST = f"manifest{SEALED_SUFFIX}"
"""What the manifest is called in an exhibit's folder."""
_NUMBERS = {
    **dict.fromkeys(("GRADIO_NUM_PORTS", "GRADIO_NODE_NUM_PORTS", "GRADIO_ANALYTICS_MAX_EVENTS", "GRADIO_DEBUG"), "Gradio"),
    **dict.fromkeys(("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"), "huggingface_hub"),
    "WEB_CONCURRENCY": "Uvicorn",
}
"""What libraries read as numbers while they are imported, or as they run, and end in a traceback about; with the library's name."""
_PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""The networks in which a Hugging Face Space's proxies stand."""
_TRUE = ("1", "true", "yes", "on")  # the hub's own library reads its variables the same way
_FALSE = ("0", "false", "no", "off", "")


def _at_home(path: str) -> Path:
    """A path with `~` made out. Whoever has no home gets a folder of that name where temporary files go."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"home-{os.getuid()}" / path.removeprefix("~").lstrip("/")


@dataclass(frozen=True)
class Settings:
    """The exhibit's choices, folders and addresses. Nothing here is read from the environment a second time."""

    host: str = "127.0.0.1"
    port: int = 7860
    model: str = "auto"
    """`auto` (the published 5M model once it is cached or fetched, else the embedded one), or a name that `model_spec` takes."""
    assets: Path = ASSETS
    """Templates, style and scripts, and the shipped exhibit."""
    cache: Path = field(default_factory=lambda: _at_home("~/.cache/laam"))
    originals: str = "auto"
    """`auto` (the release, downloaded once), `sealed`, or a tarball or folder of the release."""
    offline: bool = False
    """Whether the exhibit may ask nothing of the network."""
    public_url: str = ""
    """The exhibit's public address, for its links; empty: the address in a request's headers."""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """The addresses and networks whose `X-Forwarded-…` headers say who asks, and for which address."""
    framed_by: str = ""
    """The site whose pages may frame every page of the exhibit; an embed may be framed by any."""
    record: bool = True
    """Whether emissions are recorded while nobody asks for anything."""
    mcp: bool = False
    """Whether the API is offered to language models as well, by an MCP server."""
    exhibit: Path | None = None
    """The folder of the exhibit that is shown, as `laam exhibit` makes it; None: the shipped one, which is `assets` itself."""
    release: str = ""
    """Another manifest than the exhibit's own: a file, or a name in its folder `sealed/`; empty: its own."""
    survey: Path | None = None
    """The folder of a survey that the exhibit shows, as `laam survey` makes it."""

    @property
    def exhibit_folder(self) -> Path:
        """Where the exhibit's manifest, words, model, atlas and lab lie."""
        return self.exhibit or self.assets

    @property
    def manifest_file(self) -> Path:
        if self.release.endswith(SEALED_SUFFIX):
            return Path(self.release)
        return self.exhibit_folder / (f"sealed/{self.release}{SEALED_SUFFIX}" if self.release else MANIFEST)

    @property
    def embedded_folder(self) -> Path:
        """The exhibit's own model."""
        return self.exhibit_folder / "model"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from GRADIO_SERVER_NAME, GRADIO_SERVER_PORT, LAAM_EXHIBIT, LAAM_RELEASE, LAAM_MODEL, LAAM_CACHE, LAAM_ORIGINALS,
    LAAM_ADDRESS, LAAM_PROXIES, LAAM_RECORD, LAAM_MCP, LAAM_SURVEY and HF_HUB_OFFLINE.

    On a Hugging Face Space (SPACE_ID is set) the exhibit listens on all addresses unless told otherwise, SPACE_HOST is its name, its
    proxies stand in a private network, and huggingface.co frames it.
    Raises ValueError, which names the variable and its value.
    """
    defaults = Settings()
    port = environment.get("GRADIO_SERVER_PORT") or str(defaults.port)
    if not _is_number(port) or not 0 < int(port) < 65_536:
        raise ValueError(f"GRADIO_SERVER_PORT is {port!r}; give a port number, 1 to 65535")
    for name, library in _NUMBERS.items():
        if not _is_number(environment.get(name, "0")):
            raise ValueError(f"{name} is {environment[name]!r}; give a number, or unset it: {library} reads it")
    if (hub := environment.get("HF_ENDPOINT")) and not _is_web_address(hub):
        raise ValueError(
            f"HF_ENDPOINT is {_without_password(hub)!r}; give the address of a hub, such as https://huggingface.co, or unset it"
        )
    address = environment.get("LAAM_ADDRESS") or (f"https://{space}" if (space := environment.get("SPACE_HOST")) else "")
    if address and not _is_web_address(address):
        raise ValueError(f"LAAM_ADDRESS is {address!r}; give the whole address, such as https://example.org/laam")
    exhibit = _at_home(folder) if (folder := environment.get(EXHIBIT)) else None
    if exhibit and not (exhibit / MANIFEST).is_file():
        raise ValueError(f"{EXHIBIT} is {str(exhibit)!r}, and no {MANIFEST} is there; give a folder that `laam exhibit` made")
    survey = _at_home(folder) if (folder := environment.get(SURVEY)) else None
    if survey and not (survey / SURVEY_FILE).is_file():
        raise ValueError(f"{SURVEY} is {str(survey)!r}, and no {SURVEY_FILE} is there; give the --out folder of `laam survey`")
    release = environment.get("LAAM_RELEASE") or ""
    if not re.fullmatch(r"(?:\w[\w.-]*)?|.+\.sealed", release):
        raise ValueError(f"LAAM_RELEASE is {release!r}; give a file that ends in {SEALED_SUFFIX}, or the name of one in sealed/")
    on_space = bool(environment.get("SPACE_ID"))
    return Settings(
        host=environment.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if on_space else defaults.host),
        port=int(port),
        exhibit=exhibit,
        release=str(_at_home(release)) if release.endswith(SEALED_SUFFIX) else release,
        model=environment.get("LAAM_MODEL") or ("embedded" if exhibit else defaults.model),
        cache=_at_home(environment.get("LAAM_CACHE") or str(defaults.cache)),
        originals=str(_at_home(environment.get("LAAM_ORIGINALS") or defaults.originals)),
        public_url=address.rstrip("/"),
        proxies=_proxies(environment.get("LAAM_PROXIES", ""), (*defaults.proxies, *(_PRIVATE if on_space else ()))),
        framed_by="https://huggingface.co" if on_space else "",
        record=_switch(environment, "LAAM_RECORD", "on"),
        mcp=_switch(environment, "LAAM_MCP", "off"),
        survey=survey,
        offline=environment.get("HF_HUB_OFFLINE", "").lower() in _TRUE,
    )


def check_address(settings: Settings) -> None:
    """Raises ValueError, which names the variables, if nothing can listen where the settings say. Nothing listens there afterwards."""
    where = f"GRADIO_SERVER_NAME {settings.host!r}, GRADIO_SERVER_PORT {settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a host"
        raise ValueError(f"the exhibit can't listen at {where}: {reason}") from error


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _is_web_address(text: str) -> bool:
    """Whether it is a scheme, a host and perhaps a path, which links can be made of."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or re.search(r"[\s\"'<>\\]", text))
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain


def _proxies(names: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses and networks that a variable names; `none` for none of them. Raises ValueError."""
    listed = tuple(name for part in names.split(",") if (name := part.strip()))
    if listed == ("none",):
        return ()
    for name in listed:
        try:
            ip_network(name, strict=False)
        except ValueError:
            sentence = "give the addresses or networks of your proxies, such as 10.0.0.1,192.168.0.0/16, or none"
            raise ValueError(f"LAAM_PROXIES is {names!r}; {sentence}") from None
    return listed or default


def _without_password(address: str) -> str:
    return re.sub(r"[^/]*@", "", address)


def _switch(environment: Mapping[str, str], name: str, default: str) -> bool:
    word = (environment.get(name) or default).lower()
    if word not in (*_TRUE, *_FALSE):
        raise ValueError(f"{name} is {word!r}; give on or off")
    return word in _TRUE
