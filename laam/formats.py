"""The formats of what laam writes as JSON. Each object and each row names its own, such as `laam-score-1`, and each has a JSON Schema."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from laam.version import VERSION

SCHEMAS = Path(__file__).with_name("schemas")
"""The schemas, a file for each format: `score-1.json` for `laam-score-1`. What they share stands in `parts-1.json`."""


def stamped(format: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as an object that names its `format`, and the version of laam that wrote it."""
    return {"format": format, "laam": VERSION, **values}


def schema_file(format: str) -> Path:
    """The file with the schema of a format."""
    return SCHEMAS / f"{format.removeprefix('laam-')}.json"
