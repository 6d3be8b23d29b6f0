"""The table of the shipped model that stands in laam/measure/README.md, held to its atlas."""

from pathlib import Path

from laam.measure.atlas import read_atlas
from laam.settings import Settings
from laam.survey.asked import Asked, AskedCell, AskedFile, Survey
from laam.survey.formats import as_markdown
from laam.survey.table import table_of

README = Path(__file__).resolve().parents[2] / "laam" / "measure" / "README.md"


def test_the_table_of_the_shipped_model_is_what_its_atlas_says() -> None:
    rows = read_atlas(Settings().assets / "atlas" / "embedded.json").rows
    asked = Asked(
        "Linux 1.0, by the shipped model",
        ["embedded"],
        ["path, greedy"],
        [False],
        [AskedFile(row.path, "", row.original_characters) for row in rows],
        "",
        "",
        [],
        [AskedCell(0, 0, number, 0, 0, row.original_characters, 1, row.path) for number, row in enumerate(rows)],
    )
    of_atlas = {row.path: {"outcome": "continued", "whole": row.identical, "score": {"reproduced": row.reproduced}} for row in rows}
    table, _, notes = as_markdown(table_of(Survey(README.parent, asked, of_atlas))).partition("\n\n")
    text = README.read_text("utf-8")
    assert len(rows) == 506
    assert f"\n{table}\n" in text
    assert notes.strip() in text.replace("\n", " ")
