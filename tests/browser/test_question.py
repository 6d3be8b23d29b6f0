"""The two pages that need no script: *The question, with evidence for both sides*, and *Trace any text*."""

import pytest
from playwright.sync_api import expect

from laam.__main__ import main
from laam.settings import Settings
from laam.share.question import read_question
from tests.browser.conftest import PATIENCE, OpenPage, exhibit_in, screenshot

FILE = "linux/kernel/info.c"  # short
WIDTH = 390


def test_every_item_and_statement_can_be_read_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(width=WIDTH, query="question")
    question = read_question(Settings().assets / "share" / "question.json")
    for anchor in page.get_by_role("navigation", name="On this page").get_by_role("link").all():
        anchor.click()
        expect(page.locator(page.evaluate("location.hash"))).to_be_in_viewport()
    for summary in page.locator("summary").all():
        summary.click()
    for statement in question.statements:
        assert page.locator(f'a[href="{statement.url}"]').first.is_visible()
    text = page.locator("main").inner_text()
    for checklist in question.checklists:
        for row in checklist.rows:
            assert row.item in text
    screenshot(page, f"question-{WIDTH}")


def test_a_text_is_traced_to_its_file_which_is_a_click_away(open_page: OpenPage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emit", FILE]) == 0
    text = capsys.readouterr().out
    page = open_page(width=WIDTH, query="trace")
    page.get_by_label("The text", exact=True).fill(f"/* of my own */\n{text}")
    page.get_by_label("An original to hold it against").fill(text)
    page.get_by_role("button", name="Trace it").click()
    expect(page.get_by_role("heading", name="Beside the original that you gave")).to_be_visible(timeout=PATIENCE)
    assert page.locator("tbody tr").count() >= 1
    assert "reproduced 100 % of the original" in page.locator('section[aria-labelledby="beside"]').inner_text()
    screenshot(page, f"trace-{WIDTH}")
    page.locator("tbody a", has_text=FILE).first.click()
    exhibit_in(page, file=FILE)
