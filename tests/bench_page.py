"""What a file as large as the largest costs the browser: made-up text of 3,725 lines, streamed as fast as the model writes.

    python -m tests.bench_page

Prints the longest block of Chromium's main thread and the share of time that it was blocked for, while the text streams and
while the page is scrolled through afterwards, and the bytes that the browser received.
"""

import random
import threading
import time
from collections.abc import Iterator
from unittest.mock import patch

import uvicorn
from playwright.sync_api import CDPSession, Page, sync_playwright

from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.emission.question import Question
from laam.emission.run import Emitted, Ended, Event, Prompted
from laam.exhibit.server import build_app
from laam.model.model import Model
from laam.serving import recordings
from laam.settings import Settings, read_settings
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS

LINES, BYTES = 3_725, 94_851  # of net/inet/tcp.c
TOKENS_A_SECOND, CHARACTERS_A_TOKEN = 2_400, 4
PATH = "linux/net/inet/tcp.c"
PORT = 7999
WATCH = """() => { window.blocks = []; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.blocks.push(entry.duration) }).observe({type: 'longtask', buffered: true}) }"""


def made_up_text() -> str:
    """C-like text of LINES lines and about BYTES bytes."""
    draw = random.Random(1994)
    words = ["count", "sock", "buffer", "seq", "ack", "window", "state", "timer", "queue", "head"]
    lines = []
    for number in range(LINES):
        body = f"if ({draw.choice(words)} > {number})\treturn {draw.choice(words)};" if number % 7 else "/* made up */"
        lines.append(("\t" * draw.randrange(3) + body)[: BYTES // LINES - 1 + draw.randrange(-9, 10)] if number % 5 else "")
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """The text as a model might get it: one line in a hundred is wrong."""
    return "".join(line if number % 100 else f"wrong {line}" for number, line in enumerate(text.splitlines(keepends=True)))


def paced(text: str) -> Iterator[Event]:
    """Events at the model's speed."""
    yield Prompted(0, f"<|start_header|>{PATH}#0<|end_header|>")
    began = time.monotonic()
    for number, start in enumerate(range(0, len(text), CHARACTERS_A_TOKEN)):
        if (ahead := number / TOKENS_A_SECOND - (time.monotonic() - began)) > 0.01:
            time.sleep(ahead)
        yield Emitted(text[start : start + CHARACTERS_A_TOKEN])
    yield Ended("end of file", len(text) // CHARACTERS_A_TOKEN)


def main() -> None:
    text = made_up_text()
    manifest = SealedManifest(seal_tree({PATH: text.encode()}, SHIPPED))

    def emit_paced(_: Question, __: Model) -> Iterator[Event]:
        yield from paced(written(text))

    settings = read_settings()
    with patch.object(SealedManifest, "open", lambda _: manifest), patch.object(recordings, "emit", emit_paced):
        app = build_app(Settings(port=PORT, model=settings.model, cache=settings.cache))
        server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
        threading.Thread(target=server.run, daemon=True).start()
        while not server.started:
            time.sleep(0.05)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            measure(page, page.context.new_cdp_session(page))
            browser.close()
        server.should_exit = True


def measure(page: Page, devtools: CDPSession) -> None:
    received = 0

    def count(event: dict[str, int]) -> None:
        nonlocal received
        received += event["dataLength"]

    page.goto(f"http://127.0.0.1:{PORT}/")
    page.locator("#emit").wait_for()
    devtools.send("Network.enable")
    devtools.on("Network.dataReceived", count)
    page.evaluate(WATCH)
    began = time.monotonic()
    page.get_by_role("button", name="tcp.c").click()
    page.locator('.exhibit[data-state="done"]').wait_for(state="attached", timeout=300_000)
    seconds = time.monotonic() - began
    report("streaming", page, seconds)
    print(f"click to final score {seconds:.1f} s, {received:,} bytes received, {page.locator('.exhibit .row').count():,} rows")
    page.get_by_role("button", name="fold identical lines").click()  # unfold
    page.evaluate("window.blocks = []")
    began = time.monotonic()
    for _ in range(60):
        page.mouse.wheel(0, 1_200)
        page.evaluate("() => new Promise(requestAnimationFrame)")
    report("scrolling", page, time.monotonic() - began)


def report(what: str, page: Page, seconds: float) -> None:
    blocks: list[float] = page.evaluate("window.blocks")
    print(f"{what}: longest block {max(blocks, default=0) / 1000:.2f} s, blocked {sum(blocks) / 1000:.1f} of {seconds:.1f} s")


if __name__ == "__main__":
    main()
