"""The moving card: six to eight seconds in which a file is written, bars open and the number grows, once; then it is the card."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image, ImageColor, ImageDraw

from laam.share.card import (
    DIFFERS,
    HEIGHT,
    INK,
    MONO,
    NUMBER,
    PAPER,
    RULE,
    SAME,
    SEALED,
    SOFT,
    STROKES,
    WIDTH,
    Cards,
    draw_strokes,
)
from laam.share.scene import WRITTEN, Scene, SceneRow

VERSION = 3  # of the drawing: a kept card of another one isn't shown
CARD_MS, WRITING_MS, REST_MS, END_MS = 900, 3600, 1600, 1000  # the card; the first rows; the rest of the file; the card again
REST_FRAMES = 12  # at most
PITCH, SIZE, SIGN = 26, 17, 26  # pixels: from row to row; of a letter; from a row's sign to its text
ELSEWHERE = "\N{CYRILLIC CAPITAL LETTER UKRAINIAN IE}"  # in the place of ∈, which IBM Plex lacks
ABOVE = 11  # rows that stand above the one that is written, once there are as many
SAME_PAPER, DIFFERS_PAPER = "#e4edf1", "#fbeadb"  # behind what was written; the page's colours
SHADES = 14  # of each ink on its paper, for the edges of letters

VISIBLE = (STROKES[3] - STROKES[1]) // PITCH  # rows
PANE = (STROKES[2] - STROKES[0], VISIBLE * PITCH)  # the size of what the rows take
_INKS = (
    *((PAPER, ink) for ink in (INK, SOFT, SAME, DIFFERS, SEALED)),
    (SAME_PAPER, INK),
    (SAME_PAPER, SAME),
    (DIFFERS_PAPER, DIFFERS),
)


@dataclass(frozen=True)
class Format:
    """A kind of file. `save`: how Pillow writes it so that it plays once; `bytes`: how such a file begins."""

    suffix: str
    media_type: str
    size: tuple[int, int]
    magic: bytes
    save: dict[str, Any]


WEBP = Format(
    "webp", "image/webp", (WIDTH, HEIGHT), b"RIFF", {"format": "WEBP", "loop": 1, "lossless": True, "quality": 20, "method": 1, "kmax": 0}
)
GIF = Format("gif", "image/gif", (800, 420), b"GIF89a", {"format": "GIF"})  # one that doesn't say how often plays once
FORMATS = {each.suffix: each for each in (WEBP, GIF)}


@dataclass(frozen=True)
class Frame:
    image: Image.Image
    ms: int


def draw_moving(cards: Cards, scene: Scene, format_: Format) -> bytes:
    """The whole scene. Its first frame and its last are the card, for programs that show one frame only."""
    frames = [Frame(_fit(frame.image, format_), frame.ms) for frame in frames_of(cards, scene)]
    data = io.BytesIO()
    images = [frame.image for frame in frames]
    images[0].save(data, save_all=True, append_images=images[1:], duration=[frame.ms for frame in frames], **format_.save)
    return data.getvalue()


def as_still(card: bytes, format_: Format) -> bytes:
    """A card (PNG) as a picture of one frame."""
    data = io.BytesIO()
    _fit(Image.open(io.BytesIO(card)), format_).save(data, **format_.save)
    return data.getvalue()


def frames_of(cards: Cards, scene: Scene) -> Iterator[Frame]:
    """The frames, all with the palette of `_palette`, but for the card itself."""
    card = Image.open(io.BytesIO(cards.draw(scene.summary)))
    yield Frame(card, CARD_MS)
    base = _few_colours(cards.draw_words(scene.summary, ("so far", ""))[0])
    yield from _writing(cards, scene, base)
    yield Frame(card, END_MS)


def _writing(cards: Cards, scene: Scene, base: Image.Image) -> Iterator[Frame]:
    """The scene between the card and the card: the first rows, then the whole file as strokes."""
    pane = _Pane(cards, scene.rows)
    written = min(WRITTEN, len(scene.rows))
    reached = [0, *(row.reached for row in scene.rows[:written])]
    left = scene.lines - reached[-1]
    for row, decided in enumerate(reached):
        frame = base.copy()
        frame.paste(pane.draw(row), STROKES[:2])
        _paste_number(cards, scene, decided, frame)
        yield Frame(frame, (WRITING_MS if left else WRITING_MS + REST_MS) // len(reached))
    for number in range(count := min(REST_FRAMES, left)):
        decided = reached[-1] + round(left * (number / count) ** 1.5)
        frame = base.copy()
        draw_strokes(ImageDraw.Draw(frame), scene.summary.lengths, scene.marks(decided))
        _paste_number(cards, scene, decided, frame)
        yield Frame(frame, REST_MS // count)


def _paste_number(cards: Cards, scene: Scene, reached: int, frame: Image.Image) -> None:
    image = Image.new("RGB", NUMBER[2:], PAPER)
    cards.draw_number(ImageDraw.Draw(image), scene.summary, scene.percent(reached))
    frame.paste(_few_colours(image.crop(NUMBER)), NUMBER[:2])


class _Pane:
    """The rows of a scene, each drawn twice, as long as it is sealed and once it is decided; a frame has a part of either."""

    def __init__(self, cards: Cards, rows: Sequence[SceneRow]) -> None:
        self._rows = len(rows)
        self._font = cards.font(MONO, SIZE)
        self._wide = self._font.getlength("m")
        self._sealed, self._decided = (_few_colours(self._strip(rows, draw)) for draw in (self._draw_bar, self._draw_decided))

    def draw(self, written: int) -> Image.Image:
        """The pane once so many rows are written."""
        top = max(0, min(written - ABOVE, self._rows - VISIBLE))
        pane = self._sealed.crop((0, top * PITCH, PANE[0], top * PITCH + PANE[1]))
        pane.paste(self._decided.crop((0, top * PITCH, PANE[0], written * PITCH)), (0, 0))
        return pane

    def _strip(self, rows: Sequence[SceneRow], draw_row: Callable[[ImageDraw.ImageDraw, SceneRow], None]) -> Image.Image:
        strip = Image.new("RGB", (PANE[0], max(len(rows), VISIBLE + 1) * PITCH), PAPER)
        for number, row in enumerate(rows):
            image = Image.new("RGB", (PANE[0], PITCH), PAPER)  # of its own, so that no letter reaches into another row
            draw_row(ImageDraw.Draw(image), row)
            strip.paste(image, (0, number * PITCH))
        return strip

    def _draw_bar(self, draw: ImageDraw.ImageDraw, row: SceneRow) -> None:
        if row.bar:
            right = min(PANE[0], SIGN + round(row.bar * self._wide))
            draw.rectangle((SIGN, 6, right - 1, PITCH - 7), SEALED)

    def _draw_decided(self, draw: ImageDraw.ImageDraw, row: SceneRow) -> None:
        if row.text is None:
            self._draw_bar(draw, row)
            draw.text((6, 19), "−", SOFT, self._font, anchor="ls")
            return
        ground, sign, colour, ink = (DIFFERS_PAPER, "+", DIFFERS, DIFFERS) if row.bar is None else (SAME_PAPER, "=", SAME, INK)
        if row.sign:
            ground, sign, colour, ink = PAPER, ELSEWHERE if row.sign == "∈" else row.sign, SOFT, INK
        draw.rectangle((0, 0, PANE[0], PITCH), ground)
        draw.text((6, 19), sign, colour, self._font, anchor="ls")
        draw.text((SIGN, 19), row.text, ink, self._font, anchor="ls")


def _fit(image: Image.Image, format_: Format) -> Image.Image:
    """The picture in a format's size, as it is if it has it."""
    return image if image.size == format_.size else _few_colours(image.convert("RGB").resize(format_.size, Image.Resampling.HAMMING))


def _few_colours(image: Image.Image) -> Image.Image:
    """The picture with the palette of all frames."""
    return image.quantize(palette=_palette(), dither=Image.Dither.NONE)


@cache
def _palette() -> Image.Image:
    """A picture with the palette: each ink, its paper, and what is between them."""
    pairs = [(ImageColor.getrgb(paper), ImageColor.getrgb(ink)) for paper, ink in _INKS]
    shades = {
        tuple(round(a + (b - a) * step / SHADES) for a, b in zip(paper[:3], ink[:3], strict=True))
        for paper, ink in pairs
        for step in range(SHADES + 1)
    }
    image = Image.new("P", (1, 1))
    image.putpalette([value for shade in [*sorted(shades), ImageColor.getrgb(RULE)[:3]] for value in shade])
    return image
