"""The shelf of recordings, and what fills it."""

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from laam.corpus.originals import Originals
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Prompted
from laam.emission.question import Question, question_of
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving.background import Recorder
from laam.serving.recording import MODELS, Recording, Shelf
from laam.serving.recordings import Recordings
from laam.serving.scheduler import Scheduler
from tests.serving.scripted import expected, scripted

PATH = "linux/kernel/sched.c"
DIGEST = "0123"
RECORDING = Recording((Prompted(0, "<x>"), Emitted("int \udce9;\f\n🐧"), Ended("end of file", 7)), 7, 0.5)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10_000)
    shelf.keep(DIGEST, PATH, RECORDING)
    shelf.keep("4567", "linux/other.c", RECORDING)
    assert list(shelf.read(DIGEST)) == [(PATH, RECORDING)]
    assert list(shelf.read("89ab")) == []


def test_the_recordings_of_the_model_that_wrote_none_for_longest_make_room(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10_000)
    for number in range(MODELS):
        shelf.keep(f"{number}", PATH, RECORDING)
        os.utime(tmp_path / f"{number}", (number, number))
    shelf.keep("0", "linux/other.c", RECORDING)  # which makes its folder the newest
    shelf.keep("new", PATH, RECORDING)
    assert {folder.name for folder in tmp_path.iterdir()} == {"0", "2", "new"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: text.replace("int", "out"),
        lambda text: "\n\n",
        lambda text: text.encode("utf-16"),
    ],
)
def test_a_damaged_recording_is_dropped_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: object) -> None:
    shelf = Shelf(tmp_path, 10_000)
    shelf.keep(DIGEST, PATH, RECORDING)
    shelf.keep(DIGEST, "linux/other.c", RECORDING)
    [bad] = [file for file in tmp_path.glob("*/*.json") if PATH in file.read_text("utf-8")]
    damaged = damage(bad.read_text("utf-8"))  # type: ignore[operator]
    bad.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    assert [path for path, _ in shelf.read(DIGEST)] == ["linux/other.c"]
    [record] = caplog.records
    assert (record.levelno, bad.name in record.getMessage()) == (logging.WARNING, True)
    assert not bad.exists()


def test_a_recording_of_another_version_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(tmp_path, 10_000)
    with monkeypatch.context() as patch:
        patch.setattr("laam.serving.recording.VERSION", 0)
        shelf.keep(DIGEST, PATH, RECORDING)
    assert list(shelf.read(DIGEST)) == []


def test_the_shelf_is_bounded(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 500)
    for number in range(9):
        shelf.keep(DIGEST, f"linux/{number}.c", RECORDING)
    kept = dict(shelf.read(DIGEST))
    assert 1 <= len(kept) < 4
    shelf.keep(DIGEST, next(iter(kept)), RECORDING)  # again: takes no more room than before
    assert dict(shelf.read(DIGEST)) == kept


def test_a_folder_that_can_not_be_written_to_is_told_to_the_log_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    shelf = Shelf(tmp_path / "file", 500)
    for _ in range(3):
        shelf.keep(DIGEST, PATH, RECORDING)
    assert caplog.messages == ["recordings are not kept (Not a directory): LAAM_CACHE names another folder for them"]


def test_what_is_damaged_and_can_not_be_deleted_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path, 5_000)
    shelf.keep(DIGEST, PATH, RECORDING)
    [file] = tmp_path.rglob("*.json")
    file.write_text("{}", "utf-8")

    def read_only(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", read_only)
    assert list(shelf.read(DIGEST)) == []
    assert "not a readable recording" in caplog.text


def test_whole_files_by_path_are_kept_for_the_next_start(tmp_path: Path, model: Model, originals: Originals) -> None:
    recordings = Recordings(scheduler=Scheduler(), shelf=Shelf(tmp_path, 10**6))
    whole = question_of(Ask(PATH), model, originals)
    for ask in (Ask(PATH), Ask(PATH, max_tokens=3), Ask(PATH, decoding=Decoding(0.5)), Ask(source="int a;\n", max_tokens=3)):
        list(recordings.play(question_of(ask, model, originals), model).events)
    assert len(list(tmp_path.glob("*/*.json"))) == 1
    again = Recordings(shelf=Shelf(tmp_path, 10**6))
    assert again.load_shelf(model) == 1
    assert again.find(whole, model) == recordings.find(whole, model)


def recorder(recordings: Recordings, model: Model, originals: Originals, paths: list[str]) -> Recorder:
    return Recorder(recordings, lambda: [model], lambda _: (question_of(Ask(path), model, originals) for path in paths))


def test_what_is_missing_is_recorded_and_replays(tmp_path: Path, model: Model, originals: Originals, made_up_files: dict[str, str]) -> None:
    def recordings() -> Recordings:
        return Recordings(scheduler=Scheduler(), shelf=Shelf(tmp_path, 10**6))

    first, paths = recordings(), list(made_up_files)
    recorder(first, model, originals, paths[:2]).run()
    second = recordings()
    recorder(second, model, originals, paths).run()
    for path, text in made_up_files.items():
        found = second.find(question_of(Ask(path), model, originals), model)
        assert found is not None
        assert found.text == text
    assert first.find(question_of(Ask(paths[2]), model, originals), model) is None


def test_nothing_is_recorded_while_somebody_is_there_and_nothing_after_it_is_stopped() -> None:
    model, engine = scripted({"visitor": 1, "a": 1, "b": 1}, shut=True, known=True)
    scheduler = Scheduler(1)
    recordings = Recordings(scheduler=scheduler)
    visit = threading.Thread(target=lambda: list(scheduler.emit(Question(Ask("visitor")), model)))
    visit.start()
    engine.gate.wait()
    looked: list[int] = []

    def wait(_: float) -> bool:
        looked.append(len(engine.calls))
        engine.gate.shut = False
        engine.gate.let_through(10)
        visit.join(20)
        return False

    made = Recorder(recordings, lambda: [model], lambda _: [Question(Ask(path)) for path in ("a", "b")], wait=wait)
    made.run()
    assert looked == [1]
    found = recordings.find(Question(Ask("b")), model)
    assert found is not None
    assert found.text == expected("b", 1)
    made.stop()
    Recorder.run(made)
    calls = len(engine.calls)
    late = Recorder(recordings, lambda: [model], lambda _: [Question(Ask("visitor"))])
    late.stop()
    late.run()
    assert len(engine.calls) == calls


def test_a_file_that_fails_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    model, engine = scripted({"a": 1, "bad": 1, "c": 1}, known=True)
    engine.breaks = lambda prompt: prompt.startswith("bad")
    recordings = Recordings(scheduler=Scheduler(1))
    questions = [Question(Ask(path)) for path in ("a", "bad", "c")]
    Recorder(recordings, lambda: [model], lambda _: questions).run()
    assert [recordings.find(question, model) is not None for question in questions] == [True, False, True]
    assert "bad is not recorded" in caplog.text


def test_a_fault_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    model, _ = scripted({"a": 1}, known=True)
    recordings = Recordings(scheduler=Scheduler(1))
    asked: list[int] = []

    def questions(_: Model) -> Iterator[Question]:
        asked.append(1)
        yield Question(Ask("a"))
        raise ValueError("no such path")

    rounds = iter((False, False, True))

    def wait(_: float) -> bool:
        if next(rounds):
            made.stop()
        return False

    made = Recorder(recordings, lambda: [model], questions, wait=wait)
    made._go_on()
    assert recordings.find(Question(Ask("a")), model) is not None
    assert caplog.text.count("the recorder goes on after a fault") == 1


def test_only_a_plain_file_is_read(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10_000)
    shelf.keep(DIGEST, PATH, RECORDING)
    os.mkfifo(tmp_path / DIGEST / "pipe.json")  # nobody ever writes to it
    assert [path for path, _ in shelf.read(DIGEST)] == [PATH]
