import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from laam.compare.measures import OF_DIGESTS
from laam.corpus.catalog import Catalog, SourceFile
from laam.measure.atlas import Atlas
from laam.measure.controls import INVENTED
from laam.measure.memorisation import Memorisation
from laam.measure.pz import Along
from laam.measure.pz_file import AlongFiles, FileAlong
from laam.measure.recorded import Recorded
from laam.measure.render import SCORES, UNKNOWN, describe_row, render_map
from laam.settings import Settings
from tests.measure.test_atlas import row

TEMPLATES = Settings().assets / "measure"
HOSTILE = "linux/<b>&\"'${x}{{y}}.c"


def file(path: str, size: int = 100, licence: str = "GPL-2.0-only", subsystem: str = "kernel") -> SourceFile:
    return SourceFile(path, size, 10, "", licence, "COPYING", "", (), (), subsystem)


CATALOG = Catalog(
    [file("linux/kernel/a.c", 70_000), file("linux/mm/b.c", 900, "BSD-2-Clause", "mm"), file(HOSTILE, 3000, "<own>", "<sub>")]
)


def atlas(model: str = "embedded") -> Atlas:
    rows = [
        row("linux/kernel/a.c", identical=True, exact_characters=100, first_wrong_line=0),
        row("linux/mm/b.c", trained=False, exact_characters=25),
        row(HOSTILE),
    ]
    controls = {INVENTED: [row("linux/mm/bb.c", against="linux/mm/b.c", trained=False, exact_characters=1)], "<control>": []}
    return Atlas(model, "ab" * 32, 4_000_000, "int8", "cd" * 32, "2026-01-02T03:04:05+00:00", "toy", {}, rows, controls)


def rendered(known: Atlas | Recorded, catalog: Catalog = CATALOG, *more: Memorisation, name: str = "the toy model") -> str:
    return render_map(known, catalog, TEMPLATES, more, name=name, link="share/", query="?model=toy")


class Reader(HTMLParser):
    """Every tag with its attributes, and the text inside; checks that each closes what it opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag != "input":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of_class(self, name: str) -> list[dict[str, str]]:
        return [attributes for _, attributes in self.tags if name in attributes.get("class", "").split()]


@pytest.fixture(scope="module")
def page() -> Reader:
    return Reader(rendered(atlas()))


def test_every_file_is_on_the_map_and_in_the_table(page: Reader) -> None:
    names = ["kernel/a.c", "mm/b.c", HOSTILE.removeprefix("linux/")]
    assert sorted(cell["data-path"] for cell in page.of_class("cell")) == sorted(names)
    in_table = [attributes for tag, attributes in page.tags if tag == "a" and "data-path" in attributes and "class" not in attributes]
    assert [attributes["data-path"] for attributes in in_table] == sorted(names)
    assert 'href="share/kernel/a.c?model=toy"' in rendered(atlas())


def test_identical_is_told_by_more_than_colour(page: Reader) -> None:
    [identical] = page.of_class("identical")
    assert (identical["data-path"], identical["aria-label"]) == ("kernel/a.c", "kernel/a.c: sha256 identical; 10 lines, GPL-2")
    assert "✓ identical" in page.text


def test_the_colour_is_the_share(page: Reader) -> None:
    shares = {cell["data-path"]: cell["style"].rpartition("--share:")[2] for cell in page.of_class("cell")}
    assert (shares["kernel/a.c"], shares["mm/b.c"]) == ("100.0%", "25.0%")
    assert [cell["data-path"] for cell in page.of_class("deep")] == ["kernel/a.c"]  # light letters on a deep colour


def test_each_licence_of_many_files_has_a_colour_and_the_others_share_one() -> None:
    files = [file(f"linux/{n}.c", licence=f"L{n // 3}" if n < 12 else f"X{n}") for n in range(15)]
    rows = [row(each.path, against=each.path) for each in files]
    reader = Reader(rendered(replace(atlas(), rows=rows, controls={}), Catalog(files)))
    colours = {cell["data-path"]: cell["class"].split()[1] for cell in reader.of_class("cell")}
    assert [colours[f"{n}.c"] for n in (0, 3, 6, 9, 12, 14)] == ["l0", "l1", "l2", "l3", "l4", "l4"]
    assert "L0L1L2L3other terms" in reader.text


def test_what_a_file_is_said_to_be() -> None:
    assert describe_row(row(trained=False)) == "40.0 % reproduced, first wrong line 5"
    assert describe_row(row()) == "40.0 % reproduced, first wrong line 5, trained on"


def test_a_head_is_hidden_where_its_cells_are() -> None:
    html = rendered(atlas())
    for table in re.findall(r"<table>.*?</table>", html, re.DOTALL):
        heads, body = table.split("<tbody>")
        of_head, of_row = (re.findall(r"<t[hd]\b[^>]*>", part) for part in (heads.rpartition("<tr>")[2], body.partition("</tr>")[0]))
        assert ["wide" in cell for cell in of_head] == ["wide" in cell for cell in of_row]
        assert len(of_head) > 4


def test_totals_and_controls(page: Reader) -> None:
    text = re.sub(r"\s+", " ", page.text)
    assert "1 of 3 files identical, 55.0 % reproduced" in text
    assert "control: made-up path, against any other0 of 11.0 %100" in text.replace("\n", "")
    assert "against a file trained on" not in text  # it has no rows
    assert "2-clause BSD (BSD-2-Clause)0 of 125.0 %" in text
    assert "trained on1 of 270.0 %" in text
    assert "not trained on0 of 125.0 %" in text
    assert "<control>" not in text  # it has no rows


def test_of_a_model_that_does_not_tell_nothing_is_said_about_its_training() -> None:
    silent = replace(atlas("silent"), rows=[replace(row_, trained=False) for row_ in atlas().rows])
    assert "trained on" not in rendered(silent)


def test_every_value_is_escaped() -> None:
    html = rendered(atlas("<script>&\"'"), name="<script>&\"'")
    reader = Reader(html)
    assert not {tag for tag, _ in reader.tags} & {"script", "own", "sub", "control"}
    assert not [attributes for _, attributes in reader.tags if set(attributes) & {"onclick", "x", "y"}]
    assert "<own>" in reader.text
    assert "<sub>" in reader.text
    assert "<script>&\"'" in reader.text


def test_a_file_of_which_nothing_is_known_is_a_state_of_its_own_and_not_none_of_it() -> None:
    reader = Reader(rendered(replace(atlas(), rows=[row("linux/mm/b.c", exact_characters=0, first_wrong_line=1)])))
    [unknown, other] = reader.of_class("unknown")
    assert {unknown["data-path"], other["data-path"]} == {"kernel/a.c", HOSTILE.removeprefix("linux/")}
    assert all(UNKNOWN in cell["aria-label"] and "--share" not in cell["style"] for cell in (unknown, other))
    [none_of_it] = [cell for cell in reader.of_class("cell") if cell["data-path"] == "mm/b.c"]
    assert (none_of_it["style"].endswith("--share:0.0%"), "0.0 % reproduced" in none_of_it["aria-label"]) == (True, True)
    assert sum(attributes.get("data-value") == "-1" for _, attributes in reader.tags) == 2 * len(SCORES)
    assert "all files0 of 10.0 %" in reader.text.replace("\n", "")  # what isn't known counts nowhere


def test_what_was_recorded_says_of_how_many_files_and_is_no_atlas() -> None:
    recorded = Recorded("toy", "ab" * 32, "int8", atlas().rows[:2])
    reader = Reader(rendered(recorded))
    assert "2 of 3 files asked for here so far: 1 identical, 62.5 % of their characters reproduced" in reader.text
    assert "asked for here1 of 262.5 %" in reader.text.replace("\n", "")
    assert "recorded on this server" in reader.text
    for part in ("poster", "all files", "control:", "The controls show", "The numbers hold"):
        assert part not in reader.text + " ".join(attributes.get("href", "") for _, attributes in reader.tags), part
    nothing = Reader(rendered(replace(recorded, rows=[])))
    assert "none of 3 files was asked for here yet" in nothing.text
    assert len(nothing.of_class("unknown")) == 3
    assert not nothing.of_class("totals")


def test_what_cut_means_is_said_if_something_was() -> None:
    assert "Cut: its window was full" in rendered(replace(atlas(), rows=[row("linux/mm/b.c", closed=False)]))
    assert "Cut:" not in rendered(atlas())


def test_cells_of_the_table_carry_what_they_are_sorted_by(page: Reader) -> None:
    values = [attributes["data-value"] for _, attributes in page.tags if "data-value" in attributes]
    first, after = values.index("kernel/a.c"), len(SCORES) + 3
    *scores, identical = values[first : first + after]
    assert (scores[:6], identical) == (["kernel/a.c", "70000", "10", "1.000000", "3", "12"], "1")
    assert scores[6 + SCORES.index("in the originals’ lines") - 3] == "0.750000"
    assert values[first + after : first + after + 6] == ["mm/b.c", "900", "10", "0.250000", "3", "5"]


def test_a_measure_that_an_atlas_lacks_is_a_dash() -> None:
    old = replace(atlas(), rows=[replace(row_, measures={}) for row_ in atlas().rows], controls={})
    text = Reader(rendered(old)).text
    assert f"all files1 of 355.0 %300{'–' * len(OF_DIGESTS)}" in text
    assert "75.0 %" not in text


def test_p_z_along_each_file_is_a_column_and_a_colour_of_the_map() -> None:
    """Of a file without a window nothing is said."""
    files = [
        FileAlong("linux/kernel/a.c", 300, Along(100, [(25, 100)], [-0.1])),
        FileAlong("linux/mm/b.c", 300, Along(100, [(40, 100)], [-5.0])),
        FileAlong(HOSTILE, 7, Along(10, [], [])),
    ]
    along = AlongFiles("embedded", "ab" * 32, "", "float32", "", "", {}, 25, files)
    html = render_map(atlas(), CATALOG, TEMPLATES, along=along, name="the toy model", link="share/", query="")
    page = Reader(html)
    cells = {of["data-path"]: of for tag, of in page.tags if of.get("class", "").startswith("cell ")}
    assert cells["kernel/a.c"]["style"].endswith(";--pz:75.0%")
    assert cells["kernel/a.c"]["class"].endswith(" likely")
    assert cells["mm/b.c"]["style"].endswith(";--pz:0.0%")
    assert [path for path, of in cells.items() if "--pz" not in of["style"]] == [HOSTILE.removeprefix("linux/")]
    assert cells["kernel/a.c"]["aria-label"].endswith("; p_z ≥ 50 % along 75.0 %")
    assert ("button", {"type": "button", "data-colour": "pz", "aria-pressed": "false"}) in page.tags
    assert "p_z along 3 files, a window each 25 tokens, in float32: 35.7 % of the characters with 50 % or more" in page.text
    assert "p_z ≥ 50 %" in page.text
    assert "p_z" not in Reader(rendered(atlas())).text


def test_how_each_measure_is_meant_is_said(page: Reader) -> None:
    for measure in OF_DIGESTS:
        assert f"{measure.label.capitalize()}: {measure.meaning}, by {measure.unit}." in page.text


def test_what_was_measured_in_another_precision_is_said() -> None:
    rows = [row("linux/kernel/a.c", identical=True), row("linux/mm/b.c", precision="float32")]
    html = rendered(replace(atlas(), rows=rows))
    assert "int8 (what is not identical: float32), greedy, with no source text given" in html


def test_the_atlas_of_another_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the atlas of embedded has 'linux/x\.c', which the manifest lacks"):
        rendered(replace(atlas(), rows=[row("linux/x.c")]))
