import io
from dataclasses import replace
from itertools import pairwise

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from laam.corpus.sealed import SealedManifest
from laam.exhibit.fonts import card_fonts
from laam.measure.atlas import Atlas
from laam.settings import Settings
from laam.share.card import SAME, SEALED, Cards
from laam.share.poster import BOTTOM, HEIGHT, MARGIN, PITCH, TOP, WIDTH, Poster, as_png, as_svg, poster_of, poster_routes
from tests.measure.test_atlas import atlas, row

TEMPLATES = Settings().assets / "share"
WHOLE, PART = "linux/kernel/sched.c", "linux/init/main.c"


@pytest.fixture
def of_kernel(manifest: SealedManifest) -> Atlas:
    """An atlas in which one file came back, and two stretches of another."""
    rows = [row(file.path, against=file.path, identical=file.path == WHOLE, original_lines=file.lines) for file in manifest.catalog]
    rows = [replace(one, exact="1-2 5-5") if one.path == PART else one for one in rows]
    return replace(atlas("<m>"), rows=rows, controls={})


@pytest.fixture
def poster(of_kernel: Atlas, manifest: SealedManifest) -> Poster:
    return poster_of(of_kernel, manifest)


def test_every_line_is_a_stroke_and_only_what_came_back_is_blue(poster: Poster, manifest: SealedManifest) -> None:
    assert len(poster.strokes) == sum(file.lines for file in manifest.catalog)
    assert sum(stroke.same for stroke in poster.strokes) == manifest.catalog.find(WHOLE).lines + 3
    part = poster.strokes[: manifest.catalog.find(PART).lines]  # it is the first by its path
    assert [number for number, stroke in enumerate(part, start=1) if stroke.same] == [1, 2, 5]
    assert "1 of 3 files" in poster.legend
    assert "and lines of others" in poster.legend
    lengths = [length for file in sorted(file.path for file in manifest.catalog) for length in manifest.original(file).lengths]
    assert [bool(stroke.length) for stroke in poster.strokes] == [length > 1 for length in lengths]  # an empty line is its newline


def test_strokes_stand_below_each_other_inside_the_paper(poster: Poster) -> None:
    for before, after in pairwise(poster.strokes):
        assert after.x > before.x or after.y - before.y >= PITCH
    assert all(
        TOP <= stroke.y < BOTTOM and MARGIN <= stroke.x < stroke.x + stroke.length <= WIDTH - MARGIN
        for stroke in poster.strokes
        if stroke.length
    )


def test_the_svg_draws_the_strokes_and_escapes_its_words(poster: Poster) -> None:
    svg = as_svg(poster, TEMPLATES)
    assert svg.count("h") - svg.partition("<path")[0].count("h") >= sum(stroke.length > 0 for stroke in poster.strokes)
    assert "&lt;m&gt;" in svg
    assert "<m>" not in svg
    assert f'stroke="{SAME}"' in svg


def test_the_png_has_the_strokes_colours(poster: Poster) -> None:
    image = Image.open(io.BytesIO(as_png(poster, Cards(card_fonts())))).convert("RGB")
    assert image.size == (WIDTH, HEIGHT)
    for stroke in (next(stroke for stroke in poster.strokes if stroke.same and stroke.length), poster.strokes[0]):
        wanted = bytes.fromhex((SAME if stroke.same else SEALED)[1:])
        found = image.getpixel((stroke.x, stroke.y))
        assert isinstance(found, tuple)
        assert all(abs(a - b) <= 12 for a, b in zip(found, wanted, strict=True)), stroke


def test_routes(of_kernel: Atlas, manifest: SealedManifest) -> None:
    app = FastAPI()
    app.include_router(poster_routes([of_kernel], manifest, TEMPLATES, Cards(card_fonts())))
    client = TestClient(app)
    assert client.get("/poster/%3Cm%3E.svg").headers["content-type"] == "image/svg+xml"
    assert client.get("/poster/%3Cm%3E.png").content.startswith(b"\x89PNG")
    assert client.get("/poster/x.png").status_code == 404
