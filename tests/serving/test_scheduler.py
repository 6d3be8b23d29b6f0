"""The scheduler on a scripted engine: who is served when, and what reaches whom."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, emit
from laam.emission.question import Question
from laam.model.engine import WORKERS, Decoding, Waiting
from laam.model.model import Model
from laam.serving import jobs
from laam.serving.jobs import Job, Rank, Segment
from laam.serving.rounds import AT_ONCE, BATCH, OPENING, Round, next_round
from laam.serving.scheduler import Scheduler
from tests.serving.scripted import ScriptedEngine, expected, scripted, text_of

SECONDS = 20.0  # until a test that waits for nothing fails
GREEDY, DRAWN, HOT = Decoding(), Decoding(0.7, 0, 1), Decoding(1.2, 0, 1)


class Crowd:
    """Visitors of one scheduler, each in a thread."""

    def __init__(self, pool: ThreadPoolExecutor, scheduler: Scheduler, model: Model) -> None:
        self._pool, self._scheduler, self._model = pool, scheduler, model

    def ask(self, path: str, rank: Rank = Rank.VISITOR, decoding: Decoding = GREEDY) -> Future[str]:
        """Somebody asks for a file, and waits for the model when this returns."""
        before = self._scheduler.load.total
        asked = self._pool.submit(lambda: text_of(self._scheduler.emit(Question(Ask(path, decoding=decoding)), self._model, rank)))
        until(lambda: asked.done() or self._scheduler.load.total > before)
        return asked


def without_waiting(events: Iterator[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, Waiting)]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does; fail where it doesn't."""
    never, deadline = threading.Event(), SECONDS
    while not condition():
        assert deadline > 0
        never.wait(0.002)
        deadline -= 0.002


@contextmanager
def crowd(model: Model, workers: int = 1) -> Iterator[Crowd]:
    scheduler = Scheduler(workers)
    with ThreadPoolExecutor(128) as pool:
        yield Crowd(pool, scheduler, model)
    until(lambda: scheduler.load.total == 0 and not [thread for thread in threading.enumerate() if thread.name == "scheduler"])


def finish(engine: ScriptedEngine, *asked: Future[str]) -> list[str]:
    """Let the engine go on to the end; returns what those who asked got."""
    engine.gate.let_through(10_000)
    return [one.result(SECONDS) for one in asked]


@pytest.mark.parametrize("segments", [1, 2, 7, 8, 9, 40])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("workers", [1, 2])
def test_the_events_are_those_of_the_emission_alone(segments: int, known: bool, workers: int) -> None:
    model, _ = scripted({"a": segments}, known=known)
    events = without_waiting(Scheduler(workers).emit(Question(Ask("a")), model))
    assert text_of(iter(events)) == expected("a", segments)
    assert events == list(emit(Question(Ask("a")), model))


@pytest.mark.parametrize("limit", [1, OPENING - 1, OPENING, OPENING + 1, 45, 200])
def test_the_limit_of_tokens_cuts_off_where_it_does_alone(limit: int) -> None:
    model, _ = scripted({"a": 9})
    question = Question(Ask("a", max_tokens=limit))
    assert without_waiting(Scheduler().emit(question, model)) == list(emit(question, model))


def test_where_the_length_is_known_nothing_behind_it_is_decoded() -> None:
    model, engine = scripted({"a": 11}, known=True)
    text_of(Scheduler(1).emit(Question(Ask("a")), model))
    assert {prompt for call in engine.calls for prompt in call} == {f"a#{number}" for number in range(11)}


def test_everybody_s_first_line_comes_before_anybody_s_second() -> None:
    paths = [f"f{number}" for number in range(40)]
    model, engine = scripted(dict.fromkeys(paths, 3), shut=True)
    with crowd(model) as visitors:
        asked = [visitors.ask(path) for path in paths]
        assert finish(engine, *asked) == [expected(path, 3) for path in paths]
    first = [number for number, limit in enumerate(engine.limits) if limit == OPENING]
    assert first == list(range(len(first)))  # before all others
    assert sorted(prompt for call in engine.calls[: len(first)] for prompt in call) == sorted(f"{path}#0" for path in paths)


def test_who_comes_late_gets_a_first_line_before_the_others_go_on() -> None:
    model, engine = scripted({"long": 60, "late": 2}, shut=True)
    with crowd(model) as visitors:
        long = visitors.ask("long")
        engine.gate.wait()  # its first line
        engine.gate.let_through()
        engine.gate.wait()  # its first segments
        late = visitors.ask("late")
        before = len(engine.calls)
        assert finish(engine, late, long) == [expected("late", 2), expected("long", 60)]
    assert engine.calls[before] == ["late#0"]
    assert "late#0" in engine.calls[before + 1]


def test_until_a_first_line_is_taken_one_worker_gets_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(jobs, "monotonic", lambda: now)
    model, _ = scripted({})
    lock, told = threading.Lock(), list[Job]()

    def visitor(path: str) -> tuple[Job, Iterator[int | Waiting], Segment]:
        """A visitor who has asked, and whose first ids are there."""
        ahead = jobs.Ahead(lambda number: model.format.path_prompt(path, number).ids, model.format.ends, 100, 9, certain=True)
        job = Job(model.engine, GREEDY, Rank.VISITOR, lock, told.append, lambda _: 0, ahead)
        stream = job.stream(model.format.path_prompt(path).ids, model.format.stop, 60)
        assert isinstance(next(stream), Waiting)
        first = job.unopened
        assert first is not None
        with lock:
            job.deliver(first, [70] * OPENING, done=False)
        return job, stream, first

    reads, reader, _ = visitor("reads")
    next(reader)
    stalled, still_reader, first = visitor("stalled")
    under_way = [Round([(stalled, first)])] * (WORKERS - 1)
    assert next_round([reads, stalled]) is not None
    assert next_round([reads, stalled], under_way) is None
    told.clear()
    assert next(still_reader) == 70
    assert told == [stalled]  # so that another worker begins
    assert next_round([reads, stalled], under_way) is not None
    gone, _, _ = visitor("gone")
    assert next_round([reads, gone], under_way) is None
    now += jobs.SHOW_S
    assert next_round([reads, gone], under_way) is not None


@pytest.mark.parametrize(("busy", "goes_on"), [(Rank.VISITOR, True), (Rank.PREVIEW, True), (Rank.BACKGROUND, False)])
def test_the_background_waits_for_its_own_round_alone(busy: Rank, goes_on: bool) -> None:
    model, _ = scripted({})

    def asked(path: str, rank: Rank) -> Job:
        ahead = jobs.Ahead(lambda number: model.format.path_prompt(path, number).ids, model.format.ends, 100, 9, certain=True)
        job = Job(model.engine, GREEDY, rank, threading.Lock(), lambda _: None, lambda _: 0, ahead)
        next(job.stream(model.format.path_prompt(path).ids, model.format.stop, 60))
        return job

    decoded, waits = asked("decoded", busy), asked("waits", Rank.BACKGROUND)
    under_way = Round([(decoded, decoded.open_segments()[0])])
    assert (next_round([waits], [under_way]) is not None) == goes_on


def test_a_round_to_the_ends_has_prompts_of_one_length() -> None:
    files = {"ab": 30, "a_longer_name": 30}
    model, engine = scripted(files, shut=True, known=True)
    with crowd(model) as visitors:
        asked = [visitors.ask(path) for path in files]
        assert finish(engine, *asked) == [expected(path, 30) for path in files]
    rounds = [call for call, limit in zip(engine.calls, engine.limits, strict=True) if limit != OPENING]
    assert {len({len(prompt) for prompt in call}) for call in rounds} == {1}
    assert max(map(len, rounds)) == BATCH  # filled up with the next segments of the same length


def test_a_round_has_a_segment_of_each_before_the_next_of_one() -> None:
    model, engine = scripted({"a": 9, "b": 9, "c": 1}, shut=True)
    with crowd(model) as visitors:
        asked = [visitors.ask("a")]
        engine.gate.wait()  # a's first line: b and c come meanwhile
        asked += [visitors.ask("b"), visitors.ask("c")]
        engine.gate.let_through(2)
        engine.gate.wait()
        engine.gate.wait()
        finish(engine, *asked)
    full = engine.calls[2]
    assert len(full) == BATCH
    assert sorted(full[:3]) == ["a#0", "b#0", "c#0"]
    assert {prompt[0] for prompt in full[3:6]} == {"a", "b", "c"}


def test_a_visitor_goes_before_a_preview_and_a_preview_before_the_background() -> None:
    model, engine = scripted({"visitor": 20, "preview": 2, "background": 2, "gate": 1}, shut=True, known=True)
    with crowd(model) as visitors:
        asked = [visitors.ask("gate", Rank.BACKGROUND)]
        engine.gate.wait()
        asked += [visitors.ask("background", Rank.BACKGROUND), visitors.ask("preview", Rank.PREVIEW), visitors.ask("visitor")]
        finish(engine, *asked)
    served = [call[0].partition("#")[0] for call in engine.calls[1:]]
    assert served.index("preview") > max(number for number, name in enumerate(served) if name == "visitor") - 1
    assert list(dict.fromkeys(served)) == ["visitor", "preview", "background"]


def test_the_background_leaves_a_worker_to_those_who_come() -> None:
    model, engine = scripted({"a": 2, "b": 2, "visitor": 1}, shut=True, known=True)
    with crowd(model, workers=2) as visitors:
        asked = [visitors.ask("a", Rank.BACKGROUND)]
        engine.gate.wait()
        asked.append(visitors.ask("b", Rank.BACKGROUND))
        assert len(engine.calls) == 1
        asked.append(visitors.ask("visitor"))
        engine.gate.wait()
        assert engine.calls[1:] == [["visitor#0"]]
        finish(engine, *asked)


def test_an_error_reaches_the_visitor_whose_it_is_and_no_other() -> None:
    model, engine = scripted({"a": 3, "bad": 3, "c": 3}, shut=True)
    engine.breaks = lambda prompt: prompt == "bad#1"
    with crowd(model) as visitors:
        asked = {path: visitors.ask(path) for path in ("a", "bad", "c")}
        finish(engine)
        with pytest.raises(RuntimeError, match="no answer to bad#1"):
            asked["bad"].result(SECONDS)
        assert [asked[path].result(SECONDS) for path in ("a", "c")] == [expected("a", 3), expected("c", 3)]


def test_an_error_in_a_turn_reaches_its_visitor() -> None:
    model, engine = scripted({"a": 3})
    engine.breaks = lambda prompt: prompt == "a#2"
    with pytest.raises(RuntimeError, match="no answer"):
        text_of(Scheduler().emit(Question(Ask("a", decoding=HOT)), model))


def test_who_leaves_is_decoded_no_further_and_frees_the_place() -> None:
    model, engine = scripted({"gone": 500, "here": 2}, shut=True, known=True)
    scheduler = Scheduler(1)
    gone = scheduler.emit(Question(Ask("gone")), model)
    engine.gate.let_through()
    while not isinstance(next(gone), Emitted):
        pass
    gone.close()
    assert scheduler.load.total == 0
    engine.gate.shut = False
    finish(engine)
    assert text_of(scheduler.emit(Question(Ask("here")), model)) == expected("here", 2)
    assert len([call for call in engine.calls if "gone" in call[0]]) <= 2  # of which one was under way


def test_who_is_stopped_while_waiting_is_let_go_without_an_end() -> None:
    model, engine = scripted({"busy": 2, "waits": 2}, shut=True)
    stop = threading.Event()
    scheduler = Scheduler(1)
    with ThreadPoolExecutor(2) as pool:
        busy = pool.submit(lambda: text_of(scheduler.emit(Question(Ask("busy")), model)))
        engine.gate.wait()
        waits: Future[list[Event]] = pool.submit(lambda: list(scheduler.emit(Question(Ask("waits")), model, stop=stop)))
        until(lambda: scheduler.load.waiting == 2)
        stop.set()
        events = waits.result(SECONDS)  # though the only worker is held up
        assert not any(isinstance(event, (Emitted, Ended)) for event in events)
        assert scheduler.load.total == 1
        assert finish(engine, busy) == [expected("busy", 2)]


@pytest.mark.parametrize("decoding", [HOT, GREEDY])
def test_what_has_no_segments_or_is_drawn_hot_takes_turns(decoding: Decoding) -> None:
    paths = [f"f{number}" for number in range(AT_ONCE + 3)]
    segments = 3 if decoding is HOT else 1
    model, engine = scripted(dict.fromkeys(paths, segments), shut=True, segments=decoding is HOT)
    with crowd(model) as visitors:
        asked = [visitors.ask(path, decoding=decoding) for path in paths]
        assert finish(engine, *asked) == [expected(path, segments) for path in paths]
    assert all(len(call) == 1 for call in engine.calls)
    seen = [call[0] for call in engine.calls]
    assert set(seen[: len(paths)]) == {f"{path}#0" for path in paths}  # again, first lines first
    assert engine.decoders == len(paths) + 3  # those that could not begin at once wrote a first line that was thrown away


def test_a_turn_does_not_keep_others_from_being_decoded_side_by_side() -> None:
    model, engine = scripted({"drawn": 4, "a": 9, "b": 9}, shut=True)
    with crowd(model) as visitors:
        asked = [visitors.ask("drawn", decoding=HOT), visitors.ask("a"), visitors.ask("b")]
        assert finish(engine, *asked) == [expected("drawn", 4), expected("a", 9), expected("b", 9)]
    kinds = ["drawn" if call[0].startswith("drawn") else "batch" for call in engine.calls]
    assert "batch" in kinds[kinds.index("drawn") : len(kinds) - kinds[::-1].index("drawn")]


def test_draws_that_keep_to_the_draft_are_decoded_side_by_side() -> None:
    paths = [f"f{number}" for number in range(9)]
    model, engine = scripted(dict.fromkeys(paths, 3), shut=True, known=True)
    with crowd(model) as visitors:
        asked = [visitors.ask(path, decoding=(DRAWN, GREEDY)[number % 2]) for number, path in enumerate(paths)]
        assert finish(engine, *asked) == [expected(path, 3) for path in paths]
    assert engine.decoders == 0
    assert max(map(len, engine.calls)) > 5


@pytest.mark.parametrize("place", [0, OPENING - 1, OPENING, 43, 44])  # 43: the newline; 44: the token that closes the segment
@pytest.mark.parametrize("workers", [1, 2])
def test_a_draw_that_parts_from_the_draft_goes_on_by_itself(place: int, workers: int) -> None:
    model, engine = scripted({"a": 4, "b": 4}, known=True)
    engine.parts = {"a#0": place, "a#2": place}
    question = Question(Ask("a", decoding=DRAWN))
    with crowd(model, workers) as visitors:
        others = [visitors.ask("b"), visitors.ask("b", decoding=DRAWN)]
        text = visitors.ask("a", decoding=DRAWN).result(SECONDS)
        assert [other.result(SECONDS) for other in others] == [expected("b", 4)] * 2
    lines = [expected("a", 4)[number * 45 : number * 45 + 45] for number in range(4)]
    assert lines[0][43:] == ".\n"
    parted = [line[:place] + "!" + line[place + 1 :] if number % 2 == 0 else line for number, line in enumerate(lines)]
    assert text == "".join(parted)
    assert text == text_of(emit(question, model))


def test_an_error_in_a_parted_draw_reaches_its_visitor() -> None:
    model, engine = scripted({"a": 3}, known=True)
    engine.parts = {"a#1": 5}
    engine.breaks = lambda prompt: prompt.startswith("a#1a:1 .!")
    with pytest.raises(RuntimeError, match="no answer to a#1a"):
        text_of(Scheduler().emit(Question(Ask("a", decoding=DRAWN)), model))


def test_what_can_not_be_asked_is_refused_and_leaves_nothing_behind() -> None:
    model, _ = scripted({"a": 1})
    scheduler = Scheduler()
    with pytest.raises(ValueError, match="too long"):
        list(scheduler.emit(Question(Ask("x" * 200)), model))
    assert scheduler.load.total == 0


def test_a_hundred_visitors_and_some_who_leave() -> None:
    paths = [f"f{number}" for number in range(100)]
    model, _ = scripted({path: 1 + number % 13 for number, path in enumerate(paths)})
    scheduler = Scheduler(2)

    def visit(number: int) -> bool:
        events = scheduler.emit(Question(Ask(paths[number], decoding=(HOT, DRAWN)[number % 2] if number % 7 == 0 else GREEDY)), model)
        if number % 5 == 0:
            next(events)
            events.close()
            return True
        return text_of(events) == expected(paths[number], 1 + number % 13)

    with ThreadPoolExecutor(100) as pool:
        assert all(pool.map(visit, range(100), timeout=SECONDS))
    assert scheduler.load.total == 0
    until(lambda: not [thread for thread in threading.enumerate() if thread.name == "scheduler"])
