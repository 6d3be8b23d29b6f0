import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.headline import Kind
from laam.emission.naming import model_in_full
from laam.exhibit.fonts import card_fonts
from laam.model.lossy import Lossy
from laam.model.model import Model
from laam.serving.summary import Summaries, Summary
from laam.share.card import DIFFERS, PAPER, SAME, SEALED, SOFT, STROKES, THIRD, Cards
from tests.serving.made_up import services_of

CARDS = Cards(card_fonts())


@pytest.fixture(scope="module")
def summary(model: Model, manifest: SealedManifest) -> Summary:
    return Summaries(services_of(model, manifest)).find(Ask("linux/kernel/sched.c"))


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    return image.convert("RGB")


def inked(image: Image.Image) -> dict[str, int]:
    """How many pixels of the drawn file have each colour."""
    strokes = image.crop(STROKES)
    wanted: dict[object, str] = {tuple(bytes.fromhex(colour[1:])): colour for colour in (SAME, SEALED, SOFT)}
    found = Counter(dict.fromkeys(wanted.values(), 0))
    for pixels, colour in strokes.getcolors(strokes.width * strokes.height) or []:
        found[wanted.get(colour, PAPER)] += pixels
    return found


def test_a_file_that_came_back_is_drawn_in_blue(summary: Summary) -> None:
    found = inked(opened(CARDS.draw(summary)))
    assert found[SAME] > 1_000
    assert found[SEALED] == found[SOFT] == 0


def test_each_line_is_a_stroke_as_long_as_it_is_and_black_if_it_did_not_come_back(summary: Summary) -> None:
    found = inked(opened(CARDS.draw(replace(summary, marks="=x.·", lengths=[41, 21, 11, 1]))))
    assert found[SAME] / found[SEALED] == pytest.approx(40 / 30, rel=0.01)
    assert found[SOFT] == 0  # the line that was given is empty
    assert inked(opened(CARDS.draw(replace(summary, marks="·", lengths=[41]))))[SOFT] == found[SAME]


@pytest.mark.parametrize("lines", [0, 1, 240, 3_725, 20_000])
def test_any_number_of_lines_stays_within_its_two_thirds(summary: Summary, lines: int) -> None:
    image = opened(CARDS.draw(replace(summary, marks="=" * lines, lengths=[200] * lines)))
    left, top, right, bottom = STROKES
    for edge in ((THIRD, 0, left, 556), (right, 0, 1200, 556), (left, 0, right, top), (left, bottom, right, 556)):
        assert {colour for _, colour in image.crop(edge).getcolors() or []} == {tuple(bytes.fromhex(PAPER[1:]))}
    assert (inked(image)[SAME] > 0) == (lines > 0)


@pytest.mark.parametrize(("kind", "ink"), [("whole", SAME), ("part", SAME), ("none", DIFFERS), ("aside", SOFT)])
def test_the_number_has_the_colour_of_its_kind(summary: Summary, kind: Kind, ink: str) -> None:
    image = opened(CARDS.draw(replace(summary, headline=replace(summary.headline, kind=kind))))
    shown = {colour for _, colour in image.crop((72, 190, THIRD, 290)).getcolors(40_000) or []}
    assert [colour for colour in (SAME, DIFFERS, SOFT) if tuple(bytes.fromhex(colour[1:])) in shown] == [ink]


def test_a_text_of_any_length_stays_on_the_card(summary: Summary) -> None:
    image = opened(
        CARDS.draw(replace(summary, model="W" * 400, file=replace(summary.file, path="linux/" + "m" * 300, notices=("© " + "W" * 300,))))
    )
    edge = image.crop((1130, 0, 1200, 630))
    assert len(edge.getcolors() or []) == 1
    opened(CARDS.draw_missing("W" * 300, "<b>&" + "\ufffd" * 900))


@pytest.mark.parametrize(
    ("lossy", "said"),
    [(Lossy(5), "5 bits"), (Lossy(8, 0.01, 0.05, 7), "noise 0.01, 5 % pruned, 8 bits"), (Lossy(pruned=0.2), "20 % pruned")],
)
def test_what_the_weights_lost_has_room_on_a_card(
    model: Model, summary: Summary, lossy: Lossy, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(ImageDraw.ImageDraw, "text", lambda _, __, text, *___, **____: written.append(text))
    named = model_in_full(model.name, model.parameters, lossy)
    CARDS.draw(replace(summary, ask=replace(summary.ask, lossy=lossy), model=named))
    assert f"by our own model at {said}" in written


def test_the_same_card_has_the_same_bytes(summary: Summary) -> None:
    assert CARDS.draw(summary) == CARDS.draw(summary)


def test_without_its_font_a_card_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="install the gradio of requirements"):
        Cards(tmp_path).draw_missing("x", "y")
