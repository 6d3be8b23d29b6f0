"""What page, embed, share page and twin cost before anything runs: bytes received, and the time of the first paint.

    python -m tests.bench_share TWIN

TWIN is a folder that `python -m laam export` wrote. Prints the median of some visits, each in a fresh context of Chromium, on this machine.
"""

import functools
import statistics
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from laam.exhibit.server import build_app
from laam.settings import Settings, read_settings
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS

PORT = 7998
PATH = "kernel/fork.c"
VISITS = 5
READY = "#emit, .run, .share .number, .twin #path"  # what each of them is there for
SETTLED_MS = 1_000  # in which what it fetches late comes in
FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver(
  list => resolve(list.getEntriesByName('first-contentful-paint')[0].startTime)).observe({type: 'paint', buffered: true}))"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    settings = read_settings()
    app = build_app(Settings(port=PORT, model="embedded", cache=settings.cache, originals="sealed", offline=True))
    server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    files = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=sys.argv[1]))
    threading.Thread(target=files.serve_forever, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    here = f"http://127.0.0.1:{PORT}"
    places = {
        "page": f"{here}/",
        "embed": f"{here}/embed?path={PATH}",
        "share page": f"{here}/share/{PATH}",
        "twin": f"http://127.0.0.1:{files.server_address[1]}/",
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        visit(browser, places["share page"])  # runs the emission that its card needs
        for name, url in places.items():
            visits = [visit(browser, url) for _ in range(VISITS)]
            paint = statistics.median(paint for _, paint in visits)
            print(f"{name}: {max(size for size, _ in visits):,} bytes received, first paint after {paint:.0f} ms")
        browser.close()
    server.should_exit = True
    files.shutdown()


def visit(browser: Browser, url: str) -> tuple[int, float]:
    """Bytes received, and milliseconds to the first contentful paint."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, received = context.new_page(), 0
    devtools = context.new_cdp_session(page)

    def count(event: dict[str, int]) -> None:
        nonlocal received
        received += event["encodedDataLength"]

    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", count)
    page.goto(url)
    page.locator(READY).first.wait_for()
    page.wait_for_timeout(SETTLED_MS)
    paint: float = page.evaluate(FIRST_PAINT)
    context.close()
    return received, paint


if __name__ == "__main__":
    main()
