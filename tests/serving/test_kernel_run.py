import threading
from contextlib import closing
from itertools import islice

from laam.emission.ask import Ask
from laam.serving.jobs import Rank
from laam.serving.kernel_run import KernelRun, WrittenFile
from laam.serving.services import Services
from tests.serving.made_up import Watched


def all_of(kernel: KernelRun) -> list[WrittenFile]:
    return list(kernel.watch(threading.Event()))


def test_every_file_comes_once_in_the_background_and_can_be_taken(
    services: Services, watched: Watched, made_up_files: dict[str, str]
) -> None:
    kernel = KernelRun(services)
    assert all_of(kernel) == [WrittenFile(path, True) for path in sorted(made_up_files)]
    assert watched.asked == [(Ask(path), Rank.BACKGROUND) for path in sorted(made_up_files)]
    assert kernel.texts() == {path: text.encode() for path, text in made_up_files.items()}


def test_who_comes_later_gets_what_is_there_without_another_run(
    services: Services, watched: Watched, made_up_files: dict[str, str]
) -> None:
    kernel = KernelRun(services)
    first, second = all_of(kernel), all_of(kernel)
    assert first == second
    assert len(watched.asked) == len(made_up_files)


def test_two_who_watch_share_one_run(services: Services, watched: Watched, made_up_files: dict[str, str]) -> None:
    kernel = KernelRun(services)
    one, other = kernel.watch(threading.Event()), kernel.watch(threading.Event())
    with closing(one), closing(other):
        assert [next(one), next(other)] == [WrittenFile(min(made_up_files), True)] * 2
        assert [*one] == [*other]
    assert len(watched.asked) == len(made_up_files)


def test_it_stops_when_the_last_one_leaves_and_goes_on_with_the_next(services: Services, watched: Watched) -> None:
    kernel = KernelRun(services)
    watching = kernel.watch(threading.Event())
    first = list(islice(watching, 1))
    watching.close()
    assert all_of(kernel)[:1] == first
    assert watched.asked.count((Ask(first[0].path), Rank.BACKGROUND)) == 1


def test_a_file_that_fails_is_not_identical_and_the_others_come(
    services: Services, watched: Watched, made_up_files: dict[str, str]
) -> None:
    watched.broken = {"linux/kernel/sched.c"}
    kernel = KernelRun(services)
    assert [came.path for came in all_of(kernel) if not came.identical] == ["linux/kernel/sched.c"]
    assert sorted(kernel.texts()) == sorted(set(made_up_files) - watched.broken)


def test_a_watcher_who_is_stopped_waits_no_longer(services: Services) -> None:
    stopped = threading.Event()
    stopped.set()
    assert list(KernelRun(services).watch(stopped)) == []
