"""Other sites: hosts of plain files, with nothing behind them, and of a page that holds something of the exhibit's."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

from laam.model.pack import pack_model
from laam.settings import Settings
from tests.loopback import Handler, listening


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        if self.path.startswith("/open/"):
            self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def plain_host(root: Path) -> Iterator[str]:
    """Serves the folder `root`; gives the address. What is below `open/` may be read by any page."""
    with listening(partial(_Handler, directory=str(root))) as address:
        yield address


@contextmanager
def engine_host(root: Path) -> Iterator[str]:
    """The same with the browser's engine and the shipped model: `open/engine`, `open/model.safetensors` and `closed/model.safetensors`."""
    settings = Settings()
    shutil.copytree(settings.assets / "engine", root / "open" / "engine")
    model = pack_model(settings.embedded_folder)
    for name in ("open", "closed"):
        (root / name).mkdir(exist_ok=True)
        (root / name / "model.safetensors").write_bytes(model)
    with plain_host(root) as address:
        yield address


@contextmanager
def blog(html: str, **headers: str) -> Iterator[str]:
    """Another site, on a port of its own, with one page, sent with these headers."""

    class Page(Handler):
        def respond(self) -> None:
            self.send_response(200)
            for name, value in {"Content_Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>A post</title>{html}".encode())

    with listening(Page) as address:
        yield f"{address}/"
