"""What a file as large as the largest costs the browser: made-up text of 3,725 lines.

    python -m tests.bench_page

Prints of a first visit, with nothing in the cache, the requests, the bytes on the wire, the first paint, the seconds of Chromium's main
thread, and the nodes of the page; then, while the text is played as any
visitor sees it and while it is scrolled through afterwards, the longest task of Chromium's main thread. The server and the browser
share the processors with whatever else runs: the load beside the numbers says how busy they were.
"""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from urllib.request import urlopen

import uvicorn
from playwright.sync_api import CDPSession, Page, sync_playwright

from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.emission.question import Question
from laam.exhibit.server import build_app
from laam.model.model import Model
from laam.serving import scheduler
from laam.settings import Settings, read_settings
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS

LINES, BYTES = 3_725, 94_851  # of net/inet/tcp.c
TOKENS_A_SECOND, CHARACTERS_A_TOKEN = 2_400, 4
PATH = "linux/net/inet/tcp.c"
PORT = 7999
SETTLED_MS = 5_000  # after which nothing more is fetched
WATCH = """() => { window.tasks = []; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.tasks.push(entry.duration) }).observe({type: 'longtask'}) }"""
DONE = "() => document.querySelector('.exhibit').dataset.state === 'done'"
TASK = "ThreadControllerImpl::RunTask"  # in Chromium's trace
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


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

    def emit_paced(_: Question, __: Model, ___: object) -> Iterator[Event]:
        yield from paced(written(text))

    settings = read_settings()
    with patch.object(SealedManifest, "open", lambda _: manifest), patch.object(scheduler, "emit", emit_paced):
        app = build_app(Settings(port=PORT, model="embedded", originals="sealed", cache=settings.cache, record=False))
        server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
        threading.Thread(target=server.run, daemon=True).start()
        while not server.started or not json.load(urlopen(f"http://127.0.0.1:{PORT}/opening.json")):  # then it is recorded
            time.sleep(0.2)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            measure(page, page.context.new_cdp_session(page))
            browser.close()
        server.should_exit = True


def measure(page: Page, devtools: CDPSession) -> None:
    wire = Wire(devtools)
    devtools.send("Performance.enable")
    page.emulate_media(reduced_motion="reduce")  # without the opening, which is this very file here
    page.goto(f"http://127.0.0.1:{PORT}/")
    page.locator("#emit").wait_for()
    page.wait_for_function(FIRST_PAINT)
    page.wait_for_timeout(SETTLED_MS)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    paint = page.evaluate(FIRST_PAINT) / 1000
    requests, received = wire.take()
    print(f"first visit: {requests} requests, {received:,} bytes on the wire, first paint after {paint:.2f} s")
    spent = {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}["TaskDuration"]
    print(f"main thread {spent:.2f} s, {page.locator('*').count():,} nodes")
    page.emulate_media(reduced_motion="no-preference")
    page.evaluate(WATCH)
    browser = page.context.browser
    assert browser
    browser.start_tracing(page=page, categories=["toplevel"])
    began = time.monotonic()
    page.locator("#path").fill("net/inet/tcp.c")
    page.locator("#path").press("Enter")
    page.wait_for_function(DONE, polling=1_000, timeout=300_000)
    report("played", page, time.monotonic() - began)
    print(f"the longest of them took {longest_on_processor(browser.stop_tracing()):.0f} ms of a processor")
    page.wait_for_timeout(SETTLED_MS)
    print(f"the file itself: {wire.take()[1]:,} bytes on the wire, {page.locator('.opened .row').count():,} rows")
    page.locator(".rows").hover()
    began = time.monotonic()
    for _ in range(60):
        page.mouse.wheel(0, 1_200)
        page.evaluate("() => new Promise(requestAnimationFrame)")
    report("scrolled through", page, time.monotonic() - began)


def longest_on_processor(trace: bytes) -> float:
    """Milliseconds of processor time of the page's longest task, which say more than its duration if the machine is busy."""
    events = json.loads(trace)["traceEvents"]
    pages = {(each["pid"], each["tid"]) for each in events if each["name"] == "thread_name" and each["args"]["name"] == "CrRendererMain"}
    return float(max(each.get("tdur", 0) for each in events if each["name"] == TASK and (each["pid"], each["tid"]) in pages)) / 1000


class Wire:
    """Counts the bytes that the browser receives, as they are on the wire; of a stream, which is not compressed, as they come."""

    def __init__(self, devtools: CDPSession) -> None:
        self._bytes: dict[str, int] = {}
        self._taken = (0, 0)
        devtools.send("Network.enable")
        devtools.on("Network.dataReceived", self._receive)
        devtools.on("Network.loadingFinished", lambda event: self._bytes.__setitem__(event["requestId"], event["encodedDataLength"]))

    def _receive(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = self._bytes.get(event["requestId"], 0) + event["dataLength"]

    def take(self) -> tuple[int, int]:
        """The requests and the bytes since it was last asked."""
        before, self._taken = self._taken, (len(self._bytes), int(sum(self._bytes.values())))
        return self._taken[0] - before[0], self._taken[1] - before[1]


def report(what: str, page: Page, seconds: float) -> None:
    tasks: list[float] = page.evaluate("window.tasks.splice(0)")
    print(f"{what}: longest task {max(tasks, default=0):.0f} ms, {len(tasks)} over 50 ms, in {seconds:.1f} s")


if __name__ == "__main__":
    main()
