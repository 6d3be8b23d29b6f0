"""A server that is told to stop, is killed, or is gone when somebody clicks: the page and the API say so, and nothing runs for ever."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from laam.exhibit.streams import PER_CLIENT
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, chip, exhibit_in, field, open_panel, started

Started = tuple[str, "subprocess.Popen[str]"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Started]:
    """One that never ends when it continues source; each test ends it."""
    arguments = ["-m", "tests.browser.serve", str(Settings().assets)]
    with started(arguments, LAAM_CACHE=str(tmp_path / "laam"), HF_HOME=str(tmp_path / "hub")) as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: Started) -> Iterator[Page]:
    """The page, which doubts sooner than it does for a visitor; it may have no error of its own."""
    context, errors = browser.new_context(reduced_motion="reduce"), []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    script = (Settings().assets / "page" / "connection.js").read_text("utf-8")
    assert "SILENT_MS = 6000" in script
    soon = script.replace("SILENT_MS = 6000", "SILENT_MS = 300")
    page.route("**/page/connection.js", lambda route: route.fulfill(body=soon, content_type="text/javascript"))
    page.goto(server[0])
    page.locator("#emit").wait_for()
    # What a server that goes now leaves unanswered of the page's opening would lie over its buttons.
    expect(page.locator('[data-testid="status-tracker"].translucent')).to_have_count(0, timeout=PATIENCE)
    yield page
    context.close()
    assert [error for error in errors if "fetch" not in error] == []  # of scripts that were still on their way


def begin(page: Page) -> None:
    """An emission without an end."""
    open_panel(page, "settings")
    page.get_by_role("checkbox").check()  # to run on when its window is full
    open_panel(page, "paste")
    page.locator("#source-text textarea").fill("int main(void)\n{\n\treturn 0;\n}\n")
    page.locator("#continue").click()
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


@pytest.mark.parametrize("click", [lambda page: page.locator("#emit"), lambda page: chip(page, "kernel/fork.c")])
def test_a_click_that_reaches_nobody_says_so(server: Started, page: Page, click: Callable[[Page], object]) -> None:
    server[1].kill()
    server[1].wait()
    click(page).click()  # type: ignore[attr-defined]
    expect(page.locator("#notice")).to_contain_text("The exhibit can’t be reached.", timeout=PATIENCE)
    assert page.locator(".exhibit").get_attribute("data-state") != "running"


def test_a_page_for_which_there_is_no_room_says_so_and_comes_back(browser: Browser, address: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    with ExitStack() as pages, httpx2.Client(base_url=address, limits=httpx2.Limits(max_connections=None)) as client:
        for number in range(PER_CLIENT):
            pages.enter_context(client.stream("GET", f"gradio_api/heartbeat/{number}"))
        page.goto(address)
        expect(page.locator("#notice")).to_contain_text("Too many pages of the exhibit are open just now.", timeout=PATIENCE)
    expect(page.locator("#notice")).not_to_contain_text("Too many pages", timeout=PATIENCE)
    chip(page, "fork.c").click()
    exhibit_in(page, "done")
    context.close()
