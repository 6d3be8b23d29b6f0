"""Rows of a table in a file of JSON lines, one for each file or place that was measured; any command adds its rows with this."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from laam.files import append_json_line, check_file, read_json_lines
from laam.formats import stamped


class Rows:
    """The rows of one `format`, such as `laam-ask-row-1`, in a `file`, which may not be there yet; nothing is made until a row is added.

    The file may have rows of several formats, since each row names its own. `option`: by which the file came.
    Raises ValueError if the file can't be written, or is no file of rows.
    """

    def __init__(self, file: Path, format: str, option: str = "--rows") -> None:
        check_file(file, option)
        self.file, self.format = file, format
        if file.exists() and not _may_have_rows(file):
            raise ValueError(f"{option} {file}: is something else than JSON lines, to which rows are added; give another file")

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row as a line at the end of the file, at once, with its format and the version of laam. Raises OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        append_json_line(self.file, stamped(self.format, row))

    def read(self) -> list[dict[str, Any]]:
        """The rows of this format, oldest first. A line that was left half written is passed over. Raises OSError."""
        return [row for row in read_json_lines(self.file) if row.get("format") == self.format] if self.file.exists() else []


def _may_have_rows(file: Path) -> bool:
    """Whether a file is empty or begins as a row does, even if that one is half."""
    with file.open("rb") as lines:
        return lines.read(2) in (b"", b'{"')
