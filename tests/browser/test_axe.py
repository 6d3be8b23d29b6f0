"""axe on each kind of page, light and dark: no violation of any grade."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from laam.__main__ import main
from tests.browser.conftest import cache_in, exhibit_in
from tests.browser.engine_host import plain_host

PATH = "kernel/info.c"
VIOLATIONS = {"resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that lets axe's own script in, which the exhibit's policy would keep out."""
    context = browser.new_context(color_scheme=request.param, reduced_motion="reduce", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("host")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAAM_CACHE", str(cache_in(tmp_path_factory.mktemp("cache"))))
        assert main(["export", str(root / "site"), "--recordings", "--only", PATH]) == 0
    with plain_host(root) as address:
        yield f"{address}/site/"


def faults(page: Page) -> list[str]:
    """What axe finds. The dark differs by its colours alone, so that is all that is looked at there: the rest takes seconds a page."""
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    found = Axe().run(page, options=VIOLATIONS | (COLOURS if is_dark else {})).response["violations"]
    return [f"{each['id']} ({each['impact']}): {node['html'][:120]}" for each in found for node in each["nodes"]]


def done(page: Page) -> None:
    exhibit_in(page, "done")


def test_page_embed_share_and_question_have_no_fault(page: Page, address: str) -> None:
    page.goto(f"{address}?path={PATH}")
    done(page)
    assert faults(page) == []
    page.goto(f"{address}embed?path={PATH}")
    assert faults(page) == []
    page.locator(".run").click()
    done(page)
    assert faults(page) == []
    for other in (f"share/{PATH}", "question"):
        page.goto(address + other)
        assert faults(page) == []


def test_the_exported_site_has_no_fault(page: Page, twin: str) -> None:
    page.goto(twin)
    page.get_by_role("button", name="settings").click()
    page.locator(".ask").get_by_role("button", name="Replay").click()
    done(page)
    assert faults(page) == []
