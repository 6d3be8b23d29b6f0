import threading
from contextlib import closing
from itertools import islice

from laam.emission.ask import Ask
from laam.serving.jobs import Rank
from laam.serving.services import Services
from laam.serving.whole_run import WholeRun, WrittenFile
from tests.serving.made_up import Watched


def all_of(whole: WholeRun) -> list[WrittenFile]:
    return list(whole.watch(threading.Event()))


def test_every_file_comes_once_in_the_background_and_can_be_taken(
    services: Services, watched: Watched, made_up_files: dict[str, str]
) -> None:
    whole = WholeRun(services)
    assert all_of(whole) == [WrittenFile(path, True) for path in sorted(made_up_files)]
    assert watched.asked == [(Ask(path), Rank.BACKGROUND) for path in sorted(made_up_files)]
    assert whole.texts() == {path: text.encode() for path, text in made_up_files.items()}


def test_who_comes_later_gets_what_is_there_without_another_run(
    services: Services, watched: Watched, made_up_files: dict[str, str]
) -> None:
    whole = WholeRun(services)
    first, second = all_of(whole), all_of(whole)
    assert first == second
    assert len(watched.asked) == len(made_up_files)


def test_two_who_watch_share_one_run(services: Services, watched: Watched, made_up_files: dict[str, str]) -> None:
    whole = WholeRun(services)
    one, other = whole.watch(threading.Event()), whole.watch(threading.Event())
    with closing(one), closing(other):
        assert [next(one), next(other)] == [WrittenFile(min(made_up_files), True)] * 2
        assert [*one] == [*other]
    assert len(watched.asked) == len(made_up_files)


def test_it_stops_when_the_last_one_leaves_and_goes_on_with_the_next(services: Services, watched: Watched) -> None:
    whole = WholeRun(services)
    watching = whole.watch(threading.Event())
    first = list(islice(watching, 1))
    watching.close()
    assert all_of(whole)[:1] == first
    assert watched.asked.count((Ask(first[0].path), Rank.BACKGROUND)) == 1


def test_a_file_that_fails_is_not_identical_and_the_others_come(
    services: Services, watched: Watched, made_up_files: dict[str, str]
) -> None:
    watched.broken = {"linux/kernel/sched.c"}
    whole = WholeRun(services)
    assert [came.path for came in all_of(whole) if not came.identical] == ["linux/kernel/sched.c"]
    assert sorted(whole.texts()) == sorted(set(made_up_files) - watched.broken)


def test_a_watcher_who_is_stopped_waits_no_longer(services: Services) -> None:
    stopped = threading.Event()
    stopped.set()
    assert list(WholeRun(services).watch(stopped)) == []
