"""Lossy copies that are made up: when one is made, shared, waited for and removed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

from laam.emission.ask import Ask
from laam.emission.emit import Ended, emit
from laam.emission.question import Question
from laam.model.engine import Waiting
from laam.model.lossy import AS_SHIPPED, Lossy
from laam.model.model import Model
from laam.serving.limits import BusyError
from laam.serving.lossy_copies import LossyCopies
from laam.serving.scheduler import Scheduler
from tests.serving.scripted import ScriptedEngine, ScriptedModel, expected, scripted, text_of

SECONDS = 20.0  # until a test that waits for nothing fails
FILES = {"a": 3, "b": 3, "c": 3}
SOURCE, _ = scripted(FILES)


@dataclass
class Maker:
    """Makes copies; `there` are those that were made and not yet removed. Each waits for `go`."""

    made: list[Lossy] = field(default_factory=list)
    there: list[Lossy] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    fault: Exception | None = None
    engine: ScriptedEngine = field(default_factory=lambda: scripted(FILES)[1])

    def __post_init__(self) -> None:
        self.go.set()

    @contextmanager
    def __call__(self, model: Model, lossy: Lossy) -> Iterator[Model]:
        assert self.go.wait(SECONDS)
        if self.fault:
            raise self.fault
        self.made.append(lossy)
        self.there.append(lossy)
        try:
            yield cast(Model, ScriptedModel(self.engine))
        finally:
            self.there.remove(lossy)


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_as_shipped_the_model_itself_is_asked(maker: Maker, stack: ExitStack) -> None:
    copies = LossyCopies(make=maker)
    assert stack.enter_context(copies.asked(SOURCE, AS_SHIPPED))(0) is SOURCE
    assert (maker.made, copies.count) == ([], 0)


def test_all_who_ask_at_one_setting_share_a_copy_that_is_kept(maker: Maker, stack: ExitStack) -> None:
    copies = LossyCopies(make=maker)
    found = [stack.enter_context(copies.asked(SOURCE, Lossy(5)))(SECONDS) for _ in range(3)]
    stack.close()
    with copies.asked(SOURCE, Lossy(5)) as wait:
        found.append(wait(SECONDS))
    assert found[0] is not None
    assert all(copy is found[0] for copy in found)
    assert (maker.made, maker.there) == ([Lossy(5)], [Lossy(5)])
    copies.close()
    assert maker.there == []


def test_a_third_setting_takes_the_place_of_the_one_that_was_left_longest_ago(maker: Maker) -> None:
    copies = LossyCopies(make=maker)
    for bits in (3, 4, 3, 5):
        with copies.asked(SOURCE, Lossy(bits)) as wait:
            assert wait(SECONDS)
    assert maker.made == [Lossy(3), Lossy(4), Lossy(5)]
    assert maker.there == [Lossy(3), Lossy(5)]
    assert copies.count == 2


def test_while_both_are_asked_a_third_waits_and_too_many_are_refused(maker: Maker, stack: ExitStack) -> None:
    copies = LossyCopies(waiting=1, make=maker)
    first, second = ExitStack(), ExitStack()
    assert first.enter_context(copies.asked(SOURCE, Lossy(3)))(SECONDS)
    assert second.enter_context(copies.asked(SOURCE, Lossy(4)))(SECONDS)
    third = stack.enter_context(copies.asked(SOURCE, Lossy(5)))
    assert third(0) is None
    with pytest.raises(BusyError, match="Too many lossy copies"):
        stack.enter_context(copies.asked(SOURCE, Lossy(6)))
    assert stack.enter_context(copies.asked(SOURCE, Lossy(4)))(0)  # which is there
    first.close()
    assert third(SECONDS)
    assert maker.there == [Lossy(4), Lossy(5)]
    second.close()


def test_work_in_the_background_leaves_a_place_to_visitors(maker: Maker, stack: ExitStack) -> None:
    copies = LossyCopies(make=maker)
    first, second = (copies.asked(SOURCE, Lossy(bits), background=True) for bits in (3, 4))
    with first as wait:
        assert wait(SECONDS)
        waits = stack.enter_context(second)
        assert waits(0) is None
        assert stack.enter_context(copies.asked(SOURCE, Lossy(5)))(SECONDS)  # a visitor
        assert waits(0) is None
    assert waits(SECONDS)
    assert maker.made == [Lossy(3), Lossy(5), Lossy(4)]


def test_who_leaves_before_a_copy_is_there_leaves_nothing(maker: Maker) -> None:
    copies = LossyCopies(at_once=1, make=maker)
    maker.go.clear()
    with copies.asked(SOURCE, Lossy(3)) as wait, copies.asked(SOURCE, Lossy(4)) as next_:
        assert wait(0) is next_(0) is None
    maker.go.set()
    with copies.asked(SOURCE, Lossy(5)) as wait:
        assert wait(SECONDS)
    assert (maker.made, maker.there) == ([Lossy(3), Lossy(5)], [Lossy(5)])


def test_a_copy_that_nobody_asks_is_removed_after_a_while(maker: Maker) -> None:
    removed = threading.Event()
    copies = LossyCopies(kept_s=0.01, make=maker)
    maker.there = Noticed(removed)
    with copies.asked(SOURCE, Lossy(3)) as wait:
        assert wait(SECONDS)
        assert not removed.is_set()
    assert removed.wait(SECONDS)


class Noticed(list[Lossy]):
    def __init__(self, removed: threading.Event) -> None:
        self._removed = removed

    def remove(self, lossy: Lossy) -> None:
        super().remove(lossy)
        self._removed.set()


def test_what_goes_wrong_reaches_who_asked_and_the_next_one_tries_again(maker: Maker) -> None:
    copies = LossyCopies(at_once=1, make=maker)
    maker.fault = ValueError("no room")
    with copies.asked(SOURCE, Lossy(3)) as wait, pytest.raises(ValueError, match="no room"):
        wait(SECONDS)
    maker.fault = None
    with copies.asked(SOURCE, Lossy(3)) as wait:
        assert wait(SECONDS)


# The scheduler


def test_a_crowd_at_one_setting_shares_its_rounds(maker: Maker) -> None:
    maker.go.clear()
    scheduler, waits = Scheduler(1, LossyCopies(make=maker)), threading.Barrier(4)

    def ask(path: str) -> str:
        events = scheduler.emit(Question(Ask(path, lossy=Lossy(5))), SOURCE)
        assert next(events) == Waiting(0, copying=True)
        waits.wait(SECONDS)
        return text_of(events)

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, path) for path in "abc"]
        waits.wait(SECONDS)
        maker.go.set()
        assert [one.result(SECONDS) for one in asked] == [expected(path, 3) for path in "abc"]
    assert maker.made == [Lossy(5)]
    assert max(map(len, maker.engine.calls)) > 1


def test_who_waits_for_a_copy_can_be_stopped(maker: Maker) -> None:
    maker.go.clear()
    stop = threading.Event()
    events = Scheduler(1, LossyCopies(make=maker)).emit(Question(Ask("a", lossy=Lossy(5))), SOURCE, stop=stop)
    assert next(events) == Waiting(0, copying=True)
    stop.set()
    assert list(events) == []
    maker.go.set()


def test_the_scheduler_gives_the_text_that_a_copy_gives_alone(model: Model) -> None:
    question = Question(Ask("linux/kernel/sched.c", lossy=Lossy(3), max_tokens=200))
    served = [event for event in Scheduler(1).emit(question, model) if not isinstance(event, Waiting)]
    assert served == list(emit(question, model))
    assert isinstance(served[-1], Ended)
    assert text_of(iter(served)) != text_of(emit(Question(Ask("linux/kernel/sched.c", max_tokens=200)), model))
