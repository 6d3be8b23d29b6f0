"""One recording, and the shelf on which recordings lie between two starts."""

import json
import logging
import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.faults import brief
from laam.files import write_whole

Events = Generator[Event, None, None]

VERSION = 1
MODELS = 3  # whose recordings lie on the shelf
_EVENTS = {"prompted": Prompted, "emitted": Emitted, "ended": Ended}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recording:
    """The events of an emission that ran to its end, with the tokens between two prompts joined into one event.

    The model wrote `tokens` tokens in `seconds` of work. `when`: the time at which it did, in seconds since 1970; 0 if that isn't known.
    """

    events: tuple[Event, ...]
    tokens: int
    seconds: float
    when: float = 0.0

    @property
    def text(self) -> str:
        """The whole text that the model wrote."""
        return "".join(event.text for event in self.events if isinstance(event, Emitted))


class Shelf:
    """A folder of recordings by the model's digest and the file's path: two lines each, of which the first is the sha256 of the second.

    The recordings of each model take at most `room` bytes; more are not kept. There are those of MODELS models: when another one comes,
    those of the model that wrote none for longest are deleted. So is a file that can't be read, and the log says so.
    """

    def __init__(self, folder: Path, room: int) -> None:
        self._folder, self._room = folder, room
        self._is_told = False

    def keep(self, digest: str, path: str, recording: Recording) -> None:
        """Put a recording on the shelf. If the disk is full or can't be written to, only the log says so, once."""
        line = json.dumps({"version": VERSION, "path": path, **_record(recording)}, separators=(",", ":"))
        file = self._file(digest, path)
        try:
            if not file.parent.is_dir():
                self._make_room()
            taken = sum(other.stat().st_size for other in file.parent.glob("*.json") if other != file)
            if taken + len(line) <= self._room:
                write_whole(file, f"{_sum(line)}\n{line}\n")
        except OSError as error:
            if not self._is_told:
                _log.warning("recordings are not kept (%s): LAAM_CACHE names another folder for them", error.strerror or error)
            self._is_told = True

    def read(self, digest: str) -> Iterator[tuple[str, Recording]]:
        """The recordings of a model, with the paths of their files."""
        for file in sorted((self._folder / digest).glob("*.json")):
            try:
                yield _read(file)
            except (OSError, ValueError, KeyError, TypeError) as error:
                _log.warning("%s is dropped, since it is not a readable recording: %s", file, brief(error))
                with suppress(OSError):  # if it can't be deleted, it is dropped again at the next start
                    file.unlink()

    def _make_room(self) -> None:
        """For the recordings of a model that has none yet."""
        by_age = sorted((folder for folder in self._folder.glob("*/") if folder.is_dir()), key=lambda folder: -folder.stat().st_mtime)
        for folder in by_age[MODELS - 1 :]:
            shutil.rmtree(folder)

    def _file(self, digest: str, path: str) -> Path:
        return self._folder / digest / f"{sha256(path.encode()).hexdigest()[:32]}.json"


def _record(recording: Recording) -> dict[str, Any]:
    events = [{"event": type(event).__name__.lower(), **asdict(event)} for event in recording.events]
    return {"tokens": recording.tokens, "seconds": recording.seconds, "when": recording.when, "events": events}


def _read(file: Path) -> tuple[str, Recording]:
    """The path and the recording in a file. Raises ValueError, KeyError or TypeError if it is no recording of this version."""
    if not file.is_file():
        raise ValueError("not a plain file")  # a pipe would keep whoever reads it waiting
    first, line = file.read_text("utf-8").split("\n")[:2]
    if first != _sum(line):
        raise ValueError("its sha256 is another")
    record = json.loads(line)
    if record["version"] != VERSION:
        raise ValueError(f"version {record['version']!r}")
    events = tuple(_EVENTS[event.pop("event")](**event) for event in record["events"])
    return str(record["path"]), Recording(events, int(record["tokens"]), float(record["seconds"]), float(record.get("when", 0)))


def _sum(line: str) -> str:
    return sha256(line.encode()).hexdigest()
