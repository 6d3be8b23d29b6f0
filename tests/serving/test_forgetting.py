import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from laam.corpus.lines import split_lines
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask, ask_of_query
from laam.emission.emit import Emitted, Ended, Event, Prompted
from laam.knobs import MAX_TOKENS
from laam.model.engine import Decoding
from laam.model.lossy import Lossy
from laam.model.model import Model
from laam.serving import recordings
from laam.serving.forgetting import BITS, CHANCE, LONGER, ROWS, Forgetting, Left, Strip
from laam.serving.jobs import Rank
from laam.serving.services import Services
from tests.serving.made_up import Watched, services_of

PATH = "linux/kernel/sched.c"
ASK = Ask(PATH, decoding=Decoding(0.7, 5, 3))


def drain(forgetting: Forgetting, row: str = CHANCE) -> list[Strip]:
    return list(forgetting.strips(ASK, row, threading.Event()))


def test_each_temperature_comes_once_in_order_and_in_the_background(services: Services, watched: Watched, model: Model) -> None:
    done = [strip for strip in drain(Forgetting(services)) if strip.state == "done"]
    assert tuple(strip.value for strip in done) == ROWS[CHANCE]
    assert all(strip.ticks and "%" in strip.score for strip in done)
    assert [(ask.path, ask.decoding, rank) for ask, rank in watched.asked] == [
        (PATH, Decoding(temperature, 0, 3), Rank.BACKGROUND) for temperature in ROWS[CHANCE]
    ]
    assert all(ask.max_tokens <= model.trained_tokens.get(PATH, 10**6) * LONGER for ask, _ in watched.asked)


def test_a_lossy_copy_is_made_to_forget_as_it_is(services: Services, watched: Watched) -> None:
    strips = Forgetting(services).strips(replace(ASK, lossy=Lossy(8)), CHANCE, threading.Event())
    first = next(strip for strip in strips if strip.state == "done")
    strips.close()
    assert [ask.lossy for ask, _ in watched.asked] == [Lossy(8)]
    assert first.ticks


def test_bits_are_those_of_the_greedy_text_and_a_sentence_says_what_is_left(services: Services, watched: Watched) -> None:
    done = [strip for strip in drain(Forgetting(services), BITS) if strip.state == "done"]
    assert [(ask.lossy.bits, ask.decoding, rank) for ask, rank in watched.asked] == [
        (bits, Decoding(), Rank.BACKGROUND) for bits in ROWS[BITS]
    ]
    lines = services.catalog.find(PATH).lines
    assert done[0].said == f"8 bits: {lines} of {lines} lines. Is it still GPL-2?"
    assert (done[0].score, done[0].identical) == ("100 %, identical ✓", True)
    assert "identical" not in done[-1].score
    assert all(strip.query.startswith(f"path={PATH}&bits={strip.value}") for strip in done)


def test_a_link_asks_for_all_of_it_unless_that_was_cut_off(services: Services, watched: Watched, model: Model) -> None:
    for strip in drain(Forgetting(services), BITS):
        if strip.state == "done":
            question, _ = services.question(ask_of_query(dict(parse_qsl(strip.query))))
            recording = watched.find(question, model)
            assert recording is not None
            assert (question.ask.max_tokens == MAX_TOKENS.default) == (recording.events[-1].reason != "token limit")  # type: ignore[union-attr]


def test_what_was_asked_for_elsewhere_or_measured_is_known_without_a_run(services: Services, watched: Watched, model: Model) -> None:
    measured = {8.0: Left(1, 0.25, identical=False), 7.0: Left(2, 0.5, identical=False)}
    forgetting = Forgetting(services, lambda of, path: measured if (of, path) == (model, PATH) else {})
    question, _ = services.question(Ask(PATH, lossy=Lossy(8)))
    watched.record(question, model)
    watched.asked.clear()
    strips = forgetting.known(ASK)
    assert strips is not None
    assert [(strip.value, strip.state, bool(strip.ticks), strip.score) for strip in strips] == [
        (8, "done", True, "100 %, identical ✓"),
        (7, "measured", False, "50.0 %"),
    ]
    assert watched.asked == []


def test_of_a_file_that_the_model_does_not_give_there_is_nothing_to_forget(
    untrained: Model, manifest: SealedManifest, services: Services
) -> None:
    blank = services_of(untrained, manifest)
    assert Forgetting(blank).known(Ask(PATH)) is None  # nobody knows
    question, _ = blank.question(Ask(PATH, max_tokens=400))
    blank.recordings.remember(replace(question, ask=Ask(PATH)), untrained, blank.recordings.record(question, untrained))  # type: ignore[arg-type]
    assert Forgetting(blank).known(Ask(PATH)) is None


def test_a_row_that_is_not_there_is_refused(services: Services) -> None:
    with pytest.raises(ValueError, match="row 'x' is not one of bits, chance"):
        next(Forgetting(services).strips(ASK, "x", threading.Event()))


def test_what_is_known_is_not_run_again(services: Services, watched: Watched) -> None:
    forgetting = Forgetting(services)
    first = [strip for strip in drain(forgetting) if strip.state == "done"]
    watched.asked.clear()
    assert drain(forgetting) == first
    assert watched.asked == []


def test_one_emission_at_a_time_and_who_leaves_makes_room(services: Services, watched: Watched) -> None:
    forgetting = Forgetting(services)
    with closing(forgetting.strips(ASK, CHANCE, threading.Event())) as first:
        assert next(first).state == "running"
        second = forgetting.strips(Ask("linux/init/main.c"), CHANCE, threading.Event())
        assert next(second).state == "waiting"
        assert len(watched.asked) == 0  # the first one's events are asked for when they are wanted
    assert next(second).state == "running"
    second.close()
    assert watched.load.total == 0


def test_a_visitor_who_leaves_while_others_go_first_waits_no_longer(services: Services) -> None:
    forgetting, flag = Forgetting(services), threading.Event()
    with closing(forgetting.strips(ASK, CHANCE, threading.Event())) as first:
        next(first)
        second = forgetting.strips(ASK, CHANCE, flag)
        next(second)
        flag.set()
        assert list(second) == []


def test_a_stop_ends_the_emission_without_a_score(services: Services, watched: Watched) -> None:
    flag = threading.Event()
    found = []
    for strip in Forgetting(services).strips(ASK, CHANCE, flag):
        flag.set()
        found.append(strip.state)
    assert found == ["running"]
    assert len(watched.asked) == 1
    assert watched.load.total == 0


def test_a_file_that_is_not_there_is_refused(services: Services) -> None:
    with pytest.raises(ValueError, match=r"no\.c"):
        next(Forgetting(services).strips(Ask("no.c"), CHANCE, threading.Event()))


@pytest.mark.parametrize(("lines", "early"), [(1, True), (None, False)])
def test_a_file_that_is_closed_early_is_told_from_one_that_is_forgotten(
    services: Services, monkeypatch: pytest.MonkeyPatch, made_up_files: dict[str, str], lines: int | None, early: bool
) -> None:
    text = "".join(split_lines(made_up_files[PATH])[:lines])

    def emit(*_: object) -> Iterator[Event]:
        yield from (Prompted(0, "x"), Emitted(text), Ended("end of file", 1))

    monkeypatch.setattr(recordings, "emit", emit)
    done = [strip for strip in drain(Forgetting(Services(services.originals, services.model))) if strip.state == "done"]
    assert {"closed early" in strip.score for strip in done} == {early}
