"""What is known of a model that has no atlas: the files that somebody asked it for here, as they were recorded."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from laam.corpus.sealed import SealedManifest
from laam.emission.emit import Ended
from laam.measure.atlas import AtlasRow, score_row, shown_name
from laam.model.model import Model
from laam.serving.recording import Recording
from laam.serving.recordings import Recordings


@dataclass(frozen=True)
class Recorded:
    """The files of one model that were asked for here, greedily and by their paths alone. Of every other file nothing is known."""

    model: str
    weights_sha256: str
    precision: str
    rows: Sequence[AtlasRow]


class RecordedScores:
    """Scores the recordings of a model, each once. Safe under several threads."""

    def __init__(self, recordings: Recordings, manifest: SealedManifest) -> None:
        self._recordings, self._manifest = recordings, manifest
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], AtlasRow] = {}  # by the model's digest and the path: a greedy emission is the same at each run
        self._shelves: set[str] = set()  # digests of the models whose recordings were read from the shelf

    def of(self, model: Model) -> Recorded:
        """What is known of a model now. Reads what its shelf kept, once."""
        with self._lock:
            if model.digest not in self._shelves:
                self._shelves.add(model.digest)
                self._recordings.load_shelf(model)
            for path, recording in self._recordings.by_path(model).items():
                if path in self._manifest.catalog.files and (model.digest, path) not in self._rows:
                    self._rows[model.digest, path] = self._row(path, recording, model)
            rows = [row for (digest, _), row in sorted(self._rows.items()) if digest == model.digest]
        return Recorded(shown_name(model.name), model.digest, model.precision, rows)

    def _row(self, path: str, recording: Recording, model: Model) -> AtlasRow:
        [ended] = [event for event in recording.events if isinstance(event, Ended)]
        return score_row(
            path,
            recording.text,
            ended,
            self._manifest.original(path),
            trained=model.learned(self._manifest.catalog.files[path]),
            line_files=self._manifest.line_files(),
            seconds=recording.seconds,
            precision=model.precision,
        )
