"""Files of measures: JSON that says the version of its format."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from laam.faults import brief

Measured = TypeVar("Measured")


def read_versioned(file: Path, version: int, build: Callable[[dict[str, Any]], Measured], fault: str, remedy: str) -> Measured:
    """What `build` makes of the record in a file. Raises ValueError with the `fault` and the `remedy` for a file that can't be read, has
    another version, or isn't what `build` expects."""
    try:
        record = json.loads(file.read_text("utf-8"))
        if (found := record.pop("version")) != version:
            raise ValueError(f"version {found!r}, not {version}")
        return build(record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file}: {fault} ({brief(error)}); {remedy}") from error
