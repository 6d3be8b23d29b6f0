"""The whole kernel on the map: it fills as the files come, until the visitor has enough."""

import re

from playwright.sync_api import expect

from laam.corpus.sealed import SealedManifest
from laam.model.model import open_model
from laam.settings import Settings
from tests.browser.conftest import PATIENCE, OpenPage, screenshot


def test_the_map_fills_as_the_files_come_until_the_visitor_has_enough(open_page: OpenPage) -> None:
    model = open_model("embedded", Settings())
    known = sum(map(model.learned, SealedManifest.open(Settings().manifest_file).catalog))
    page = open_page()
    page.locator(".atlas").scroll_into_view_if_needed()
    page.locator(".atlas .cell").first.wait_for(timeout=PATIENCE)
    page.get_by_role("button", name="The whole kernel, please").click()
    page.locator(".atlas [data-filling] .cell.came").first.wait_for(timeout=PATIENCE)
    status = page.locator(".atlas .kernel [role=status]")
    expect(status).to_have_text(re.compile(rf"^[1-9]\d* of {known:,} files, each with the sha256 of the original$"), timeout=PATIENCE)
    assert page.locator(".atlas .cell.came").count() < page.locator(".atlas .cell").count()
    screenshot(page, "kernel")
    page.get_by_role("button", name="stop", exact=True).click()
    expect(status).to_have_text("Stopped.")
    assert page.locator(".atlas [data-filling]").count() == 0
    assert page.locator(".atlas .tar").is_hidden()
