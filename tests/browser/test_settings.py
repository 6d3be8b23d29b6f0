"""The static site with the model in Chromium: settings, links that hold them, and source."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from laam.compare.live import compare_text
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.emission.headline import headline_of
from tests.browser.conftest import PATIENCE, answered, exhibit_in, field, go, open_panel, paste, visiting, write
from tests.engine.node import node

KNOWN = "kernel/info.c"  # short, and the model gives it exactly
DRAWN = "t=1.5&k=40&seed=7&n=300"
MADE_UP = "int made_up(int a)\n{\n\tint b = a;\n\twhile ("
TEXT = "() => fetch(document.querySelector('[data-action=download]').href).then((answer) => answer.text())"


@pytest.fixture
def folder(whole_site: tuple[Path, str]) -> Path:
    return whole_site[0]


@pytest.fixture
def site(whole_site: tuple[Path, str]) -> str:
    return whole_site[1]


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    with visiting(browser, site) as page:
        go(page, site)
        yield page


def in_node(folder: Path, **asked: Any) -> str:
    """The text that the engine's own tests would see."""
    [result] = node("emit", model=str(folder / "model.safetensors"), workers=1, asked=[asked])
    return str(result["text"])


def test_a_link_with_a_seed_draws_what_the_engine_draws(page: Page, site: str, folder: Path) -> None:
    answered(page, lambda: go(page, f"{site}?path={KNOWN}&{DRAWN}"))
    text = page.evaluate(TEXT)
    assert text == in_node(folder, path=f"linux/{KNOWN}", temperature=1.5, topK=40, seed=7, maxTokens=300)
    assert field(page, "verdict").startswith("At temperature 1.5, given the file’s name and the number")
    page.get_by_role("button", name="details").click()
    assert field(page, "settings") == "Temperature 1.5, top-k 40, seed 7."
    open_panel(page, "more")
    assert page.locator("#seed").input_value() == "7"
    page.locator("#seed").fill("8")
    answered(page, lambda: page.locator("#seed").press("Enter"))
    assert page.url == f"{site}?path={KNOWN}&t=1.5&k=40&n=300&seed=8"
    assert page.evaluate(TEXT) != text
    answered(page, page.go_back)
    assert page.evaluate(TEXT) == text


def test_a_link_that_was_escaped_too_often_or_has_unknown_keys(page: Page, site: str) -> None:
    for link in (f"?path={KNOWN}&amp;t=1.5&amp;top_k=40&amp;seed=7&amp;n=30", f"?file={KNOWN}&#038;t=1.5&#038;k=40&#038;seed=7&#038;n=30"):
        go(page, site + link)
        exhibit_in(page)
        page.get_by_role("button", name="details").click()
        assert field(page, "settings") == "Temperature 1.5, top-k 40, seed 7."
        expect(page.locator(".of-link")).to_be_hidden()
    page.goto(f"{site}?path={KNOWN}&n=30&model=published-5m&heat=1&fbclid=x")
    expect(page.locator(".of-link")).to_have_text("This link has keys that the exhibit doesn’t know: heat, model.", timeout=PATIENCE)
    go(page, f"{site}?path={KNOWN}&n=30&model=embedded")
    exhibit_in(page)
    expect(page.locator(".of-link")).to_be_hidden()


def test_a_site_that_is_opened_as_a_file_says_what_to_do(browser: Browser, folder: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    told = "Opened as a file, and so a browser loads none of its scripts: start “python -m http.server” in this folder"
    expect(page.get_by_role("alert")).to_contain_text(told, timeout=PATIENCE)
    context.close()


def test_source_is_continued_beside_what_follows_it(page: Page, site: str) -> None:
    answered(page, lambda: write(page, "kernel/fork.c"))
    given = page.evaluate(TEXT).split("\n")[:30]
    answered(page, lambda: paste(page, "\n".join([*given, ""])))
    assert field(page, "file") == "linux/kernel/fork.c"
    assert field(page, "verdict").startswith("Given 30 lines, the model wrote ")
    assert field(page, "measure").startswith("of what its window can hold")
    page.get_by_role("button", name="details").click()
    assert field(page, "origin").endswith(" · your source is from lines 1 to 30")
    assert field(page, "given").startswith("source text, ")
    assert page.url == site  # source has no link


def test_source_from_nowhere_is_looked_up_line_by_line(page: Page, folder: Path) -> None:
    open_panel(page, "more")
    page.locator("#max_tokens").fill("90")
    page.locator("#slide").check()
    answered(page, lambda: paste(page, MADE_UP))
    assert page.evaluate(TEXT) == in_node(folder, source=MADE_UP, maxTokens=90, slide=True)
    assert field(page, "file") == "source that points to no single file"
    assert re.search(r", of which \d+ stands? somewhere in Linux 1\.0\.", field(page, "verdict"))
    assert page.locator(".opened .kg").count() == 4


@pytest.mark.parametrize(
    ("path", "end", "difference"),
    [
        (KNOWN, "\\n", ""),
        (KNOWN, "\\r\\n", "Each line ends with CR LF; without that, 100 % would be reproduced."),
        ("include/linux/wait.h", "\\n", ""),
    ],
)
def test_what_is_said_of_a_whole_text_is_what_the_server_says(
    page: Page, folder: Path, linux: SealedManifest, path: str, end: str, difference: str
) -> None:
    """Declared measures, boilerplate, and a difference that runs through a text; `end`: what the model is made to end its lines with."""
    engine = (folder / "engine" / "engine.js").read_text("utf-8")
    handed_on = "onText: (more) => {"
    assert handed_on in engine
    changed = engine.replace(handed_on, f'onText: (written) => {{ const more = written.replaceAll("\\n", "{end}");')
    page.route("**/engine/engine.js", lambda route: route.fulfill(body=changed, content_type="text/javascript"))
    go(page, page.url)
    answered(page, lambda: write(page, path))
    compared = compare_text(page.evaluate(TEXT), linux.original(path), line_files=linux.line_files())
    told = {**wording.score_fields(compared.score), "reproduced": headline_of(compared.score).percent}
    page.get_by_role("button", name="details").click()
    for name in ("reproduced", "lines", "longest_run", "verbatim", "without_boilerplate", "measures"):
        assert field(page, name) == told[name].removeprefix(f"{name.replace('_', ' ')} ")
    assert field(page, "measures").startswith("in the originals’ lines ")
    assert told.get("difference", "") == difference
    if difference:
        assert field(page, "difference") == difference


def test_what_makes_no_sense_is_refused_in_words(page: Page, site: str) -> None:
    notice = page.locator(".notice")
    open_panel(page, "more")
    for name, text, said in (
        ("temperature", "9", "temperature 9 is outside 0 to 1.5."),
        ("top_k", "1.5", "top_k '1.5' is not a whole number; give one from 0 to 200."),
        ("seed", "", "seed is empty; give a whole number, 0 to 4,294,967,295."),
    ):
        setting = page.locator(f"#{name}")
        before = setting.input_value()
        setting.fill(text)
        page.get_by_role("button", name="Write it").click()
        expect(notice).to_have_text(f"{said} ")
        setting.fill(before)
    paste(page, "")
    expect(notice).to_have_text("Type or paste some code for the model to continue. ")
    paste(page, "x" * 4_001)
    expect(notice).to_have_text("You pasted 4,001 characters; give at most 4,000. ")
    go(page, f"{site}?path={KNOWN}&t=warm")
    expect(notice).to_have_text("temperature 'warm' is not a number; give one from 0 to 1.5. ")
    assert page.locator(".exhibit").get_attribute("data-state") == "idle"


def test_the_lab_stands_on_a_site_of_all_files(page: Page) -> None:
    lab = page.locator(".lab")
    lab.get_by_role("button", name="the post’s 5 %").click()
    expect(lab.locator("output")).to_have_text("5 %")
    expect(lab.locator(".said")).to_contain_text("the archive gives back")
    page.locator(".lab input[type=range]").press("End")
    expect(lab.locator(".said")).to_contain_text("gives back 0.0 % of the characters: less than our own model does.")
