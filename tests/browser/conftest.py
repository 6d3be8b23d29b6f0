"""The exhibit as a visitor meets it: `app.py` in a process of its own, and a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, FrameLocator, Locator, Page, expect, sync_playwright

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest, SealedOriginal
from laam.model.model import open_model
from laam.settings import Settings
from tests.browser.engine_host import plain_host

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
HEADLESS = shutil.which("chromium-headless-shell") or CHROMIUM  # the same without a window: two thirds of the processor time
PATIENCE = 120_000  # milliseconds, for a slow machine; nothing is measured here
HEARD = """() => { window.heard = []; const waits = document.querySelector(".waits");
  new MutationObserver(() => heard.push(waits.textContent)).observe(waits, { childList: true }); }"""
"""Notes in `heard` what the page says that a visitor waits for, however soon it goes."""
CHROMIUM_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


SCRIPTED = ("-m", "tests.browser.serve", str(Settings().assets))
"""Serves the exhibit as it is shipped, but for source, from which the model never ends."""
OpenPage = Callable[..., Page]


def closed_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


_converted = TemporaryDirectory()


@cache
def converted_model() -> Path:
    """A cache that holds the shipped model as it is served: a server that finds one starts in half the time."""
    folder = Path(_converted.name) / "laam"
    _ = open_model("embedded", Settings(cache=folder)).engine
    return folder


def cache_in(folder: Path) -> Path:
    """A cache of its own in a folder, with the converted model."""
    return Path(shutil.copytree(converted_model(), folder, dirs_exist_ok=True))


@contextmanager
def serving(arguments: Sequence[str], folder: Path, **environment: str) -> Iterator[str]:
    """The address of a server in a process of its own, once it listens; it is ended afterwards. It asks no other host for anything.

    `folder`: for its caches, with the converted model among them.
    """
    caches = {"LAAM_CACHE": str(cache_in(folder / "laam")), "HF_HOME": str(folder / "hub")}
    with started(arguments, None, **{**caches, **environment}) as (address, _):
        yield address


@contextmanager
def started(arguments: Sequence[str], log: list[str] | None = None, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The same without caches, with its process. `log` gets the lines that it has written until it listens."""
    log = [] if log is None else log
    port = closed_port()
    variables = {
        **os.environ,
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "HF_ENDPOINT": f"http://127.0.0.1:{closed_port()}",
        "LAAM_ORIGINALS": "sealed",
        "LAAM_RECORD": "off",
        **environment,
    }
    with subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=variables, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        for line in process.stderr:
            log.append(line)
            if "Uvicorn running" in line:
                break
        else:
            pytest.fail(f"{arguments} ended at once:\n" + "".join(log))
        yield f"http://127.0.0.1:{port}/", process
        process.terminate()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `python app.py` listens."""
    with serving(["app.py"], tmp_path_factory.mktemp("cache")) as address:
        yield address


@pytest.fixture(scope="package")  # no longer: Playwright's event loop would be in the way of tests that run one of their own
def browser() -> Iterator[Browser]:
    """Debian's Chromium; if it is missing, the tests fail."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=HEADLESS, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def context_for(browser: Browser) -> Callable[..., BrowserContext]:
    """A context of a size, a colour scheme, and with or without motion; the same one again, which has the page's files already."""

    @cache
    def context(width: int, height: int, scheme: Literal["light", "dark"], motion: bool) -> BrowserContext:
        return browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="no-preference" if motion else "reduce",
        )

    return context


@contextmanager
def watched(page: Page, *own: str, allowed: str = "", opening: bool = False) -> Iterator[Page]:
    """A page that may have no error, break no policy of its own, and ask for nothing but what begins with an address of `own`; all are
    `own` if none is given. What the console says with `allowed` in it is no fault. Without an `opening` it waits for what is asked."""
    if not opening:
        page.route("**/opening.json", lambda route: route.fulfill(json=[]))
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"error on the page: {error}"))
    page.on("console", lambda said: faults.append(f"{said.text} {said.location['url']}") if _is_fault(said, allowed) else None)
    page.on("request", lambda sent: None if not own or sent.url.startswith((*own, "data:", "blob:", "about:")) else faults.append(sent.url))
    yield page
    assert faults == []


def _is_fault(said: ConsoleMessage, allowed: str) -> bool:
    return said.type == "error" and not (allowed and allowed in said.text)


@contextmanager
def visiting(browser: Browser, *own: str, allowed: str = "", **options: Any) -> Iterator[Page]:
    """The same in a context of its own, for a visitor who wishes no motion, unless `options` say otherwise."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options})
    with watched(context.new_page(), *own, allowed=allowed, opening="reduced_motion" in options) as page:
        yield page
        context.close()


@pytest.fixture
def open_page(context_for: Callable[..., BrowserContext], address: str) -> Iterator[OpenPage]:
    """Opens a page of the exhibit for a visitor who was never there; see `watched`. `query`: what follows the exhibit's address.

    The visitor wishes no motion, so that each emission is shown at once, unless `motion` is asked for. Only with it, or if an `opening` is
    asked for, is there one.
    """
    pages: list[Page] = []
    with ExitStack() as stack:

        def open_(
            width: int = 1280, height: int = 900, scheme: str = "light", motion: bool = False, query: str = "", opening: bool = False
        ) -> Page:
            context = context_for(width, height, scheme, motion)
            page = stack.enter_context(watched(context.new_page(), address, opening=motion or opening))
            pages.append(page)
            kept = {"origin": address.rstrip("/"), "storageTypes": "cookies,local_storage"}
            context.new_cdp_session(page).send("Storage.clearDataForOrigin", kept)
            go(page, address + query)
            return page

        yield open_
        for page in pages:
            page.close()


WRONG = "&t=1.5&seed=1&n=600"
"""Settings of a link by which no model gives a whole file, and which make little work."""
READY = """() => Promise.all([...document.querySelectorAll('script[type=module][src]')].map(({ src }) => import(src))).then(() => true)"""


def go(page: Page, url: str) -> None:
    """Open an address, and wait until its scripts have run: a link that is clicked on before is only a link."""
    page.goto(url)
    page.evaluate(READY)


@contextmanager
def exported(factory: pytest.TempPathFactory, *arguments: str) -> Iterator[tuple[Path, str]]:
    """The exported site: its folder, and the address at which a host of plain files serves it, in a folder that any page may read."""
    root = factory.mktemp("host")
    assert main(["export", str(root / "open"), *arguments], Settings(cache=cache_in(factory.mktemp("cache")))) == 0
    with plain_host(root) as address:
        yield root / "open", f"{address}/open/"


@pytest.fixture(scope="package")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The site with all files and no recording."""
    with exported(tmp_path_factory) as site:
        yield site


@pytest.fixture(scope="package")
def recorded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site with the recordings of two files is."""
    with exported(tmp_path_factory, "--recordings", "--only", "kernel/fork.c", "kernel/info.c") as (_, address):
        yield address


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the page under build/screenshots/, and hold it to scrolling sideways nowhere."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def original(path: str) -> SealedOriginal:
    """What is known of a file of the release."""
    return SealedManifest.open(Settings().manifest_file).original(path)


def exhibit_in(page: Page | FrameLocator, state: str = "done", file: str = "") -> None:
    """Wait until the exhibit is in a state (running, done or stopped), with a file if one is named.

    Not by `expect`, which describes the whole page, 0.5 s of work, each time that it looks for something that isn't there yet.
    """
    name = f'[data-field="file"]:text-is("{file}")' if file else "*"
    page.locator(f'.exhibit[data-state="{state}"]:has({name})').wait_for(state="attached", timeout=PATIENCE)


def field(page: Page | FrameLocator, name: str) -> str:
    return page.locator(f'[data-field="{name}"]').inner_text()


def answered(page: Page | FrameLocator, ask: Callable[[], object]) -> None:
    """Ask, and wait until another emission than the one before has ended: a tiny model is through before anybody sees it run."""
    before = page.locator(".exhibit").get_attribute("data-run")
    ask()
    page.locator(f'.exhibit[data-state="done"]:not([data-run="{before}"])').wait_for(state="attached", timeout=PATIENCE)


def chip(page: Page | FrameLocator, name: str) -> Locator:
    """The link of an example."""
    return page.locator(".try").get_by_role("link", name=name.rpartition("/")[2], exact=True)


def write(page: Page | FrameLocator, name: str) -> None:
    """Type a name into the field, and click."""
    page.locator("#path").fill(name)
    page.locator("#emit").click()


def open_panel(page: Page | FrameLocator, name: str) -> None:
    """What a button of the quiet line opens, if it isn't open."""
    button = page.locator(".quiet").get_by_role("button", name=name)
    if button.get_attribute("aria-expanded") != "true":
        button.click()


def paste(page: Page | FrameLocator, source: str) -> None:
    """Let the model continue some source."""
    open_panel(page, "paste code")
    page.locator("#source").fill(source)
    page.locator("#continue").click()


def copied(page: Page, what: str) -> str:
    """What a button of the share panel copies."""
    page.locator(".panel").get_by_role("button", name=what, exact=True).click()
    expect(page.locator(".panel output")).to_have_text("Copied.")
    return str(page.evaluate("navigator.clipboard.readText()"))


def saved(page: Page, link: Locator) -> Path:
    """What a click saves, under the name that it suggests."""
    with page.expect_download() as download:
        link.click()
    kept = Path(download.value.path())
    return kept.rename(kept.with_name(download.value.suggested_filename))
