"""A model of the published format and readable originals on the page, in Chromium: both tiny and made up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from laam.emission import conditions
from laam.knobs import USUAL_PIECES
from laam.model.model import Model
from laam.model.pieces import Piece, file_pieces
from laam.settings import Settings
from tests.browser.conftest import HEARD, PATIENCE, SCRIPTED, OpenPage, answered, exhibit_in, field, go, open_panel, screenshot, serving

PATH = "linux/kernel/sched.c"
READ = "The originals are the text of Linux 1.0"  # once they were read


@pytest.fixture(scope="module")
def address(settings: Settings, published: Model, tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The exhibit with the made-up tree and the tiny published model."""
    environment = {"LAAM_MODEL": str(published.folder), "LAAM_ORIGINALS": str(tarball), "HF_HUB_OFFLINE": "1"}
    with serving([*SCRIPTED[:2], str(settings.assets)], tmp_path_factory.mktemp("cache"), **environment) as address:
        yield address


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page()
    page.wait_for_function(
        f"() => fetch('state.json').then((answer) => answer.text()).then((text) => text.includes('{READ}'))", timeout=PATIENCE
    )
    go(page, page.url)
    open_panel(page, "more")
    expect(page.locator(".reasons")).to_contain_text(READ)
    return page


@pytest.fixture(scope="module")
def pieces(published: Model, made_up_files: dict[str, str]) -> list[Piece]:
    return file_pieces(published.format, PATH, made_up_files[PATH], published.window, USUAL_PIECES)


def emitted(page: Page, button: Locator) -> None:
    answered(page, button.click)
    if page.locator(".details").is_hidden():
        page.get_by_role("button", name="details").click()


def emit(page: Page) -> None:
    emitted(page, page.locator("#emit"))


def test_a_path_gives_the_first_piece_and_says_why_no_more(
    page: Page, published: Model, pieces: list[Piece], made_up_files: dict[str, str]
) -> None:
    emit(page)
    note = page.locator(".exhibit .kn")
    expect(note).to_have_text(
        f"The model's window of {published.window} tokens is full. Such a model is trained on files cut into pieces of that length, "
        f"and sees no piece with the next. The emission ends here. {conditions.NEXT_PIECE}"
    )
    assert note.evaluate("note => !note.nextElementSibling && !note.closest('.chunk').nextElementSibling")
    rows = page.locator(".exhibit .ke").count()
    assert field(page, "within_reach") == f"can hold the first {pieces[0].end:,} characters, {rows} lines"
    assert field(page, "reproduced") == "100 %"
    assert field(page, "measure").startswith("of what its window can hold")
    assert 0 < float(field(page, "second").removesuffix(" % of the file")) < 50
    assert field(page, "ending") == f"The model's window of {published.window} tokens is full."
    expect(page.locator(".exhibit .kx")).to_have_count(1)
    expect(page.locator(".signs .cut")).to_have_text("… cut off")
    missing = made_up_files[PATH].count("\n") - rows
    expect(page.locator(".none")).to_have_text(f"Nothing wrong so far; {missing} lines not written")
    screenshot(page, "published-1280-light")


def test_both_models_stand_at_the_head_and_a_click_shows_the_other(page: Page) -> None:
    emit(page)
    page.locator(".quiet").get_by_role("button", name="more").click()  # what it says is of another length for each model
    rows, shown = page.locator(".compared li"), page.locator(".compared [aria-current]")
    ours = rows.filter(has_text="our own model")
    expect(ours.locator("b")).to_have_text("100 %", timeout=PATIENCE)
    expect(shown.locator("b")).to_have_text(field(page, "reproduced"))
    expect(shown.locator(".said")).to_have_text(f"of its window, {field(page, 'second')}")
    assert (rows.count(), shown.locator("a").count()) == (2, 0)
    assert rows.locator("svg path.same").evaluate_all("all => all.every((path) => path.getAttribute('d'))")
    screenshot(page, "both-1280-light")
    place = page.locator(".compared").bounding_box()
    answered(page, ours.get_by_role("link").click)
    expect(shown).to_contain_text("our own model")
    assert field(page, "model").startswith("our own model")
    assert page.url.endswith(f"?path={PATH}&model=embedded")
    expect(page.locator("#models input:checked")).to_have_value("embedded")
    assert page.locator(".compared").bounding_box() == place


def test_at_the_window_s_end_a_button_leads_through_all_pieces(page: Page, pieces: list[Piece], made_up_files: dict[str, str]) -> None:
    emit(page)
    answered(page, page.get_by_role("link", name=conditions.NEXT_PIECE).click)
    given = page.locator(".exhibit .kg")
    shown = [str(row.locator("code").first.text_content()) for row in given.all()]
    assert set(shown) <= set(made_up_files[PATH].split("\n"))  # whole lines, put together from what was given and what was written
    characters = sum(piece.given_end - piece.start for piece in pieces)
    assert field(page, "given") == (
        f"a path, and {characters} characters of source: the beginning of each of {len(pieces) - 1} later pieces; it counts for nothing"
    )
    assert (field(page, "reproduced"), field(page, "measure")) == ("100 %", "of the lines that were not given, copied exactly and in order")
    assert page.locator(".exhibit .row[data-o]").count() == made_up_files[PATH].count("\n")
    assert page.locator(".exhibit .row:is(.kd, .ki, .km, .kn)").count() == 0
    assert page.url.endswith(f"&pieces={USUAL_PIECES}")
    expect(page.locator("#pieces")).to_have_value(str(USUAL_PIECES))
    assert f"--pieces {USUAL_PIECES}" in field(page, "replay")
    screenshot(page, "pieces-1280-light")
    page.go_back()
    exhibit_in(page)
    assert "pieces" not in page.url


def test_pieces_and_running_on_are_one_too_many(page: Page) -> None:
    page.locator("#pieces").fill("9")
    page.locator("#slide").check()
    page.locator("#emit").click()
    expect(page.get_by_role("alert")).to_contain_text("leave slide off, or pieces at 0")


def test_it_may_run_on_and_the_place_is_marked(page: Page, published: Model) -> None:
    page.locator("#slide").check()
    page.locator("#max_tokens").fill("150")
    emit(page)
    expect(page.locator(".exhibit .kn")).to_contain_text("What follows is written after the last half of the window.")
    assert page.locator(".exhibit .kn ~ .row, .chunk:has(.kn) ~ .chunk .row").count() > 0
    assert field(page, "ending") == "Cut off at the limit of 150 tokens."
    assert "--slide" in field(page, "replay")


def test_source_is_found_and_only_what_follows_counts(page: Page, published: Model, made_up_files: dict[str, str]) -> None:
    lines = made_up_files[PATH].split("\n")
    open_panel(page, "paste code")
    expect(page.locator("#paste")).to_contain_text(f"reads the last {published.window // 2} tokens of it. Its continuation")
    page.locator("#source").fill("\n".join(lines[8:14]) + "\n")
    emitted(page, page.locator("#continue"))
    assert field(page, "file") == PATH
    assert "your source is from lines 9 to 14" in field(page, "origin")
    assert page.locator(".exhibit .kg").count() == 6
    assert page.locator(".exhibit .row:not(.kg):not(.kn)").first.get_attribute("data-o") == "15"
    expect(page.locator(".exhibit")).to_have_attribute("data-score", "aside")  # a number that is no share of a whole file is grey


def test_a_chip_continues_what_the_model_itself_wrote(page: Page, made_up_files: dict[str, str]) -> None:
    expect(page.locator(".snippets")).to_be_empty()  # nothing is known of this one yet
    open_panel(page, "by ")
    page.locator("#models").get_by_label("our own model, ").check()
    open_panel(page, "paste code")
    emitted(page, page.get_by_role("button", name="the first lines of main.c"))
    given = page.locator("#source").input_value()
    assert len(given) > 20
    assert made_up_files["linux/init/main.c"].startswith(given)
    assert page.locator(".exhibit .kg").count() == given.count("\n") + (not given.endswith("\n"))


def test_hostile_source_found_nowhere_is_text_and_each_line_is_looked_up(page: Page) -> None:
    open_panel(page, "paste code")
    page.locator("#source").fill("<img src=x onerror=window.hacked=1>${window.hacked=1}{{window.hacked=1}}<|end_file|>\n")
    emitted(page, page.locator("#continue"))
    assert field(page, "file") == "source that points to no single file"
    assert page.evaluate("window.hacked") is None
    assert str(page.locator(".exhibit .kg code").first.text_content()).startswith("<img src=x onerror")
    expect(page.locator(".exhibit")).to_contain_text("found in the originals")


def test_without_a_prompt_it_names_its_file_itself_and_has_an_address(page: Page) -> None:
    home = page.url
    emitted(page, page.get_by_role("link", name="let it choose a file"))
    for _ in range(2):
        assert field(page, "given") == "the start of a file, and nothing more"
        assert field(page, "settings") == "Temperature 0.2, seed 0."
        assert "--no-prompt" in field(page, "replay")
        assert page.locator("#path").input_value() == ""
        assert "t=0.2&seed=0" in page.url and "path" not in page.url
        page.reload()  # its address leads to it again
        exhibit_in(page)
        page.get_by_role("button", name="details").click()
    page.go_back()
    page.wait_for_url(home)


def test_the_embedded_model_can_be_picked_and_stays(page: Page) -> None:
    open_panel(page, "by ")
    absent = page.locator("#models input:disabled")
    assert absent.evaluate_all("all => all.map((one) => one.value)") == ["published-5m", "published-32m"]
    expect(page.locator("#models label:has(:disabled)").first).to_contain_text("can’t be had: this server is offline")
    page.locator("#models").get_by_label("our own model, ").check()
    expect(page.locator(".reasons")).to_contain_text("This is the exhibit’s own model")
    expect(page.locator('button[data-panel="models"]')).to_contain_text("by our own model, ")
    expect(page.get_by_role("link", name="let it choose a file")).to_be_hidden()
    expect(page.locator("#pieces")).to_be_hidden()
    emit(page)
    assert field(page, "reproduced") == field(page, "similarity") == "100 %"
    assert field(page, "model_digest").startswith("embedded ")
    page.reload()
    exhibit_in(page)
    assert field(page, "model_digest").startswith("embedded ")
    expect(page.locator("#models input:checked")).to_have_value("embedded")


@pytest.mark.parametrize("fails", [False, True])
def test_a_model_that_must_be_fetched_says_how_far_it_is_or_why_not(page: Page, fails: bool) -> None:
    state = page.request.get(f"{page.url}state.json?model=embedded").text()
    told = 'event: refused\ndata: {"refused": "<b>It is gone.</b>"}' if fails else f"data: {state}"
    body = f'event: progress\ndata: {{"file": "model.safetensors", "done": 5, "total": 10}}\n\n{told}\n\n'
    page.route("**/model/stream*", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    page.evaluate(HEARD)
    open_panel(page, "by ")
    page.locator("#models").get_by_label("our own model, ").check()
    if fails:
        expect(page.get_by_role("alert")).to_have_text("<b>It is gone.</b>")
    else:
        expect(page.locator('button[data-panel="models"]')).to_contain_text("by our own model, ")
    assert page.evaluate("heard") == ["fetching model.safetensors: 50 %", ""]
