from pathlib import Path
from unittest.mock import Mock

import pytest

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.measure import recorded
from laam.measure.atlas import score_row
from laam.measure.recorded import RecordedScores
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving.recording import Shelf
from laam.serving.recordings import Recordings
from laam.serving.scheduler import Scheduler

LONG, SHORT = "linux/kernel/sched.c", "linux/lib/ctype.c"


def record(recordings: Recordings, model: Model, originals: Originals, *asks: Ask) -> None:
    for ask in asks:
        list(recordings.play(question_of(ask, model, originals), model).events)


def test_what_was_asked_for_by_its_path_is_known_and_nothing_else(
    published: Model, model: Model, originals: Originals, manifest: SealedManifest
) -> None:
    recordings = Recordings(scheduler=Scheduler())
    scores = RecordedScores(recordings, manifest)
    assert scores.of(published).rows == []
    others = (Ask(LONG, max_tokens=3), Ask(SHORT, decoding=Decoding(0.5)), Ask(source="int a;\n", max_tokens=3), Ask("x.c", anyway=True))
    record(recordings, published, originals, Ask(LONG), *others)
    record(recordings, model, originals, Ask(SHORT))
    [row] = scores.of(published).rows
    assert (row.path, row.closed, row.identical) == (LONG, False, False)  # its window is full before the file ends
    assert 0 < row.reproduced < 0.5
    record(recordings, published, originals, Ask(SHORT))
    assert [(row.path, row.identical) for row in scores.of(published).rows] == [(LONG, False), (SHORT, True)]
    assert scores.of(published).weights_sha256 == published.digest
    assert [(row.path, row.identical) for row in scores.of(model).rows] == [(SHORT, True)]


def test_each_is_scored_once(published: Model, originals: Originals, manifest: SealedManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Mock(wraps=score_row)
    monkeypatch.setattr(recorded, "score_row", watched)
    recordings = Recordings(scheduler=Scheduler())
    scores = RecordedScores(recordings, manifest)
    record(recordings, published, originals, Ask(SHORT))
    assert scores.of(published) == scores.of(published)
    assert [call.args[0] for call in watched.call_args_list] == [SHORT]


def test_what_a_published_model_wrote_is_known_after_the_next_start(
    published: Model, originals: Originals, manifest: SealedManifest, tmp_path: Path
) -> None:
    record(Recordings(scheduler=Scheduler(), shelf=Shelf(tmp_path, 10**6)), published, originals, Ask(LONG), Ask("x.c", anyway=True))
    again = RecordedScores(Recordings(shelf=Shelf(tmp_path, 10**6)), manifest)
    assert [row.path for row in again.of(published).rows] == [LONG]
