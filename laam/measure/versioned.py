"""Files of measures: JSON that names its format."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from laam.faults import brief
from laam.files import write_whole

Measured = TypeVar("Measured")


def write_by_line(record: Mapping[str, Any], by_line: Sequence[str], file: Path) -> None:
    """Write a record as JSON. Its fields `by_line`, lists or mappings of lists, come last, with a line for each item of a list. The file
    appears whole or not at all."""
    head = json.dumps({name: value for name, value in record.items() if name not in by_line}, indent=1).removesuffix("\n}")
    last = [f"{json.dumps(name)}: {_by_line(record[name])}" for name in by_line]
    write_whole(file, ",\n".join([head, *last]) + "\n}\n")


def _by_line(value: Mapping[str, Any] | Sequence[Any]) -> str:
    if isinstance(value, Mapping):
        return "{\n" + ",\n".join(f"{json.dumps(name)}: {_by_line(of)}" for name, of in value.items()) + "\n}"
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in value) + "\n]"


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
