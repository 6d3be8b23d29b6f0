"""A download that broke off and can go on: the bytes so far, and a note of whose bytes they are."""

import json
from pathlib import Path
from typing import BinaryIO


class PartialFile:
    """A download under way. `file` holds the bytes so far; it is only ever continued from the address that began it.

    A process that is killed at any point leaves either nothing to go on with, or bytes and the note that belongs to them.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._note = file.with_name(f"{file.name}.json")

    @property
    def address(self) -> str:
        """The address that the bytes came from; empty where there is nothing to go on with."""
        return self._read_note().get("address", "")

    def progress(self, address: str) -> tuple[int, str]:
        """How many bytes of `address` are here, and the validator (`ETag` or `Last-Modified`) to send as `If-Range`; else `(0, "")`."""
        note = self._read_note()
        if note.get("address") != address or not note.get("validator") or not self.file.is_file():
            return 0, ""
        size = self.file.stat().st_size
        return size, note["validator"] if size else ""

    def begin(self, address: str, validator: str) -> BinaryIO:
        """Forget what was here and begin anew. Without a validator the download can't be continued later."""
        self.delete()
        self._note.write_text(json.dumps({"address": address, "validator": validator}))
        return self.file.open("wb")

    def go_on(self) -> BinaryIO:
        """The file, to be written on at its end."""
        return self.file.open("ab")

    def keep_as(self, name: Path) -> None:
        """Rename the finished file."""
        self.file.replace(name)
        self._note.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete bytes and note; the bytes first, so that no note ever stands beside another download's bytes."""
        self.file.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _read_note(self) -> dict[str, str]:
        try:
            note = json.loads(self._note.read_text())
        except (OSError, ValueError):
            return {}
        if not isinstance(note, dict):
            return {}
        return {key: value for key, value in note.items() if isinstance(key, str) and isinstance(value, str)}
