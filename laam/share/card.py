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

from laam.corpus.releases import SHIPPED
from laam.emission import conditions, wording
from laam.faults import brief
from laam.serving.summary import Summary

WIDTH, HEIGHT = 1200, 630
MARGIN = 72
ASKS = "The exhibit asks; it does not answer."
LEAD = 34  # pixels: of the letters of the exhibit's card
SMALLEST = 16  # pixels; a longer text is cut
THIRD = 440  # where the words of a card end
NUMBER = (MARGIN - 14, 180, THIRD, 300)  # where the number is drawn: left, top, right, bottom
ADDRESS = (476, 46)  # where the exhibit's address begins
STROKES = (476, 60, WIDTH - MARGIN, 536)  # where the file is drawn: left, top, right, bottom
WIDEST = 64  # characters; a longer line is cut
PITCHES = range(16, 1, -1)  # pixels from one line to the next
SLIM = 32  # a column is at least so many times as wide as its pitch, so that its strokes look like lines of code

# The page's colours in its light theme.
PAPER, INK, SOFT, RULE, SAME, DIFFERS, SEALED = "#f7f5f0", "#1c1b19", "#645f57", "#dfdad0", "#1f5f8b", "#a84e0c", "#2a2825"

Face = Literal["IBMPlexSans/IBMPlexSans-Regular", "IBMPlexMono/IBMPlexMono-Regular"]  # the heavier faces beside them lack most letters
SANS: Face = "IBMPlexSans/IBMPlexSans-Regular"
MONO: Face = "IBMPlexMono/IBMPlexMono-Regular"


@dataclass(frozen=True)
class Cards:
    """Draws cards. `fonts`: a folder with both faces as WOFF2, as Gradio ships them. Raises ValueError for a face that can't be read.

    `address`: the exhibit's, which stands on each card with its `name`; empty if it isn't known.
    `asks`: whether the exhibit asks anything."""

    fonts: Path
    address: str = ""
    name: str = SHIPPED.exhibit
    asks: bool = True

    def draw(self, summary: Summary) -> bytes:
        """The card of an emission, as PNG: a third the number, two thirds the file, each line a stroke."""
        image, draw = self.draw_words(summary, (", ".join(filter(None, (summary.headline.second, summary.lines))), summary.facts[0]))
        self.draw_number(draw, summary, summary.headline.percent)
        draw_strokes(draw, summary.lengths, summary.marks)
        return _png(image)

    def draw_words(self, summary: Summary, found: tuple[str, str]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        """A card with neither number nor file. `found`: the two lines that say what came back."""
        image, draw = self._paper(summary.instead or (f"{summary.question} {ASKS}" if summary.question or self.asks else "").strip())
        folder, slash, name = summary.file.path.rpartition("/")
        self._draw_fitting(draw, (MARGIN, 112), folder + slash, MONO, 22, SOFT, THIRD)
        self._draw_fitting(draw, (MARGIN, 152), name, MONO, 40, INK, THIRD)
        of, _, how = summary.headline.measure.partition(", ")
        how_drawn = conditions.decoding(summary.ask.decoding).rstrip(".").lower()
        licence = " · ".join(filter(None, (summary.licence, summary.notice)))
        words = [(of, SOFT), (how, SOFT), *((text, INK) for text in found), (f"given: {summary.given}; {how_drawn}", INK)]
        model, _, numbers = summary.model.rpartition(", ")
        if lost := conditions.lossy_in_short(summary.ask.lossy):
            model = f"{model.removesuffix(conditions.lossy(summary.ask.lossy))}at {lost}"
        words += [(f"by {model}", INK), (f"{numbers}, {summary.model_licence}", INK), (licence, INK)]
        for line, (text, colour) in enumerate([*words, (summary.release.heading, INK)]):
            self._draw_fitting(draw, (MARGIN, 326 + 26 * line), text, SANS, 19, colour, THIRD)
        return image, draw

    def draw_number(self, draw: ImageDraw.ImageDraw, summary: Summary, percent: str) -> None:
        """The number of a card, within NUMBER."""
        kind = summary.headline.kind
        size, colour = (84, SOFT) if kind == "aside" else (124, DIFFERS if kind == "none" else SAME)
        self._draw_fitting(draw, (MARGIN - 4, 288), percent, SANS, size, colour, THIRD)

    def draw_exhibit(self, lead: Sequence[str], model: str, identical: Sequence[bool]) -> bytes:
        """The card of the whole exhibit, as PNG: what it says first, and a square for each file, blue where it came back byte for byte, by
        `model`; no squares if none did."""
        image, draw = self._paper(ASKS if self.asks else "")
        asked = next((number for number, sentence in enumerate(lead) if sentence.endswith("?")), len(lead))
        parts = ((lead[:asked], INK), (lead[asked : asked + 1], SAME), (lead[asked + 1 :], INK))
        lines = [(line, colour) for said, colour in parts if said for line in self._wrapped(draw, " ".join(said), LEAD)]
        for line, (text, colour) in enumerate(lines):
            self._draw_fitting(draw, (MARGIN, 112 + round(1.25 * LEAD) * line), text, SANS, LEAD, colour)
        if any(identical):
            for number, came_back in enumerate(identical):
                left, top = MARGIN + number // 9 * 18, 340 + number % 9 * 18
                if left + 14 <= WIDTH - MARGIN:
                    draw.rectangle((left, top, left + 14, top + 14), SAME if came_back else RULE)
            whole = f"{sum(identical):,} of {wording.count(len(identical), 'file')}, byte for byte"
            words = f"{wording.capital(model)}: {whole}, given no source text"
            self._draw_fitting(draw, (MARGIN, 540), words, SANS, 27, SOFT)
        return _png(image)

    def _wrapped(self, draw: ImageDraw.ImageDraw, text: str, size: int) -> list[str]:
        """The lines of a text that is as wide as the card."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if draw.textlength(longer, self.font(SANS, size)) > WIDTH - 2 * MARGIN:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def draw_missing(self, heading: str, message: str) -> bytes:
        """The card for an emission that can't be shown, as PNG."""
        image, draw = self._paper(ASKS if self.asks else "")
        self._draw_fitting(draw, (MARGIN, 250), heading, SANS, 84, INK)
        self._draw_fitting(draw, (MARGIN, 330), message, SANS, 32, SOFT)
        return _png(image)

    def _paper(self, question: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        """An empty card with the exhibit's name and, at its foot, its question."""
        image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(image)
        draw.text((MARGIN, 58), self.name, SOFT, self.font(SANS, 28), anchor="ls")
        draw.line((MARGIN, 560, WIDTH - MARGIN, 560), RULE, 2)
        self._draw_fitting(draw, (MARGIN, 598), question, SANS, 26, SOFT)
        self._draw_fitting(draw, ADDRESS, self.address.partition("://")[2], SANS, 20, SOFT)
        return image, draw

    def _draw_fitting(
        self, draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, face: Face, size: int, colour: str, end: int = WIDTH - MARGIN
    ) -> None:
        """One line of text that ends at `end`: smaller if it would not fit, and cut if it would get too small."""
        room, least = end - at[0], min(size, SMALLEST)
        while size > least and draw.textlength(text, self.font(face, size)) > room:
            size -= 1
        while draw.textlength(text, self.font(face, size)) > room:
            text = f"{text[:-2]}…"
        draw.text(at, text, colour, self.font(face, size), anchor="ls")

    def font(self, face: Face, size: int) -> ImageFont.FreeTypeFont:
        return _read_font(self.fonts / f"{face}.woff2", size)


def draw_strokes(draw: ImageDraw.ImageDraw, lengths: Sequence[int], marks: str) -> None:
    """The file from its first line to its last, in columns: blue where the model wrote the line, grey where it was given, else black."""
    left, top, _, bottom = STROKES
    pitch = next((pitch for pitch in PITCHES if _column(len(lengths), pitch) >= pitch * SLIM), PITCHES[-1])
    deep, wide = (bottom - top) // pitch, _column(len(lengths), pitch)
    colours = {"=": SAME, "·": SOFT}
    for line, (length, mark) in enumerate(zip(lengths, marks, strict=True)):
        column, row = divmod(line, deep)
        x, y = round(left + column * wide), top + row * pitch
        drawn = round(min(WIDEST, length - 1) / WIDEST * min(wide * 0.94, pitch * 44))
        if length > 1:
            draw.rectangle((x, y, x + max(1, drawn) - 1, y + max(1, round(pitch * 0.55)) - 1), colours.get(mark, SEALED))


def _column(lines: int, pitch: int) -> float:
    """The width that a column may have, if the lines of a file fill columns of strokes."""
    left, top, right, bottom = STROKES
    return (right - left) / max(1, -(-lines // ((bottom - top) // pitch)))


@cache
def _read_font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(file, size)
    except OSError as error:
        raise ValueError(f"{file}: the cards' font can't be read ({brief(error)}); install the gradio of requirements.txt") from error


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
