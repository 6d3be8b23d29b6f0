"""Files of measures: JSON that names its format."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from laam.faults import brief

Measured = TypeVar("Measured")


def read_versioned(file: Path, format: str, build: Callable[[dict[str, Any]], Measured], fault: str, remedy: str) -> Measured:
    """What `build` makes of the record in a file. Raises ValueError with the `fault` and the `remedy` for a file that can't be read, has
    another format, or isn't what `build` expects."""
    try:
        record = json.loads(file.read_text("utf-8"))
        if (found := _format_of(record, format)) != format:
            raise ValueError(f"format {found!r}, not {format!r}")
        return build(record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file}: {fault} ({brief(error)}); {remedy}") from error


def _format_of(record: dict[str, Any], format: str) -> Any:
    """The format that a record names, which is taken out of it. Those made by laam 1.1 or earlier have its number only, as `version`."""
    record.pop("laam", None)
    if "version" in record:
        return f"{format.rpartition('-')[0]}-{record.pop('version')}"
    return record.pop("format")
