from laam.serving.limits import Running


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
