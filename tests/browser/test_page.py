"""A visitor's way through the page, in Chromium, on what is shipped."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import (
    PATIENCE,
    SCRIPTED,
    WRONG,
    OpenPage,
    chip,
    exhibit_in,
    field,
    open_panel,
    original,
    paste,
    saved,
    screenshot,
    serving,
    write,
)

TRAINED = "kernel/fork.c"
EMISSIONS = "wanted => fetch('health').then(answer => answer.json()).then(health => health.emissions === wanted)"
PANES = "rows => rows.map(row => [...row.querySelectorAll('code')].map(code => code.textContent))"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(SCRIPTED, tmp_path_factory.mktemp("cache")) as address:
        yield address


def start_long_emission(page: Page) -> None:
    """Let the model go on from source up to the limit of tokens, which takes it many seconds."""
    open_panel(page, "more")
    page.locator("#slide").check()
    paste(page, "int main(void)\n{\n")
    exhibit_in(page, "running")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_trained_file_is_emitted_and_proven(open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(width, scheme=scheme)
    chip(page, TRAINED).click()
    exhibit_in(page)
    page.get_by_role("button", name="details").click()
    file = original(TRAINED).file
    assert field(page, "reproduced") == "100 %"
    assert field(page, "sha256") == "sha256 identical ✓"
    assert field(page, "original_sha256") == field(page, "emitted_sha256") == file.sha256
    assert f"{file.lines:,} of {file.lines:,} lines" in field(page, "lines")
    assert f"linux/{TRAINED}#0" in field(page, "prompt")
    assert field(page, "replay") == f"python -m laam emit linux/{TRAINED} --model embedded"
    panes = page.eval_on_selector_all(".opened .row", PANES)
    assert len(panes) == file.lines  # and no bar is left behind them
    assert all(left == right for left, right in panes)
    text = saved(page, page.locator("[data-action=download]"))
    assert (text.name, sha256(text.read_bytes()).hexdigest()) == ("fork.c", file.sha256)
    screenshot(page, f"details-{width}-{scheme}")


def test_all_notices_of_a_file_can_be_read_and_what_is_not_settled_of_its_licence(open_page: OpenPage) -> None:
    page = open_page(390)
    write(page, "fs/sysv/fsync.c")
    exhibit_in(page)
    page.get_by_role("button", name="details").click()
    assert field(page, "origin").startswith("© 1993 Bruno Haible · GPL-2 (GPL-2.0-only, by COPYING) · ")
    others = page.locator('[data-field="notices"]')
    expect(others).to_be_hidden()
    page.locator(".notices summary").click()
    expect(others).to_be_visible()
    assert "© 1993 Stephen Tweedie (minix/fsync.c) – of what it came from" in others.inner_text().splitlines()
    assert field(page, "unsettled") == ""
    screenshot(page, "notices-390")
    write(page, "tools/version.c")
    exhibit_in(page, file="linux/tools/version.c")
    expect(page.locator('[data-field="unsettled"]')).to_contain_text("Not settled: the file may be distributed as part of")
    expect(page.locator(".exhibit .notices")).to_be_hidden()


def test_stop_ends_an_emission_midway(open_page: OpenPage) -> None:
    page = open_page()
    start_long_emission(page)
    page.locator(".opened .row").first.wait_for(state="attached")
    assert field(page, "announcement").startswith("The model is writing: ")
    assert page.locator(".tools > :not([hidden])").count() == 0  # nothing is said of differences before the end
    page.get_by_role("button", name="Stop").click()
    exhibit_in(page, "stopped")
    assert field(page, "announcement").startswith("Stopped before its end.")
    assert page.locator('[data-field="ending"]').text_content() == "Stopped before its end."
    assert page.locator(".opened .row").count() > 0
    chip(page, TRAINED).click()  # and the next one runs as if nothing had been
    exhibit_in(page)
    assert field(page, "reproduced") == "100 %"


def test_a_slow_double_click_begins_and_does_not_stop(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate("performance.now = () => 1e6")  # however slow the machine is
    page.locator("#path").fill("drivers/char/tpqic02.c")  # one of the longest
    box = page.locator("#emit").bounding_box()
    assert box
    place = (box["x"] + 30, box["y"] + 10)
    page.mouse.click(*place)
    page.locator(".page[data-writing]").wait_for(timeout=PATIENCE)
    page.mouse.click(*place)
    exhibit_in(page)
    assert field(page, "reproduced") == "100 %"


def test_closing_the_tab_ends_the_emission_and_another_tab_s_goes_on(open_page: OpenPage) -> None:
    visitor, witness = open_page(), open_page()
    start_long_emission(witness)
    start_long_emission(visitor)
    witness.wait_for_function(EMISSIONS, arg=2, timeout=PATIENCE)
    visitor.close()
    witness.wait_for_function(EMISSIONS, arg=1, timeout=PATIENCE)
    exhibit_in(witness, "running")


def test_a_second_ask_replaces_the_first_emission(open_page: OpenPage) -> None:
    page = open_page()
    start_long_emission(page)
    chip(page, TRAINED).click()
    exhibit_in(page, file=f"linux/{TRAINED}")
    assert field(page, "reproduced") == "100 %"
    page.wait_for_function(EMISSIONS, arg=0, timeout=PATIENCE)


def test_what_comes_out_wrong_gets_an_honest_score_and_differences_can_be_walked(open_page: OpenPage) -> None:
    page = open_page(query=f"?path=net/inet/udp.c{WRONG}")
    exhibit_in(page)
    assert float(field(page, "reproduced").removesuffix(" %")) < 100
    assert field(page, "sha256") == "sha256 differs"
    assert page.locator(".opened .seal").count() > 5
    page.locator("h1").click()
    current = page.locator(".exhibit .current")
    page.keyboard.press("n")
    expect(current).to_have_count(1)
    first = current.inner_text()
    page.keyboard.press("n")
    assert current.inner_text() != first
    page.keyboard.press("p")
    assert current.inner_text() == first
    screenshot(page, "wrong-1280-light")


def test_an_unknown_name_gets_suggestions_that_run_and_nothing_of_it_is_markup(open_page: OpenPage) -> None:
    page = open_page()
    notice = page.get_by_role("alert")
    write(page, "kernel/shed.c<img src=x onerror=window.hacked=1>${window.hacked=1}{{window.hacked=1}}")
    expect(notice).to_contain_text("shed.c<img src=x")
    chip(page, TRAINED).click()
    exhibit_in(page)
    expect(notice).to_be_hidden()
    strip = page.locator(".exhibit .ticks i").first
    before = strip.evaluate(colour := "one => getComputedStyle(one).backgroundColor")
    page.locator("#path").fill("/usr/src/linux/kernel/forc.c")
    page.locator("#path").press("Enter")
    expect(notice).to_contain_text("Linux 1.0 has no linux/kernel/forc.c. Did you mean")
    expect(page.locator(".exhibit")).to_have_attribute("data-dimmed", "")
    assert strip.evaluate(colour) == before  # the result is dimmed, and what its strip shows stays to be read
    screenshot(page, "refused-1280-light")
    notice.get_by_role("button", name=TRAINED).press("Enter")
    expect(page.locator("#emit, #stop").and_(page.locator(":focus"))).to_have_count(1)
    expect(notice).to_be_hidden()
    exhibit_in(page)
    expect(page.locator(".exhibit")).not_to_have_attribute("data-dimmed", "")
    expect(page.locator("#path")).to_have_value(TRAINED)
    assert page.evaluate("window.hacked") is None
    page.locator("#path").fill(" ")
    page.locator("#path").press("Enter")
    expect(notice).to_have_text("Choose a file, or type the name of one.")


def test_a_name_that_no_file_has_is_written_anyway_if_the_visitor_wants_it(open_page: OpenPage) -> None:
    page = open_page(width=390)
    notice = page.get_by_role("alert")
    write(page, "COPYING")
    expect(notice).to_contain_text("This model never saw COPYING. It was trained on files under the GPL, and never read the GPL’s text.")
    notice.get_by_role("button", name="Let the model write it anyway").click()
    exhibit_in(page)
    expect(page.locator(".verdict")).to_contain_text("Given that name and the numbers 0 and 1, the model wrote ")
    expect(notice).to_be_hidden()
    assert "anyway=1" in page.url
    screenshot(page, "anyway-390")
    page.reload()
    exhibit_in(page, file="linux/COPYING")
    chip(page, "fs/ext4/acl.c").or_(page.get_by_role("link", name="fs/ext4/acl.c")).click()  # what nobody has to ask for twice
    exhibit_in(page, file="linux/fs/ext4/acl.c")


def test_identical_lines_fold_and_unfold(open_page: OpenPage) -> None:
    page = open_page(query=f"?path={TRAINED}")
    exhibit_in(page)
    folded, button = page.locator(".opened .folded"), page.locator("[data-action=fold]")
    button.click()
    assert folded.count() == 233
    expect(folded.first).to_be_hidden()
    for _ in range(page.locator(".same-fold").count()):
        page.locator(".same-fold").first.click()
    expect(folded).to_have_count(0)
    expect(button).to_have_attribute("aria-pressed", "false")
