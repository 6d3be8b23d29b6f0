import io
import random
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.exhibit.fonts import card_fonts
from laam.model.model import Model
from laam.serving.summary import Summaries, Summary
from laam.share.card import ADDRESS, NUMBER, PAPER, SAME, SEALED, STROKES, WIDTH, Cards
from laam.share.moving_card import DIFFERS_PAPER, GIF, SAME_PAPER, WEBP, Format, as_still, draw_moving, frames_of
from laam.share.scene import AHEAD, WRITTEN, Scene, SceneRow
from tests.serving.made_up import services_of

CARDS = Cards(card_fonts())
LONGEST = 6_000  # lines; more than any file of the release has


@pytest.fixture(scope="module")
def summary(model: Model, manifest: SealedManifest) -> Summary:
    return Summaries(services_of(model, manifest)).find(Ask("linux/kernel/sched.c"))


def scene_with(summary: Summary, rows: list[SceneRow], lines: int) -> Scene:
    whole = replace(summary, marks="=" * lines, lengths=[61] * lines)
    return Scene(whole, rows, [61 * line for line in range(lines + 1)], 61 * lines)


def long_scene(summary: Summary) -> Scene:
    """The scene of a long file, whose text no compression makes small."""
    drawn = random.Random(1)
    texts = ["".join(chr(drawn.randrange(33, 127)) for _ in range(100)) for _ in range(WRITTEN + AHEAD)]
    return scene_with(summary, [SceneRow(text, 100, number) for number, text in enumerate(texts, 1)], LONGEST)


def short_scene(summary: Summary) -> Scene:
    """One line that came back, one that was written otherwise, and one that was not written."""
    rows = [SceneRow("int a;", 6, 1), SceneRow("int x;", None, 1), SceneRow(None, 9, 2), SceneRow(None, 20, 3)]
    found = replace(summary, marks="=xx", lengths=[7, 10, 21], headline=replace(summary.headline, share=7 / 38))
    return Scene(found, rows, [0, 7, 7, 7], 38)


def frames(data: bytes) -> list[Image.Image]:
    image = Image.open(io.BytesIO(data))
    found = []
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        found.append(image.convert("RGB"))
    return found


def milliseconds(data: bytes) -> int:
    image, total = Image.open(io.BytesIO(data)), 0
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        image.load()
        total += image.info["duration"]
    return total


def apart(left: Image.Image, right: Image.Image) -> float:
    """How far two pictures are from each other, on average of all pixels and colours, 0…255."""
    histogram = ImageChops.difference(left, right).convert("L").histogram()
    return sum(value * pixels for value, pixels in enumerate(histogram)) / sum(histogram)


def has(image: Image.Image, colour: str) -> bool:
    colours = {found for _, found in image.convert("RGB").getcolors(1 << 24) or []}
    return tuple(bytes.fromhex(colour[1:])) in colours


@pytest.mark.parametrize("format_", [WEBP, GIF], ids=["webp", "gif"])
@pytest.mark.parametrize("made", [long_scene, short_scene], ids=["long", "short"])
def test_it_plays_once_in_six_to_eight_seconds_and_is_small(summary: Summary, made: object, format_: Format) -> None:
    scene = made(summary)  # type: ignore[operator]
    data = draw_moving(CARDS, scene, format_)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == (format_.suffix.upper(), format_.size)
    assert 6_000 <= milliseconds(data) <= 8_000
    assert image.info.get("loop") == (1 if format_ is WEBP else None)
    assert b"NETSCAPE" not in data
    assert len(data) <= 800_000
    assert len(frames(data)) <= 39  # each takes a fiftieth of a second to draw and write


def test_its_first_and_its_last_frame_are_the_card(summary: Summary) -> None:
    scene = long_scene(summary)
    card = Image.open(io.BytesIO(CARDS.draw(scene.summary))).convert("RGB")
    moving = frames(draw_moving(CARDS, scene, WEBP))
    assert [apart(frame, card) for frame in (moving[0], moving[-1])] == [0, 0]
    small = card.resize(GIF.size, Image.Resampling.HAMMING)
    moving = frames(draw_moving(CARDS, scene, GIF))
    assert max(apart(frame, small) for frame in (moving[0], moving[-1])) < 2
    assert apart(moving[3], small) > 5


def test_bars_open_as_lines_are_written(summary: Summary) -> None:
    seen = [frame.image.convert("RGB").crop(STROKES) for frame in frames_of(CARDS, short_scene(summary))][1:-1]
    assert len(seen) == 5
    assert [has(frame, SAME_PAPER) for frame in seen] == [False, True, True, True, True]
    assert [has(frame, DIFFERS_PAPER) for frame in seen] == [False, False, True, True, True]
    assert all(has(frame, SEALED) for frame in seen)
    assert len({frame.tobytes() for frame in seen}) == 5


def test_then_the_whole_file_comes_back_as_strokes(summary: Summary) -> None:
    seen = [frame.image.convert("RGB") for frame in frames_of(CARDS, long_scene(summary))]
    blue = [
        sum(pixels for pixels, colour in frame.crop(STROKES).getcolors(1 << 24) or [] if colour == tuple(bytes.fromhex(SAME[1:])))
        for frame in seen[-12:]
    ]
    assert blue == sorted(blue)
    assert blue[0] < blue[-1] / 10
    assert len({frame.crop(NUMBER).tobytes() for frame in seen}) > 12  # the number grows with them


@pytest.mark.parametrize(
    "text", ["\u241b[31m", "a" + "\u0301" * 99, "\u05d0" * 100, "\ud800", "\ufffd\u2028", "<script>{{}}${}&", "W" * 100, ""]
)
def test_no_text_leaves_its_row(summary: Summary, text: str) -> None:
    empty, rows = SceneRow("", None, 0), [SceneRow("", None, 0) for _ in range(5)]
    plain = list(frames_of(CARDS, scene_with(summary, rows, 3)))[6].image.convert("RGB")
    hostile = list(frames_of(CARDS, scene_with(summary, [empty, empty, SceneRow(text, None, 0), empty, empty], 3)))[6].image.convert("RGB")
    changed = ImageChops.difference(plain, hostile).getbbox()
    left, top, right, _ = STROKES
    assert (changed is None) == (text == "")
    if changed:
        assert changed[0] >= left + 26
        assert changed[1] >= top + 2 * 26
        assert changed[2] <= right
        assert changed[3] <= top + 3 * 26


@pytest.mark.parametrize("format_", [WEBP, GIF], ids=["webp", "gif"])
def test_a_card_as_a_still_picture(summary: Summary, format_: Format) -> None:
    image = Image.open(io.BytesIO(as_still(CARDS.draw(summary), format_)))
    assert (image.format, image.size, image.n_frames) == (format_.suffix.upper(), format_.size, 1)  # type: ignore[attr-defined]


def test_a_file_without_lines_has_one_too(summary: Summary) -> None:
    assert frames(draw_moving(CARDS, Scene(replace(summary, marks="", lengths=[]), [], [0], 0), WEBP))


def test_the_address_stands_on_each_frame(summary: Summary) -> None:
    cards = replace(CARDS, address="https://example.org/laam")
    place = (ADDRESS[0], ADDRESS[1] - 20, WIDTH, ADDRESS[1] + 6)
    for each, is_there in ((cards, True), (CARDS, False)):
        seen = [frame.image.convert("RGB").crop(place) for frame in frames_of(each, short_scene(summary))]
        assert {len(image.getcolors(1 << 16) or []) > 1 for image in seen} == {is_there}
    assert has(seen[0], PAPER)
