"""A server that is told to stop, is killed, or is gone when somebody clicks: the page and the API say so, and nothing runs for ever."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from laam.settings import Settings
from tests.browser.conftest import PATIENCE, SCRIPTED, cache_in, chip, exhibit_in, field, go, open_panel, paste, started

Started = tuple[str, "subprocess.Popen[str]"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Started]:
    """One that never ends when it continues source; each test ends it."""
    with started(SCRIPTED, LAAM_CACHE=str(cache_in(tmp_path / "laam")), HF_HOME=str(tmp_path / "hub")) as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: Started) -> Iterator[Page]:
    """The page, which doubts sooner than it does for a visitor; it may have no error of its own."""
    script = (Settings().assets / "page" / "server.js").read_text("utf-8")
    assert "SILENT_MS = 6000" in script
    soon = script.replace("SILENT_MS = 6000", "SILENT_MS = 1500")
    context = browser.new_context(reduced_motion="reduce")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/page/server.js", lambda route: route.fulfill(body=soon, content_type="text/javascript"))
    go(page, server[0])
    yield page
    context.close()
    assert errors == []


def begin(page: Page) -> None:
    """An emission without an end."""
    open_panel(page, "more")
    page.locator("#slide").check()  # to run on when its window is full
    paste(page, "int main(void)\n{\n\treturn 0;\n}\n")
    page.locator(".opened .row").first.wait_for(state="attached", timeout=PATIENCE)


def ended(process: "subprocess.Popen[str]") -> int:
    assert process.stderr is not None
    log = process.stderr.read()
    assert "Traceback" not in log
    assert "terminate called" not in log
    return process.wait(60)


def test_told_to_stop_it_ends_what_it_writes_with_a_sentence(server: Started, page: Page) -> None:
    begin(page)
    server[1].send_signal(signal.SIGTERM)
    exhibit_in(page, "stopped")
    assert field(page, "ending") == "Stopped before its end."
    assert ended(server[1]) == 0


def test_told_to_stop_it_ends_the_stream_of_the_api_with_a_sentence(server: Started) -> None:
    address, process = server
    ask = {"data": ["kernel/sched.c", "", 0.7, 0, 0, 40_000]}
    event = httpx2.post(f"{address}gradio_api/call/emit", json=ask).json()["event_id"]
    with httpx2.stream("GET", f"{address}gradio_api/call/emit/{event}", timeout=PATIENCE) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: generating"
        process.send_signal(signal.SIGTERM)
        *_, kind, data, _ = lines
    assert kind == "event: error"
    assert "The exhibit is being shut down just now." in data
    assert ended(process) == 0


def test_a_server_that_is_lost_ends_what_runs(server: Started, page: Page) -> None:
    begin(page)
    server[1].kill()
    exhibit_in(page, "stopped")
    assert field(page, "verdict").startswith("The connection to the exhibit broke.")
    assert page.locator("#emit").is_visible()


def test_a_server_that_says_nothing_for_long_is_asked_and_one_that_writes_for_nobody_has_lost_it(server: Started, page: Page) -> None:
    begin(page)
    page.route("**/health", lambda route: route.fulfill(json={"emissions": 1}))
    server[1].send_signal(signal.SIGSTOP)
    try:
        page.wait_for_event("requestfinished", lambda request: request.url.endswith("health"), timeout=PATIENCE)
        assert page.locator(".exhibit").get_attribute("data-state") == "running"
        page.unroute("**/health")
        page.route("**/health", lambda route: route.fulfill(json={"emissions": 0}))
        exhibit_in(page, "stopped")
        assert field(page, "verdict").startswith("The connection to the exhibit broke.")
    finally:
        server[1].send_signal(signal.SIGCONT)


@pytest.mark.parametrize("click", [lambda page: page.locator("#emit"), lambda page: chip(page, "kernel/fork.c")])
def test_a_click_that_reaches_nobody_says_so(server: Started, page: Page, click: Callable[[Page], Locator]) -> None:
    server[1].kill()
    server[1].wait()
    click(page).click()
    expect(page.get_by_role("alert")).to_contain_text("The exhibit can’t be reached.", timeout=PATIENCE)
    assert page.locator(".exhibit").get_attribute("data-state") != "running"
