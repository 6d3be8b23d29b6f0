"""What a phone's keyboard does to a field: it zooms in on small letters, begins with a capital, and mends what is no prose."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import visiting

FIELDS = """() => [...document.querySelectorAll("input, textarea, select")]
  .filter((field) => !["range", "checkbox", "radio", "hidden"].includes(field.type) && !field.readOnly)
  .map((field) => [field.id || field.name, parseFloat(getComputedStyle(field).fontSize),
    ["autocapitalize", "autocorrect", "spellcheck"].map((name) => field.getAttribute(name)).join(" ")])"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visiting(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        yield page


@pytest.mark.parametrize(
    ("query", "fields", "of_code"),
    [("", 6, {"path", "source"}), ("lab", 1, {"path"}), ("map", 1, set()), ("trace", 2, {"text", "original"})],
)
def test_no_field_makes_it_zoom_or_mend(page: Page, address: str, query: str, fields: int, of_code: set[str]) -> None:
    page.goto(address + query)
    found = page.evaluate(FIELDS)
    assert len(found) >= fields
    assert [(name, size) for name, size, _ in found if size < 16] == []
    assert {name: told for name, _, told in found if name in of_code} == dict.fromkeys(of_code, "off off false")
