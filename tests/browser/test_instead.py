"""A model that writes another file than the one it is asked for, on the page, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from laam.settings import Settings
from tests.browser.conftest import SCRIPTED, OpenPage, answered, exhibit_in, field, screenshot, serving

ASKED, WRITTEN = "init/main.c", "linux/kernel/sched.c"


@pytest.fixture(scope="module")
def address(settings: Settings, made_up_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The exhibit with a model that answers anything with one file."""
    scripted = [*SCRIPTED[:2], str(settings.assets), "8", made_up_files[WRITTEN]]
    with serving(scripted, tmp_path_factory.mktemp("cache"), LAAM_MODEL="embedded") as address:
        yield address


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page(query=f"?path={ASKED}&n=40")  # fewer tokens than one answer has
    exhibit_in(page)
    return page


def test_the_page_says_what_was_written_instead_and_a_link_holds_it_against_that(page: Page) -> None:
    said = page.locator(".exhibit .instead")
    expect(said.locator("span")).to_contain_text(f"It was asked for {ASKED} and wrote the first ")
    elsewhere = page.locator(".exhibit .row.kc")
    assert elsewhere.count() > 3
    assert {row.partition(", line ")[0] for row in elsewhere.locator("code:last-child").all_inner_texts()} == {WRITTEN}
    assert page.title().startswith(f"linux/{ASKED}: it wrote the first ")
    beside = page.locator(".exhibit .compared li[aria-current] .said")
    expect(beside).to_contain_text("it wrote the first ")
    screenshot(page, "instead-1280-light")

    _, _, share = said.locator("span").inner_text().removesuffix(" of that file.").partition("exactly: ")
    page.get_by_role("link", name="Hold it against that file").click()
    exhibit_in(page, file=WRITTEN)
    assert (field(page, "reproduced"), said.is_visible(), elsewhere.count()) == (share, False, 0)
    given = f"Given the name {ASKED} and the number 0, and held against kernel/sched.c"
    expect(page.locator('[data-field="verdict"]')).to_contain_text(f"{given}, the model")
    expect(beside).to_have_text(f"asked for {ASKED}")
    assert page.url.endswith(f"&against={WRITTEN}")
    assert f"--against {WRITTEN}" in str(page.locator('[data-field="replay"]').text_content())

    answered(page, page.locator("#emit").click)  # whoever asks anew asks for the file itself
    assert "against" not in page.url
    expect(said).to_be_visible()
