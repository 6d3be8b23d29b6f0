from concurrent.futures import ThreadPoolExecutor

from laam.compare.live import compare_text
from laam.emission.transcript import Finished
from laam.serving.results import CAPACITY, Results
from tests.compare.made_up import MadeUpOriginal
from tests.serving.made_up import result_of


def result(text: str) -> Finished:
    return result_of(compare_text(text, MadeUpOriginal("one\n")))


def test_what_was_kept_is_found_until_newer_ones_need_its_place() -> None:
    results = Results(capacity=2)
    for run, text in (("a", "first"), ("b", "other"), ("a", "second")):  # which replaces the first
        results.keep(run, result(text))
    assert [found.compared.text for run in "abc" if (found := results.find(run))] == ["second", "other"]
    results.keep("c", result("third"))
    assert [found.compared.text for run in "abc" if (found := results.find(run))] == ["other", "third"]


def test_threads_may_keep_at_once() -> None:
    results, kept = Results(), result("one\n")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: results.keep(str(number), kept), range(500)))
    assert sum(results.find(str(number)) is kept for number in range(500)) == CAPACITY
