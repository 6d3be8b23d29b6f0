"""The poster of a model: every line of the release as a stroke as long as the line, blue if the model wrote it.

It is drawn from the lines' lengths alone, as SVG, and as PNG at 300 dots per inch of A4.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Response
from PIL import Image, ImageColor, ImageDraw

from laam.corpus.sealed import SealedManifest
from laam.emission.naming import model_in_full
from laam.measure.atlas import Atlas
from laam.share.card import INK, PAPER, SAME, SANS, SEALED, SOFT, Cards
from laam.share.pages import CACHE_S
from laam.templates import template_environment

WIDTH, HEIGHT, MARGIN = 2480, 3508, 130
TOP, BOTTOM = 560, 3508 - 170  # of the strokes
PITCH = 2  # from one line to the next
BETWEEN = 2  # empty lines between two files
GAP = 0.15  # of a column, empty at its right
WIDEST = 64  # characters; a longer line is cut


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of the release: where it begins, its length (0: an empty line), and whether the model wrote it."""

    x: int
    y: int
    length: int
    same: bool


@dataclass(frozen=True)
class Poster:
    """What a poster shows: its strokes, and the words above and below them. `site`: the exhibit's name."""

    site: str
    heading: Sequence[str]
    legend: str
    strokes: Sequence[Stroke]


def poster_of(atlas: Atlas, manifest: SealedManifest) -> Poster:
    """The poster of an atlas; files in the order of their paths. Raises ValueError for a row that the manifest lacks."""
    rows = sorted(atlas.rows, key=lambda row: row.path)
    files = [(row.exact_numbers, manifest.original(row.path).lengths) for row in rows]
    whole, lines = sum(row.identical for row in rows), sum(len(lengths) for _, lengths in files)
    model = model_in_full(atlas.model, atlas.parameters)
    others = ", and lines of others" if any(row.exact for row in rows) else ""
    asks = " Under which licence is the text?" if manifest.asks else ""
    return Poster(
        manifest.release.exhibit,
        (
            f"{manifest.release.title}, as a model wrote it",
            f"Each of its {lines:,} lines is a stroke, as long as the line.{asks}",
        ),
        f"Blue: what {model}, wrote, given no source text: {whole:,} of {len(files):,} files byte for byte{others}. Black: sealed.",
        list(_strokes(files)),
    )


def _strokes(files: Sequence[tuple[set[int], Sequence[int]]]) -> Iterator[Stroke]:
    """The lines from above to below, and from column to column."""
    slots = sum(len(lengths) + BETWEEN for _, lengths in files)
    deep = (BOTTOM - TOP) // PITCH
    wide = (WIDTH - 2 * MARGIN) / max(1, -(-slots // deep))
    unit = min(wide * (1 - GAP), 400) / WIDEST
    slot = 0
    for exact, lengths in files:
        for number, length in enumerate(lengths, start=1):
            column, row = divmod(slot, deep)
            drawn = round(min(WIDEST, length - 1) * unit) if length > 1 else 0
            yield Stroke(round(MARGIN + column * wide), TOP + row * PITCH, max(drawn, int(length > 1)), number in exact)
            slot += 1
        slot += BETWEEN


def as_svg(poster: Poster, templates: Path) -> str:
    """The poster as SVG. `templates`: the folder that has `poster.svg`."""
    paths = {same: "".join(_path(poster.strokes, same=same)) for same in (True, False)}
    page = template_environment(templates).get_template("poster.svg")
    return page.render(
        poster=poster, same=paths[True], sealed=paths[False], width=WIDTH, height=HEIGHT, margin=MARGIN, below=HEIGHT - 70,
        paper=PAPER, ink=INK, soft=SOFT, blue=SAME, black=SEALED, site=poster.site,
    )  # fmt: skip


def _path(strokes: Sequence[Stroke], *, same: bool) -> Iterator[str]:
    """An SVG path: each run of lines of a column begins with its place, and goes on from line to line."""
    after = None
    for stroke in strokes:
        if stroke.same is not same or not stroke.length:
            continue
        place = (stroke.x, stroke.y)
        yield f"h{stroke.length}" if place == after else f"M{stroke.x} {stroke.y}h{stroke.length}"
        yield f"m-{stroke.length} {PITCH}"
        after = (stroke.x, stroke.y + PITCH)


def as_png(poster: Poster, cards: Cards) -> bytes:
    """The poster as PNG. Only its words are drawn in full colour: the whole sheet would take 100 MB."""
    words = Image.new("RGB", (WIDTH, TOP + HEIGHT - BOTTOM), PAPER)
    draw = ImageDraw.Draw(words)
    draw.text((MARGIN, 150), poster.site, SOFT, cards.font(SANS, 44), anchor="ls")
    for at, (text, size, colour) in enumerate(zip(poster.heading, (108, 52), (INK, SOFT), strict=True)):
        draw.text((MARGIN, 330 + 120 * at), text, colour, cards.font(SANS, size), anchor="ls")
    draw.text((MARGIN, words.height - 70), poster.legend, SOFT, cards.font(SANS, 34), anchor="ls")
    image = Image.new("P", (WIDTH, HEIGHT), 0)
    image.putpalette(_palette())
    few = words.quantize(palette=image, dither=Image.Dither.NONE)
    image.paste(few.crop((0, 0, WIDTH, TOP)), (0, 0))
    image.paste(few.crop((0, TOP, WIDTH, words.height)), (0, BOTTOM))
    draw = ImageDraw.Draw(image)
    for stroke in poster.strokes:
        if stroke.length:
            draw.line((stroke.x, stroke.y, stroke.x + stroke.length - 1, stroke.y), 1 if stroke.same else 2)
    data = io.BytesIO()
    image.save(data, "PNG", dpi=(300, 300))
    return data.getvalue()


def _palette() -> list[int]:
    """Red, green and blue of paper, of both kinds of stroke, and of what the edges of letters are."""
    paper, *inks = (ImageColor.getrgb(colour)[:3] for colour in (PAPER, INK, SOFT))
    shades = [round(a + (b - a) * step / 14) for ink in inks for step in range(1, 15) for a, b in zip(paper, ink, strict=True)]
    return [*paper, *ImageColor.getrgb(SAME)[:3], *ImageColor.getrgb(SEALED)[:3], *shades]


def poster_routes(atlases: Sequence[Atlas], manifest: SealedManifest, templates: Path, cards: Cards) -> APIRouter:
    """`/poster/MODEL.svg` and `/poster/MODEL.png`, for each atlas; each is drawn once."""
    router = APIRouter()
    by_model = {atlas.model: atlas for atlas in atlases}

    @lru_cache(maxsize=2 * len(atlases) + 1)
    def drawn(model: str, kind: str) -> bytes:
        poster = poster_of(by_model[model], manifest)
        return as_png(poster, cards) if kind == "png" else as_svg(poster, templates).encode()

    def answer(model: str, kind: str, media_type: str) -> Response:
        if model not in by_model:
            return Response("There is no poster of this model.", 404, media_type="text/plain")
        headers = {
            "Cache-Control": f"public, max-age={CACHE_S}",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        }
        return Response(drawn(model, kind), media_type=media_type, headers=headers)

    @router.get("/poster/{model:path}.svg")
    def svg(model: str) -> Response:
        return answer(model, "svg", "image/svg+xml")

    @router.get("/poster/{model:path}.png")
    def png(model: str) -> Response:
        return answer(model, "png", "image/png")

    return router
