"""Holds what a command wrote to the schema that its format names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from laam.formats import SCHEMAS, schema_file


def validator(format: str) -> Draft202012Validator:
    """That of a format."""
    known = Registry[Any]().with_resources((file.name, Resource.from_contents(_read(file))) for file in SCHEMAS.glob("*.json"))
    return Draft202012Validator(_read(schema_file(format)), registry=known)


def check(record: Mapping[str, Any], format: str) -> None:
    """Raises AssertionError unless a record is of the format and as its schema says; and the schema refuses a field more in it."""
    assert record["format"] == format
    of_format = validator(format)
    assert [error.message for error in of_format.iter_errors(record)] == []
    assert not of_format.is_valid({**record, "mood": "good"})


def check_rows(file: Path, format: str) -> list[dict[str, Any]]:
    """The rows in a file, each as its schema says; there is at least one."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert rows
    for row in rows:
        check(row, format)
    return rows


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))
