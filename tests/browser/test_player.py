"""The player in Chromium: what plays by itself, at what speed, and who is in charge of it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, WRONG, OpenPage, answered, chip, exhibit_in, field, screenshot

FILE = "kernel/sched.c"  # 841 lines, which take seven seconds
SHOWN = "Number(document.querySelector('.ticks').ariaValueNow)"


def begun(page: Page) -> None:
    """Wait until rows have begun to open, and not all of them have."""
    exhibit_in(page, "running")
    page.wait_for_function(f"() => {SHOWN} > 20", timeout=PATIENCE)


@pytest.fixture
def playing(open_page: OpenPage) -> Page:
    """A visitor who watches a file being written."""
    page = open_page(motion=True, query=f"?path={FILE}")
    begun(page)
    return page


@pytest.mark.parametrize(("width", "scheme", "key"), [(1280, "light", ""), (1440, "dark", "Escape"), (390, "light", "x")])
def test_the_opening_plays_by_itself_is_called_a_replay_and_any_click_or_key_stops_it(
    open_page: OpenPage, width: int, scheme: str, key: str
) -> None:
    page = open_page(width, scheme=scheme, motion=True)
    begun(page)
    expect(page.locator(".mode")).to_contain_text("Replay")
    expect(page.locator("[data-field=announcement]")).to_be_empty()  # nobody asked for it
    screenshot(page, f"opening-{width}-{scheme}")
    page.keyboard.press(key) if key else page.locator("h1").click()
    expect(page.locator('[data-action="pause"]')).to_have_text("play")
    assert page.evaluate(SHOWN) < 233
    assert "?" not in page.url
    page.locator('[data-action="end"]').click()
    exhibit_in(page)
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator('[data-action="pause"]')).to_have_text("replay")


def test_who_wishes_no_motion_sees_what_the_opening_comes_to(open_page: OpenPage) -> None:
    page = open_page(opening=True)
    exhibit_in(page)
    assert "?" not in page.url
    for _ in range(2):
        expect(page.locator(".mode")).to_contain_text("Replay")
        expect(page.locator(".opening")).to_have_count(0)
        assert page.locator(".rows").evaluate("rows => rows.scrollTop") == 0
        answered(page, chip(page, "kernel/fork.c").click)


def test_a_line_s_text_is_not_on_the_page_before_it_opens(playing: Page) -> None:
    playing.keyboard.press("Space")
    shown = playing.evaluate(SHOWN)
    assert playing.locator(".opened .row").count() == shown
    assert playing.evaluate("[...document.querySelectorAll('.rest code')].every(code => !code.textContent)")
    bar = playing.locator(".rest .row:visible").first
    assert bar.locator(".r").inner_text() == str(shown + 1)


def test_the_keyboard_pauses_scrubs_and_goes_to_the_end(playing: Page) -> None:
    playing.keyboard.press("Space")
    shown = playing.evaluate(SHOWN)
    playing.keyboard.press("ArrowRight")
    playing.wait_for_function(f"() => {SHOWN} === {shown + 1}")
    playing.keyboard.press("ArrowLeft")
    playing.keyboard.press("ArrowLeft")
    playing.wait_for_function(f"() => {SHOWN} === {shown - 1}")
    assert field(playing, "reproduced") != "100 %"
    playing.keyboard.press("End")
    exhibit_in(playing)
    assert field(playing, "reproduced") == "100 %"
    assert field(playing, "verdict") == "Given the file’s name and the numbers 0 to 21, the model wrote all 841 lines, byte for byte."
    expect(playing.locator(".rest .row:visible")).to_have_count(0)


def test_times_four_is_one_toggle_and_the_end_is_a_click_away(playing: Page) -> None:
    fast = playing.get_by_role("button", name="×4")
    for pressed in ("true", "false"):
        fast.click()
        expect(fast).to_have_attribute("aria-pressed", pressed)
    playing.get_by_role("button", name="pause").click()
    fast.click()  # which plays on
    expect(playing.locator('[data-action="pause"]')).to_have_text("pause")
    playing.get_by_role("button", name="to the end").click()
    exhibit_in(playing)
    playing.get_by_role("button", name="replay").click()
    playing.wait_for_function(f"() => {SHOWN} < 841")
    expect(fast).to_have_attribute("aria-pressed", "false")


def test_the_strip_is_the_scrubber(playing: Page) -> None:
    strip = playing.locator(".ticks")
    box = strip.bounding_box()
    assert box is not None
    strip.click(position={"x": box["width"] * 0.02, "y": 10})
    playing.wait_for_function(f"() => {SHOWN} < 30")
    expect(playing.locator('[data-action="pause"]')).to_have_text("play")
    assert strip.get_attribute("aria-valuemax") == "841"


def test_the_writing_is_followed_until_the_visitor_scrolls(playing: Page) -> None:
    rows, follow = playing.locator(".rows"), playing.locator(".follow")
    playing.wait_for_function("() => document.querySelector('.rows').scrollTop > 200", timeout=PATIENCE)
    playing.keyboard.press("Space")  # not to be at the end before the visitor has scrolled
    expect(follow).to_be_hidden()
    rows.hover()
    playing.mouse.wheel(0, -4000)
    expect(follow).to_be_visible()
    playing.wait_for_function("() => document.querySelector('.rows').scrollTop === 0")
    follow.click()
    playing.wait_for_function("() => document.querySelector('.rows').scrollTop > 200")


def test_a_long_fold_does_not_make_a_phone_s_page_wider(open_page: OpenPage) -> None:
    page = open_page(390, query=f"?path=net/inet/tcp.c{WRONG}")
    exhibit_in(page)
    page.locator(".fold").first.wait_for(state="attached", timeout=PATIENCE)
    needed = "fold => { fold.style.width = 'min-content'; return fold.getBoundingClientRect().width; }"
    assert max(fold.evaluate(needed) for fold in page.locator(".fold").all()) <= 390


def test_what_the_model_did_not_write_folds_into_one_row_with_its_bars(open_page: OpenPage) -> None:
    page = open_page(query=f"?path=net/inet/udp.c{WRONG}")
    exhibit_in(page)
    fold = page.locator(".fold").first
    expect(fold).to_contain_text("lines the model did not write")
    assert fold.locator("path").get_attribute("d")
    rows = page.locator(".inside .km")
    expect(rows.first).to_be_hidden()
    fold.click()
    expect(rows.first).to_be_visible()
    assert rows.count() > 12
    expect(fold).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.documentElement.scrollHeight") < 8_000
    expect(page.locator(".exhibit")).not_to_have_attribute("data-score", "whole")


def test_from_load_to_score_without_a_pointer(open_page: OpenPage) -> None:
    page = open_page()
    while not page.evaluate("document.activeElement.matches('#path')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("fork.c")
    page.keyboard.press("Enter")
    exhibit_in(page)
    assert field(page, "reproduced") == "100 %"
