"""What a model was seen to do: by atlas, by verdict, or by recordings."""

from dataclasses import replace

from laam.corpus.originals import Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.measure.recorded import RecordedScores
from laam.measure.seen import Seen
from laam.model.model import Model
from laam.serving.recordings import Recordings
from laam.serving.scheduler import Scheduler
from tests.measure.test_atlas import atlas, row

LONG, SHORT = "linux/kernel/sched.c", "linux/lib/ctype.c"


def test_what_was_recorded_is_known_at_the_next_look(published: Model, originals: Originals, manifest: SealedManifest) -> None:
    recordings = Recordings(scheduler=Scheduler())
    seen = Seen(RecordedScores(recordings, manifest), (), manifest)
    for path in (LONG, SHORT):
        recordings.record(question_of(Ask(path), published, originals), published)
    assert seen.of(published) == {}  # no request waits for a score
    seen.look(published)
    known = seen.of(published)
    assert known[SHORT].whole
    assert (known[LONG].whole, known[LONG].expected) == (False, f"its first {known[LONG].first} lines")
    assert 1 < known[LONG].first < manifest.original(LONG).file.lines


def test_a_verdict_and_an_atlas_tell_it_without_a_look(model: Model, manifest: SealedManifest) -> None:
    scores = RecordedScores(Recordings(), manifest)
    assert {path for path, gave in Seen(scores, (), manifest).of(model).items() if gave.whole} == set(manifest.catalog.files)
    written = sum(manifest.original(LONG).lengths[:4]) + 1
    rows = [row(LONG, against=LONG, exact_lines=4, first_wrong_line=5, emitted_characters=written)]
    measured = Seen(scores, (replace(atlas(), weights_sha256=model.digest, rows=rows),), manifest)
    assert [(gave.file.path, gave.first) for gave in measured.of(model).values()] == [(LONG, 4)]
    measured.look(model)
    assert [gave.expected for gave in measured.of(model).values()] == ["its first 4 lines"]
