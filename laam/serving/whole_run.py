"""All of it: every file that the exhibit's own model knows, one after the other in the background, in one run for all who watch."""

import logging
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from laam.corpus.catalog import SourceFile
from laam.corpus.lines import source_bytes
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.model.model import Model
from laam.model.spec import EMBEDDED
from laam.serving.jobs import Rank
from laam.serving.services import Services

TURN_S = 0.5  # seconds between two looks at whether a watcher has left

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WrittenFile:
    """A file that the model wrote. `identical`: whether it has the sha256 of the original."""

    path: str
    identical: bool


class WholeRun:
    """The run goes on while somebody watches, and where it stopped when the next one comes. Safe under several threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._changed = threading.Condition()
        self._came: dict[str, bool] = {}  # path: identical
        self._watchers = 0
        self._stop = threading.Event()

    def files(self) -> Sequence[SourceFile]:
        """The files that the exhibit's own model was trained on. Raises ValueError if it can't be used."""
        model = self._services.model(EMBEDDED.name)
        return [file for file in self._services.catalog if model.learned(file)]

    def watch(self, stop: threading.Event) -> Generator[WrittenFile, None, None]:
        """Every file once, those that are there at once and the others as they come, until all are or `stop` is set."""
        model, files = self._services.model(EMBEDDED.name), self.files()
        with self._changed:
            self._watchers += 1
            if self._watchers == 1:
                self._stop = threading.Event()
                threading.Thread(target=self._run, args=(model, files, self._stop), name="whole", daemon=True).start()
        try:
            seen = 0
            while seen < len(files) and not stop.is_set():
                with self._changed:
                    if len(self._came) == seen:
                        self._changed.wait(TURN_S)
                    new = list(self._came.items())[seen:]
                seen += len(new)
                yield from (WrittenFile(*file) for file in new)
        finally:
            with self._changed:
                self._watchers -= 1
                if not self._watchers:
                    self._stop.set()

    def texts(self) -> dict[str, bytes]:
        """The files that came identical, by path from the top folder on, as far as their recordings are still there."""
        model = self._services.model(EMBEDDED.name)
        with self._changed:
            paths = [path for path, identical in sorted(self._came.items()) if identical]
        return {path: text for path in paths if (text := self._text(path, model)) is not None}

    def _run(self, model: Model, files: Sequence[SourceFile], stop: threading.Event) -> None:
        for file in files:
            if file.path in self._came:
                continue
            text = self._write(file.path, model, stop)
            if stop.is_set():
                return
            with self._changed:
                self._came[file.path] = text is not None and sha256(text).hexdigest() == file.sha256
                self._changed.notify_all()

    def _write(self, path: str, model: Model, stop: threading.Event) -> bytes | None:
        """What the model writes, or wrote before; None if it was stopped or failed."""
        question = question_of(Ask(path), model, self._services.originals)
        try:
            self._services.recordings.record(question, model, Rank.BACKGROUND, stop)
        except Exception as error:
            _log.warning("%s doesn't come: %r", path, error)
        return self._text(path, model)

    def _text(self, path: str, model: Model) -> bytes | None:
        recording = self._services.recordings.find(question_of(Ask(path), model, self._services.originals), model)
        return source_bytes(recording.text) if recording else None
