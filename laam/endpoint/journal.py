"""The journal of a run: each answer as JSON, a line for each, so that nothing that was paid for is lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from laam.endpoint.answers import Answer
from laam.files import append_json_line, check_file, locked, read_json_lines

FORMAT = "laam-ask-journal-1"


class Journal:
    """The journal of one run in a `file`, which is there. `settings`: all that an answer depends on; they stand in its first line. Whoever
    asks `again` begins a new run after those that are there. `answers`: of the run that goes on.

    Raises ValueError if the file is something else, or the journal of other settings.
    """

    def __init__(self, file: Path, settings: dict[str, Any], *, again: bool = False) -> None:
        self.file, self.answers = file, list[Answer]()
        records = read_json_lines(file)
        self._settings, self._is_new = settings, again or not records
        if file.stat().st_size and (not records or records[0].get("format") != FORMAT):
            raise ValueError(f"--journal {file}: is no journal of this version of ask; give another file")
        for record in records:
            if "format" in record:
                self._check(record.get("settings"))
                self.answers.clear()
            else:
                self.answers.append(_answer(record))
        if again:
            self.answers.clear()

    def _check(self, theirs: object) -> None:
        known = theirs if isinstance(theirs, dict) else {}
        differing = [
            f"{name} {json.dumps(known.get(name))} instead of {json.dumps(value)}"
            for name, value in self._settings.items()
            if known.get(name) != value
        ]
        if differing:
            raise ValueError(f"--journal {self.file}: is of a run with {', '.join(differing)}; give another file")

    def add(self, answer: Answer) -> None:
        """Write down an answer. Raises OSError."""
        if self._is_new:
            append_json_line(self.file, {"format": FORMAT, "settings": self._settings})
        self._is_new = False
        append_json_line(self.file, asdict(answer))


@contextmanager
def open_journal(file: Path, settings: dict[str, Any], *, again: bool = False) -> Iterator[Journal]:
    """The journal of a run, which no other process may write to meanwhile. Raises ValueError and OSError."""
    check_file(file, "--journal")
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file, f"--journal {file}: another run is writing to it; wait for that, or give another file"):
        yield Journal(file, settings, again=again)


def journal_file(cache: Path, settings: dict[str, Any]) -> Path:
    """Where the journal of a run with such settings is kept, unless somebody says otherwise."""
    return cache / "ask" / f"{sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]}.jsonl"


def _answer(record: dict[str, Any]) -> Answer:
    try:
        return Answer(**{**record, "left_out": tuple(record.get("left_out", ()))})
    except TypeError as error:
        raise ValueError("the journal holds something else than answers; give --journal another file") from error
