"""Many files as one, for a page that is a single file: a frame without an origin can load no second script."""

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "(\.{1,2}/[\w./]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import url\("([\w.]+)"\)( \w+)?;\n', re.MULTILINE)

_INLINED = """
export function inlined() {
  const wasm = Uint8Array.from(atob(KERNEL), (character) => character.charCodeAt(0));
  return { wasm, worker: `data:text/javascript,${encodeURIComponent(WORKER)}` };
}
"""


def bundle_engine(engine: Path) -> str:
    """A module for the inside of `<script type="module">`: what engine.js exports, and `inlined()`, which gives `createEngine` its
    `wasm` and `worker`. `engine`: the folder of the engine."""
    return in_script(bundle_module(engine, "engine.js") + inlined_module(engine))


def inlined_module(engine: Path) -> str:
    """A module with `inlined()` alone."""
    kernel = base64.b64encode((engine / "engine.wasm").read_bytes()).decode()
    constants = {"WORKER": bundle_module(engine, "worker.js"), "KERNEL": kernel}
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in constants.items()) + _INLINED


def bundle_module(folder: Path, entrance: str, made: Mapping[str, str] | None = None) -> str:
    """A module and all modules that it imports, joined: each that is imported is a function that runs once and gives what it exports.

    `made`: modules that are not read but made, by their path below `folder`.
    """
    known = {(folder / name).resolve(): text for name, text in (made or {}).items()}
    names: dict[Path, str] = {}
    parts: list[str] = []

    def joined(file: Path) -> str:
        def imported(match: re.Match[str]) -> str:
            other = (file.parent / match[2]).resolve()
            if other not in names:
                names[other] = f"module{len(names)}"
                text = joined(other)
                exports = ", ".join(_EXPORT.findall(text))
                parts.append(f"const {names[other]} = (() => {{\n{_EXPORT.sub('', text)}\nreturn {{ {exports} }};\n}})();\n")
            return f"const {match[1].replace(' as ', ': ')} = {names[other]};\n"

        return _IMPORT.sub(imported, known.get(file) or file.read_text("utf-8"))

    text = joined((folder / entrance).resolve())
    return "".join(parts) + text


def bundle_style(file: Path) -> str:
    """A style sheet with those that it imports from its folder."""

    def imported(match: re.Match[str]) -> str:
        text, media = bundle_style(file.parent / match[1]), match[2]
        return f"@media{media} {{\n{text}}}\n" if media else text

    return _STYLE_IMPORT.sub(imported, file.read_text("utf-8"))


def in_script(module: str) -> str:
    """A module as it may stand inside `<script>`."""
    return module.replace("</", "<\\/")
