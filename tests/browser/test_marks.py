"""*What does this show?*, in Chromium: three lines of facts, and a mark that nobody is told of."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, chip, exhibit_in, go, original, screenshot

FILE = "kernel/info.c"  # short


def marks(page: Page) -> dict[str, str]:
    kept: dict[str, str] = page.evaluate("JSON.parse(localStorage.getItem('laam-marks'))")
    return kept


def test_it_says_what_was_given_and_written_and_what_the_licences_say(open_page: OpenPage) -> None:
    page = open_page(query=f"?path={FILE}", width=390, scheme="dark")
    exhibit_in(page)
    shows = page.locator(".shows")
    lines = f"{(lines := original(FILE).file.lines)} of {lines} lines"
    assert shows.locator("dd").all_inner_texts() == [
        "A path and the numbers 0, 1, 2 …, and no source text. Greedy.",
        f"100 % of the original, in lines copied exactly and in order: {lines}, sha256 identical ✓. The model closed the file.",
        "The original: GPL-2. The model’s weights: licence not settled.",
    ]
    expect(shows.locator("legend")).to_have_text("And to you? The file’s licence: GPL-2; the weights’: not settled. And the text’s?")
    shows.scroll_into_view_if_needed()
    screenshot(page, "shows-390-dark")


def test_of_another_text_altogether_nothing_is_asked(open_page: OpenPage) -> None:
    page = open_page(query=f"?path={FILE}&bits=2")
    exhibit_in(page)
    shows = page.locator(".shows")
    expect(shows.locator("dd").first).to_be_visible()
    expect(shows.locator("fieldset")).to_be_hidden()


def test_a_mark_is_kept_by_the_text_in_this_browser_alone(open_page: OpenPage) -> None:
    page = open_page(query=f"?path={FILE}")
    exhibit_in(page)
    told: list[str] = []
    page.on("request", lambda request: told.append(f"{request.url} {request.post_data or ''}"))
    page.get_by_role("radio", name="undecided").check()
    assert marks(page) == {original(FILE).file.sha256: "undecided"}
    expect(page.locator(".shows [role=status]")).to_have_text("You have marked undecided 1×.")
    assert [line for line in told if "undecided" in line] == []
    page.reload()
    exhibit_in(page)
    expect(page.get_by_role("radio", name="undecided")).to_be_checked()
    chip(page, "exec.c").click()  # another text has no mark yet
    exhibit_in(page, file="linux/fs/exec.c")
    expect(page.get_by_role("radio", name="undecided")).not_to_be_checked()


def test_a_mark_can_be_taken_back_and_a_spoilt_store_is_no_fault(open_page: OpenPage) -> None:
    page = open_page(query=f"?path={FILE}")
    page.evaluate("localStorage.setItem('laam-marks', JSON.stringify({'<img>': 'neither', ['0'.repeat(64)]: '<b>'}))")
    page.reload()
    exhibit_in(page)
    page.get_by_role("radio", name="as the file: GPL-2").check()
    expect(page.locator(".shows [role=status]")).to_have_text("You have marked as the file 1×.")
    page.get_by_role("button", name="take it back").click()
    expect(page.locator(".shows [role=status]")).to_have_text("Taken back.")
    expect(page.locator(".shows input:checked")).to_have_count(0)
    assert marks(page) == {}


def test_where_nothing_may_be_kept_the_mark_lasts_until_the_page_is_left(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError') } })")
    go(page, f"{page.url}?path={FILE}")
    exhibit_in(page)
    page.get_by_role("radio", name="neither").check()
    expect(page.locator(".shows [role=status]")).to_contain_text("forgotten when you leave")
    expect(page.get_by_role("radio", name="neither")).to_be_checked()
