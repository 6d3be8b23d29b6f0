import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from laam.serving.limits import SPARE_THREADS, BusyError, Limits, Places, Running


def test_stop_sets_the_sessions_own_flag() -> None:
    running = Running()
    with running.emission("a") as first, running.emission("b") as second:
        running.stop("a")
        assert first.is_set()
        assert not second.is_set()
        assert running.count == 2
    assert running.count == 0


def test_a_new_emission_stops_the_sessions_earlier_one() -> None:
    running = Running()
    with running.emission("a") as first:
        with running.emission("a") as second:
            assert first.is_set()
            assert not second.is_set()
        assert running.count == 1


def test_an_earlier_emission_that_ends_late_leaves_the_new_one_stoppable() -> None:
    running = Running()
    first, second = running.emission("a"), running.emission("a")
    first.__enter__()
    flag = second.__enter__()
    first.__exit__(None, None, None)
    running.stop("a")
    assert flag.is_set()
    second.__exit__(None, None, None)


def test_stopping_where_nothing_runs_is_fine() -> None:
    running = Running()
    with running.emission("a"):
        pass
    running.stop("a")
    assert running.count == 0


def test_only_so_many_have_a_place_and_it_is_given_back() -> None:
    places = Places(2)
    with places.take(), places.take(), pytest.raises(BusyError, match="Try again in a minute"), places.take():
        pass
    with pytest.raises(ZeroDivisionError), places.take(), places.take():
        _ = 1 / 0
    with places.take(), places.take():
        pass


def test_one_that_waits_gets_the_place_that_becomes_free() -> None:
    places, waiting = Places(1, waiting=1, wait_s=60), threading.Event()

    def wait() -> str:
        waiting.set()
        with places.take():
            return "has it"

    with ThreadPoolExecutor(1) as pool:
        with places.take():
            waits = pool.submit(wait)
            assert waiting.wait(60)
            assert not waits.done()
        assert waits.result(60) == "has it"


def test_one_that_waits_too_long_is_refused() -> None:
    places = Places(1, waiting=1, wait_s=0.01)
    with places.take(), pytest.raises(BusyError), places.take():
        pass


def test_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(1, waiting=0, wait_s=60)
    with places.take(), monkeypatch.context() as patch, pytest.raises(BusyError):
        patch.setattr(places._changed, "wait_for", lambda *_: pytest.fail("it waits for a place"))
        with places.take():
            pass
    with places.take():  # it is free again
        pass


def test_one_client_leaves_places_for_others() -> None:
    places = Places(4, each=2)
    with places.take("a"), places.take("a"):
        with pytest.raises(BusyError, match="from your address"), places.take("a"):
            pass
        with places.take("b"), places.take(""), pytest.raises(BusyError, match=r"Too many emissions are running"), places.take("c"):
            pass
    with places.take("a"):
        pass
    assert not places._held and not places._here


@pytest.mark.parametrize(("at_once", "each"), [(1, 1), (3, 1), (8, 2), (32, 8)])
def test_a_share_is_a_quarter_and_one_at_least(at_once: int, each: int) -> None:
    places = Places(at_once)
    with ExitStack() as held:
        for _ in range(each):
            held.enter_context(places.take("a"))
        with pytest.raises(BusyError), places.take("a"):
            pass


def test_one_client_leaves_room_to_wait_for_others() -> None:
    """Two places and two who may wait: of one client one is served, one waits, and no more."""
    places, waits = Places(2, waiting=2, wait_s=60), threading.Event()

    def wait() -> str:
        waits.set()
        with places.take("a"):
            return "has it"

    with ThreadPoolExecutor(1) as pool:
        with places.take("a"):
            waiting = pool.submit(wait)
            assert waits.wait(60)
            while places._here["a"] < 2:
                pass
            with pytest.raises(BusyError), places.take("a"):
                pass
            with places.take("b"):  # at once: the second place is not for the one who waits
                assert not waiting.done()
        assert waiting.result(60) == "has it"


def test_each_kind_has_its_own_places_and_threads_for_all() -> None:
    limits = Limits(emissions=1, forgetting=1, whole=1, comparing=1, previews=1, previews_waiting=0)
    running = Running(limits)
    kinds = (running.emissions, running.forgetting, running.whole, running.comparing, running.previews)
    with ExitStack() as taken:
        for places in kinds:
            taken.enter_context(places.take())
        for places in kinds:
            with pytest.raises(BusyError), places.take():
                pass
    assert limits.threads - SPARE_THREADS == len(kinds)


def test_once_it_is_being_shut_down_what_runs_is_stopped_and_nothing_begins() -> None:
    running = Running()
    with running.emission("a") as flag:
        running.close()
        assert flag.is_set()
        with pytest.raises(BusyError, match="shut down"), running.emission("b"):
            pass
