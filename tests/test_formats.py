"""The schemas themselves; `tests/schemas.py` holds to them what each command writes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from laam.formats import SCHEMAS, schema_file, stamped
from laam.settings import Settings
from laam.version import VERSION
from tests.schemas import check

FILES = sorted(SCHEMAS.glob("*.json"))
SHIPPED = [*(Settings().assets / "atlas").glob("*.json"), *(Settings().assets / "lab").glob("*.json")]
BASES = {"ask", "scored", "traced"}
"""Parts that other schemas add fields to, and close themselves."""


def open_objects(schema: Any, name: str = "") -> Iterator[str]:
    """The names of what has fields, and lets others in."""
    if isinstance(schema, dict):
        closed = {schema.get("additionalProperties"), schema.get("unevaluatedProperties")} if "properties" in schema else {False}
        if False not in closed and name not in BASES:
            yield name
    for key, part in schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ():
        yield from open_objects(part, str(key))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_schema_is_one_and_lets_no_unknown_field_in(file: Path) -> None:
    schema = json.loads(file.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert list(open_objects(schema)) == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_what_is_shipped_is_as_its_schema_says(file: Path) -> None:
    record = json.loads(file.read_text("utf-8"))
    check(record, record["format"])


def test_a_stamped_object_names_its_format_first() -> None:
    assert list(stamped("laam-x-1", {"a": 1}).items()) == [("format", "laam-x-1"), ("laam", VERSION), ("a", 1)]
    assert schema_file("laam-score-1") == SCHEMAS / "score-1.json"
