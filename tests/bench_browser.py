"""The model in a real Chromium's workers against CTranslate2 on the same machine, and whether every file comes out exactly.

python -m tests.bench_browser [FILES]

Writes FILES of the files that the model gives exactly (all by default), spread over their sizes, and ends with 1 if one of them is not
identical. Prints what a visitor downloads, and tokens a second for one file: CTranslate2 with one stream and with segments side by side,
the browser with 1, 2 and all workers.
"""

import gzip
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Ended, emit
from laam.emission.question import Question
from laam.model.model import Model, open_model
from laam.model.pack import pack_model
from laam.settings import Settings
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.engine_host import engine_host
from tests.known import exact_files

TIMED = "linux/kernel/sched.c"
MAX_WORKERS = 8  # that the page starts, on a machine of so many cores
OPEN = """async ({ address, workers }) => {
  window.engine?.close();
  const { createEngine } = await import(`${address}/open/engine/engine.js`);
  const began = performance.now();
  const at = (name) => `${address}/open/${name}`;
  window.engine = await createEngine({
    wasm: at("engine/engine.wasm"), worker: at("engine/worker.js"), model: at("model.safetensors"), workers,
  });
  return { workers: engine.workers, seconds: (performance.now() - began) / 1000 };
}"""
EMIT = "({ path, size }) => engine.emit(path, { size }).then(({ text, ...result }) => result)"


def print_sizes() -> None:
    """Bytes on the wire, compressed as a host does."""
    engine = Settings().assets / "engine"
    scripts = b"".join(file.read_bytes() for file in sorted(engine.glob("*.js")))
    parts = {"model": pack_model(Settings().embedded_folder), "kernel": (engine / "engine.wasm").read_bytes(), "scripts": scripts}
    print("; ".join(f"{name} {len(data):,} bytes, {len(gzip.compress(data, 6)):,} compressed" for name, data in parts.items()))


def time_native(model: Model) -> None:
    """CTranslate2 on the timed file: as `emit` streams it, and with all segments side by side, in one thread."""
    began = time.perf_counter()
    *_, ended = emit(Question(Ask(TIMED)), model)
    assert isinstance(ended, Ended)
    print(f"CTranslate2, one stream: {ended.tokens / (time.perf_counter() - began):,.0f} tokens/s")
    room = model.window - len(model.format.path_prompt(TIMED).ids)
    prompts = [model.format.path_prompt(TIMED, segment).ids for segment in range(-(-ended.tokens // room))]
    began = time.perf_counter()
    tokens = sum(map(len, model.engine.batch(prompts, model.format.stop, room)))
    print(f"CTranslate2, {len(prompts)} segments side by side: {tokens / (time.perf_counter() - began):,.0f} tokens/s")


def emit_in(page: Page, file: SourceFile) -> dict[str, Any]:
    result = page.evaluate(EMIT, {"path": file.path, "size": file.size})
    assert isinstance(result, dict)
    return result


def time_browser(page: Page, address: str, timed: SourceFile, workers: int) -> None:
    opened = page.evaluate(OPEN, {"address": address, "workers": workers})
    result = emit_in(page, timed)
    print(
        f"Chromium, {opened['workers']} worker(s): {result['decodedTokens'] / result['seconds']:,.0f} tokens/s, open after"
        f" {opened['seconds']:.2f} s, first text {result['firstTextSeconds'] * 1000:.0f} ms, all of it {result['seconds']:.1f} s"
    )


def check_files(page: Page, files: Sequence[SourceFile]) -> int:
    """Writes files; returns how many are not identical."""
    tokens = decoded = 0
    wrong = []
    began = time.perf_counter()
    for file in files:
        result = emit_in(page, file)
        tokens += result["tokens"]
        decoded += result["decodedTokens"]
        if result["sha256"] != file.sha256:
            wrong.append(file.path)
    seconds = time.perf_counter() - began
    print(
        f"{len(files) - len(wrong)} of {len(files)} files sha256-identical; {decoded:,} tokens in {seconds:.0f} s,"
        f" {decoded / tokens - 1:.1%} of them for nothing; {decoded / seconds:,.0f} tokens/s",
        *wrong,
    )
    return len(wrong)


def main(count: int | None) -> int:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print_sizes()
    files = exact_files(count)
    timed = SealedManifest.open(Settings().manifest_file).catalog.find(TIMED)
    with tempfile.TemporaryDirectory() as folder:
        time_native(open_model("embedded", Settings(cache=Path(folder) / "cache")))
        host = Path(folder) / "host"
        host.mkdir()
        with engine_host(host) as address, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            page = chromium.new_page()
            page.goto(f"{address}/open/engine/package.json")
            for workers in sorted({1, 2, min(MAX_WORKERS, os.cpu_count() or 1)}):
                time_browser(page, address, timed, workers)
            wrong = check_files(page, files)
            chromium.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
