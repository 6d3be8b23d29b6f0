import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from laam.corpus.lines import split_lines
from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.model.engine import Decoding
from laam.model.lossy import Lossy
from laam.model.model import Model
from laam.serving import recordings
from laam.serving.forgetting import LONGER, TEMPERATURES, Forgetting, Strip
from laam.serving.jobs import Rank
from laam.serving.services import Services
from tests.serving.made_up import Watched

PATH = "linux/kernel/sched.c"
ASK = Ask(PATH, decoding=Decoding(0.7, 5, 3))


def drain(forgetting: Forgetting) -> list[Strip]:
    return list(forgetting.strips(ASK, threading.Event()))


def test_each_temperature_comes_once_in_order_and_in_the_background(services: Services, watched: Watched, model: Model) -> None:
    done = [strip for strip in drain(Forgetting(services)) if strip.state == "done"]
    assert tuple(strip.temperature for strip in done) == TEMPERATURES
    assert all(strip.ticks and strip.reproduced.endswith("%") for strip in done)
    assert [(ask.path, ask.decoding, rank) for ask, rank in watched.asked] == [
        (PATH, Decoding(temperature, 0, 3), Rank.BACKGROUND) for temperature in TEMPERATURES
    ]
    assert all(ask.max_tokens <= model.trained_tokens.get(PATH, 10**6) * LONGER for ask, _ in watched.asked)


def test_a_lossy_copy_is_made_to_forget_as_it_is(services: Services, watched: Watched) -> None:
    strips = Forgetting(services).strips(replace(ASK, lossy=Lossy(8)), threading.Event())
    first = next(strip for strip in strips if strip.state == "done")
    strips.close()
    assert [ask.lossy for ask, _ in watched.asked] == [Lossy(8)]
    assert first.ticks


def test_what_is_known_is_not_run_again(services: Services, watched: Watched) -> None:
    forgetting = Forgetting(services)
    first = [strip for strip in drain(forgetting) if strip.state == "done"]
    watched.asked.clear()
    assert drain(forgetting) == first
    assert watched.asked == []


def test_one_emission_at_a_time_and_who_leaves_makes_room(services: Services, watched: Watched) -> None:
    forgetting = Forgetting(services)
    with closing(forgetting.strips(ASK, threading.Event())) as first:
        assert next(first).state == "running"
        second = forgetting.strips(Ask("linux/init/main.c"), threading.Event())
        assert next(second).state == "waiting"
        assert len(watched.asked) == 0  # the first one's events are asked for when they are wanted
    assert next(second).state == "running"
    second.close()
    assert watched.load.total == 0


def test_a_visitor_who_leaves_while_others_go_first_waits_no_longer(services: Services) -> None:
    forgetting, flag = Forgetting(services), threading.Event()
    with closing(forgetting.strips(ASK, threading.Event())) as first:
        next(first)
        second = forgetting.strips(ASK, flag)
        next(second)
        flag.set()
        assert list(second) == []


def test_a_stop_ends_the_emission_without_a_score(services: Services, watched: Watched) -> None:
    flag = threading.Event()
    found = []
    for strip in Forgetting(services).strips(ASK, flag):
        flag.set()
        found.append(strip.state)
    assert found == ["running"]
    assert len(watched.asked) == 1
    assert watched.load.total == 0


def test_a_file_that_is_not_there_is_refused(services: Services) -> None:
    with pytest.raises(ValueError, match=r"no\.c"):
        next(Forgetting(services).strips(Ask("no.c"), threading.Event()))


@pytest.mark.parametrize(("lines", "early"), [(1, True), (None, False)])
def test_a_file_that_is_closed_early_is_told_from_one_that_is_forgotten(
    services: Services, monkeypatch: pytest.MonkeyPatch, made_up_files: dict[str, str], lines: int | None, early: bool
) -> None:
    text = "".join(split_lines(made_up_files[PATH])[:lines])

    def emit(*_: object) -> Iterator[Event]:
        yield from (Prompted(0, "x"), Emitted(text), Ended("end of file", 1))

    monkeypatch.setattr(recordings, "emit", emit)
    done = [strip for strip in drain(Forgetting(Services(services.originals, services.model))) if strip.state == "done"]
    assert {strip.closed_early for strip in done} == {early}
