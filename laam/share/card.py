"""The picture that a link's preview shows: 1200 × 630, drawn with IBM Plex.

IBM Plex, © 2017 IBM Corp., is under the SIL Open Font License 1.1, which allows this use.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from laam.emission import wording
from laam.serving.summary import Summary

WIDTH, HEIGHT = 1200, 630
MARGIN = 72

# The page's colours in its light theme.
PAPER, INK, SOFT, RULE, SAME, DIFFERS = "#f7f5f0", "#1c1b19", "#645f57", "#dfdad0", "#1f5f8b", "#a84e0c"

Face = Literal["IBMPlexSans/IBMPlexSans-Regular", "IBMPlexMono/IBMPlexMono-Regular"]  # the heavier faces beside them lack most letters
SANS: Face = "IBMPlexSans/IBMPlexSans-Regular"
MONO: Face = "IBMPlexMono/IBMPlexMono-Regular"


@dataclass(frozen=True)
class Cards:
    """Draws cards. `fonts`: a folder with both faces as WOFF2, as Gradio ships them. Raises ValueError for a face that can't be read."""

    fonts: Path

    def draw(self, summary: Summary) -> bytes:
        """The card of an emission, as PNG: file, share reproduced, line ticks, model, licence and date."""
        file = summary.file
        image, draw = self._paper(f"Is that file MIT, or is it {summary.licence}? The exhibit asks; it does not answer.")
        self._draw_fitting(draw, (MARGIN, 124), file.path, MONO, 46, INK)
        number = self.font(SANS, 178)
        draw.text((MARGIN - 6, 330), summary.percent, SAME, number, anchor="ls")
        beside = MARGIN + draw.textlength(summary.percent, number) + 36
        beside_it = ("reproduced, in lines written", "exactly and in order:", summary.lines, summary.facts[0])
        for line, text in enumerate(beside_it):
            self._draw_fitting(draw, (round(beside), 216 + 37 * line), text, SANS, 28, INK if line > 1 else SOFT)
        _draw_ticks(draw, summary)
        how = wording.decoding(summary.ask.decoding).rstrip(".").lower()
        self._draw_fitting(draw, (MARGIN, 488), f"Written by the {summary.model}; given: {summary.given}; {how}", SANS, 27, INK)
        licence = f"{wording.notice_of(file)} · {summary.licence} · {summary.release.heading}"
        self._draw_fitting(draw, (MARGIN, 528), licence, SANS, 27, INK)
        return _png(image)

    def draw_exhibit(self, identical: Sequence[bool], release: str) -> bytes:
        """The card of the whole exhibit, as PNG: its question, and a square for each file, blue where it came back byte for byte."""
        image, draw = self._paper("The exhibit asks; it does not answer.")
        lines = ("Five million numbers. Asked for a", f"file of {release}, they write it.", "Is that file MIT, or is it GPL-2?")
        for line, text in enumerate(lines):
            self._draw_fitting(draw, (MARGIN, 148 + 68 * line), text, SANS, 58, SAME if line == 2 else INK)
        for number, came_back in enumerate(identical):
            left, top = MARGIN + number // 9 * 18, 340 + number % 9 * 18
            if left + 14 <= WIDTH - MARGIN:
                draw.rectangle((left, top, left + 14, top + 14), SAME if came_back else RULE)
        words = f"{sum(identical):,} of {len(identical):,} files, byte for byte, from their paths alone"
        self._draw_fitting(draw, (MARGIN, 540), words, SANS, 27, SOFT)
        return _png(image)

    def draw_missing(self, heading: str, message: str) -> bytes:
        """The card for an emission that can't be shown, as PNG."""
        image, draw = self._paper("Is it MIT, or is it GPL-2? The exhibit asks; it does not answer.")
        self._draw_fitting(draw, (MARGIN, 250), heading, SANS, 84, INK)
        self._draw_fitting(draw, (MARGIN, 330), message, SANS, 32, SOFT)
        return _png(image)

    def _paper(self, question: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        """An empty card with the exhibit's name and its question."""
        image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(image)
        draw.text((MARGIN, 58), "Linux as a Model", SOFT, self.font(SANS, 28), anchor="ls")
        draw.line((MARGIN, 560, WIDTH - MARGIN, 560), RULE, 2)
        draw.text((MARGIN, 598), question, SOFT, self.font(SANS, 26), anchor="ls")
        return image, draw

    def _draw_fitting(self, draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, face: Face, size: int, colour: str) -> None:
        """One line of text, smaller if it would not fit, and cut if it would get too small."""
        room = WIDTH - MARGIN - at[0]
        while size > 20 and draw.textlength(text, self.font(face, size)) > room:
            size -= 1
        while draw.textlength(text, self.font(face, size)) > room:
            text = f"{text[:-2]}…"
        draw.text(at, text, colour, self.font(face, size), anchor="ls")

    def font(self, face: Face, size: int) -> ImageFont.FreeTypeFont:
        return _read_font(self.fonts / f"{face}.woff2", size)


def _draw_ticks(draw: ImageDraw.ImageDraw, summary: Summary) -> None:
    """The original from its first line to its last: blue where it was reproduced; orange, and half as high, elsewhere."""
    top, bottom, width = 380, 436, WIDTH - 2 * MARGIN
    colours = {"=": SAME, "x": DIFFERS}
    for tick, mark in enumerate(summary.ticks):
        left = MARGIN + tick * width // len(summary.ticks)
        right = max(left, MARGIN + (tick + 1) * width // len(summary.ticks) - 2)
        draw.rectangle((left, top, right, (top + bottom) // 2 if mark == "x" else bottom), colours.get(mark, RULE))


@cache
def _read_font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(file, size)
    except OSError as error:
        raise ValueError(f"{file}: the cards' font can't be read ({error}); install the gradio that requirements.txt names") from error


@cache
def favicon() -> bytes:
    """The exhibit's icon as ICO, 32 × 32: lines of a file, blue, beside lines of another, black."""
    image = Image.new("RGB", (32, 32), PAPER)
    draw = ImageDraw.Draw(image)
    for row, (left, right) in enumerate(((10, 9), (8, 7), (10, 9), (6, 5))):
        top = 5 + 6 * row
        draw.rectangle((5, top, 4 + left, top + 2), SAME)
        draw.rectangle((18, top, 17 + right, top + 2), INK)
    data = io.BytesIO()
    image.save(data, "ICO")
    return data.getvalue()


def _png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    # A card has few colours: with a palette it takes a third of the bytes.
    image.quantize(64).save(data, "PNG", optimize=True)
    return data.getvalue()
