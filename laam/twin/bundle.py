"""The browser's engine as one script, for a page that is a single file: a frame without an origin can load no second file."""

import base64
import json
import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)

_PARTS = """
export function inlined() {
  const wasm = Uint8Array.from(atob(KERNEL), (character) => character.charCodeAt(0));
  return { wasm, worker: `data:text/javascript,${encodeURIComponent(WORKER)}` };
}
"""


def bundle_engine(engine: Path) -> str:
    """A module for the inside of `<script type="module">`: what engine.js exports, and `inlined()`, which gives `createEngine` its
    `wasm` and `worker`. `engine`: the folder of the engine."""
    kernel = base64.b64encode((engine / "engine.wasm").read_bytes()).decode()
    constants = {"WORKER": bundle_module(engine, "worker.js"), "KERNEL": kernel}
    lines = [f"const {name} = {json.dumps(value)};\n" for name, value in constants.items()]
    return (bundle_module(engine, "engine.js") + "".join(lines) + _PARTS).replace("</", "<\\/")


def bundle_module(folder: Path, entrance: str) -> str:
    """A module and all modules that it imports from its folder, joined. No two of them may define the same name at their top level."""
    parts: dict[str, str] = {}

    def add(name: str) -> None:
        text = (folder / name).read_text()
        for needed in _IMPORT.findall(text):
            if needed not in parts:
                add(needed)
        parts[name] = _IMPORT.sub("", text)

    add(entrance)
    return "\n".join(parts.values())
