"""Take the README's pictures: `python -m tests.browser.take_picture` writes assets/page.png, the page as it is now, and assets/own.png,
that of an exhibit of verses, which it makes in some minutes.

What the page said at its head is kept in the picture, as the text `Description`, so that a test can tell when it has grown old.
"""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_ARGUMENTS, HEADLESS, ROOT, exhibit_in, serving
from tests.browser.own import exhibit_of, write_verses

PICTURE, OWN = ROOT / "assets" / "page.png", ROOT / "assets" / "own.png"
FILE, VERSE = "kernel/sched.c", "harbour.txt"
SIZE = (1280, 860)  # pixels
COLOURS = 256


def take(target: Path, file: str = FILE, **environment: str) -> None:
    """Write the picture of the page as `app.py` shows it, with the exhibit's own model."""
    width, height = SIZE
    environment = {"LAAM_MODEL": "embedded", **environment}
    with TemporaryDirectory() as folder, serving(("app.py",), Path(folder), **environment) as address, sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=HEADLESS, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        page.goto(f"{address}?path={file}")
        exhibit_in(page)
        said = PngInfo()
        said.add_text("Description", " ".join(page.locator(".question span").all_inner_texts()))
        image = Image.open(BytesIO(page.screenshot()))
        image.convert("RGB").quantize(COLOURS).save(target, optimize=True, pnginfo=said)
        browser.close()


if __name__ == "__main__":
    take(PICTURE)
    with TemporaryDirectory() as made:
        place = Path(made)
        own = exhibit_of(write_verses(place / "verses"), place / "verses.exhibit", place / "cache")
        take(OWN, VERSE, LAAM_EXHIBIT=str(own))
    for picture in (PICTURE, OWN):
        print(f"{picture.name}: {picture.stat().st_size:,} bytes")
