"""The page on paper, as Chromium prints it: what somebody files must say everything, and keep its bars."""

from datetime import UTC, datetime

import pypdfium2
import pytest
from PIL import Image, ImageChops

from tests.browser.conftest import WRONG, OpenPage, exhibit_in, original

PATH = "kernel/sched.c"
INK, SAME, DIFFERS, DIFFERS_PAPER = (42, 40, 37), (31, 95, 139), (160, 72, 10), (251, 234, 219)


def count(image: Image.Image, wanted: tuple[int, int, int]) -> int:
    """How many pixels have a colour, or nearly."""
    apart = ImageChops.difference(image, Image.new("RGB", image.size, wanted)).split()
    return sum(ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2]).histogram()[:6])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_printed_page_has_file_number_sentence_receipts_address_date_and_the_bars(open_page: OpenPage, scheme: str) -> None:
    page = open_page(scheme=scheme, query=f"?path={PATH}{WRONG}")
    exhibit_in(page)
    number, sentence = page.locator(".number").inner_text(), page.locator(".verdict").inner_text()
    today = datetime.now(UTC).date()
    pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    first = "".join(pdf[0].get_textpage().get_text_range().split())  # a line may end within a word
    receipts = (original(PATH).file.sha256, f"python -m laam emit linux/{PATH}", page.url, f"printed {today}")
    for wanted in (f"linux/{PATH}", number, sentence, *receipts):
        assert "".join(wanted.split()) in first
    assert "Writeit" not in first
    cover, diff = (pdf[number].render().to_pil().convert("RGB") for number in (0, 1))
    assert count(cover, SAME) + count(cover, DIFFERS) > 300  # the strip of its lines
    assert count(diff, INK) > 1_000  # bars
    assert count(diff, DIFFERS_PAPER) > 1_000
    assert count(diff, (255, 255, 255)) > diff.width * diff.height / 3  # dark ink on white paper
