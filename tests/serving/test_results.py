from concurrent.futures import ThreadPoolExecutor

from laam.compare.live import compare_text
from laam.serving.results import CAPACITY, Result, Results
from tests.compare.made_up import MadeUpOriginal
from tests.serving.made_up import result_of


def result(text: str) -> Result:
    return result_of(compare_text(text, MadeUpOriginal("one\n")))


def test_what_was_kept_is_found() -> None:
    results = Results()
    one, two = result("one\n"), result("two\n")
    results.keep("a", one)
    results.keep("b", two)
    assert results.find("a") is one
    assert results.find("b") is two
    assert results.find("c") is None


def test_the_oldest_gives_way() -> None:
    results = Results(capacity=2)
    for run in "abc":
        results.keep(run, result(run))
    assert results.find("a") is None
    assert [found.compared.text for run in "bc" if (found := results.find(run))] == ["b", "c"]


def test_a_run_that_is_kept_again_is_replaced() -> None:
    results = Results(capacity=2)
    results.keep("a", result("first"))
    results.keep("b", result("other"))
    results.keep("a", result("second"))
    assert [found.compared.text for run in "ab" if (found := results.find(run))] == ["second", "other"]


def test_threads_may_keep_at_once() -> None:
    results, kept = Results(), result("one\n")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: results.keep(str(number), kept), range(500)))
    assert sum(results.find(str(number)) is kept for number in range(500)) == CAPACITY
