"""An exhibit of a reader's own, in the browser: its front page and its lab."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from laam.corpus.sealed import SealedManifest
from laam.measure.archives import read_archives
from laam.settings import MANIFEST
from tests.browser.conftest import exhibit_in, go, serving, visiting
from tests.browser.own import VERSES, exhibit_of, write_verses
from tests.conftest import TINY_RECIPE

FEW = {**TINY_RECIPE, "passes": 8, "polish_passes": 1}
"""What it learned is of no matter here."""


@pytest.fixture(scope="module")
def verses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAAM_CACHE", str(folder / "cache"))
        return exhibit_of(write_verses(folder / "verses"), folder / "verses.exhibit", folder / "cache", FEW)


@pytest.fixture(scope="module")
def own_address(verses: Path) -> Iterator[str]:
    with serving(["app.py"], verses.parent, LAAM_EXHIBIT=str(verses)) as address:
        yield address


def test_its_model_writes_a_file_whose_name_has_an_accent(browser: Browser, own_address: str) -> None:
    with visiting(browser, own_address) as page:
        go(page, f"{own_address}?path=café.txt")
        exhibit_in(page, file="verses/café.txt")
        expect(page).to_have_title(re.compile("Verses as a Model"))


def test_its_lab_drops_its_files(browser: Browser, verses: Path, own_address: str) -> None:
    archives = read_archives(verses, SealedManifest.open(verses / MANIFEST))
    assert archives is not None and archives.files == len(VERSES)
    with visiting(browser, own_address) as page:
        go(page, f"{own_address}lab")
        section, half = page.locator(".lab"), next(step for step in archives.steps["largest"] if step.percent == 50)
        slider = section.get_by_label("Drop so many percent of the files")
        section.get_by_label("the largest").check()
        slider.fill("50")
        expect(section.locator('[data-packer="xz"] .bytes')).to_have_text(f"{half.xz:,}")
        expect(section.locator(".said")).to_contain_text(f"With {4 - half.files} of 4 files dropped")
        expect(page.get_by_text("the post", exact=False)).to_have_count(0)
