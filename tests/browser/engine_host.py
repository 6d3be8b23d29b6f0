"""Hosts of plain files, with nothing behind them."""

import functools
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from laam.model.pack import pack_model
from laam.settings import Settings


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
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
