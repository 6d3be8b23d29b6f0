import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.exhibit.gradio_internals import card_fonts
from laam.model.model import Model
from laam.serving.summary import Summaries, Summary
from laam.share.card import DIFFERS, SAME, Cards
from tests.serving.made_up import services_of

CARDS = Cards(card_fonts())


@pytest.fixture(scope="module")
def summary(model: Model, manifest: SealedManifest) -> Summary:
    return Summaries(services_of(model, manifest)).find(Ask("linux/kernel/sched.c"))


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    return image.convert("RGB")


def shares(image: Image.Image) -> dict[str, float]:
    """Of the pixels where the ticks are, the share that has each colour."""
    ticks = image.crop((72, 380, 1128, 436))
    pixels = [ticks.getpixel((x, y)) for x in range(ticks.width) for y in range(ticks.height)]
    wanted = {name: tuple(bytes.fromhex(name[1:])) for name in (SAME, DIFFERS)}
    return {name: sum(pixel == colour for pixel in pixels) / len(pixels) for name, colour in wanted.items()}


def test_an_exact_file_is_one_blue_bar(summary: Summary) -> None:
    assert shares(opened(CARDS.draw(summary)))[SAME] > 0.85


def test_differences_are_lower_as_well_as_orange(summary: Summary) -> None:
    found = shares(opened(CARDS.draw(replace(summary, ticks="=x" * 20))))
    assert found[SAME] == pytest.approx(0.48, abs=0.05)
    assert found[DIFFERS] == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("ticks", ["", "=", "=" * 240])
def test_any_number_of_ticks_can_be_drawn(summary: Summary, ticks: str) -> None:
    opened(CARDS.draw(replace(summary, ticks=ticks)))


def test_a_text_of_any_length_stays_on_the_card(summary: Summary) -> None:
    image = opened(
        CARDS.draw(replace(summary, model="W" * 400, file=replace(summary.file, path="linux/" + "m" * 300, notices=("© " + "W" * 300,))))
    )
    edge = image.crop((1130, 0, 1200, 630))
    assert len(edge.getcolors() or []) == 1
    opened(CARDS.draw_missing("W" * 300, "<b>&" + "\ufffd" * 900))


def test_the_same_card_has_the_same_bytes(summary: Summary) -> None:
    assert CARDS.draw(summary) == CARDS.draw(summary)


def test_without_its_font_a_card_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="install the gradio that requirements"):
        Cards(tmp_path).draw_missing("x", "y")
