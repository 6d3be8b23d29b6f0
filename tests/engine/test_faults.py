"""Whatever goes wrong in the visitor's browser is one sentence."""

from tests.engine.node import node


def test_an_engine_that_cannot_open_says_why(packed_tiny: str) -> None:
    told = node("openFaults", model=packed_tiny)
    no_memory = "This device has too little free memory for the model; close other pages and try again."
    assert told == {
        "digest": "The model file is not the one that this page was made with: its sha256 is another. Reload the page.",
        "status": "The model can't be fetched: its host answers 404.",
        "broken off": "The model did not arrive whole: the connection broke off.",
        "unreachable": "The model can't be fetched: there is no connection, or its host doesn't let this page read it.",
        "no header": "The model file is damaged: its header can't be read.",
        "cut short": "The model file is damaged: bytes is not whole.",
        "other make": "The model file is of another make (laam-int8-9); this page reads laam-int8-1.",
        "memory": no_memory,
        "no worker": "The model can't start: this browser gives the page no worker.",
        "worker fails": "The model can't start: a script of its worker could not be loaded. Load the page again.",
        "no simd": "This browser can't run the model: its WebAssembly has no SIMD. A newer one has.",
        "no wasm": "This browser can't run the model: it has no WebAssembly.",
    }


def test_workers_that_start_do_without_those_that_do_not(packed_tiny: str) -> None:
    assert node("fewerWorkers", model=packed_tiny, path="linux/init/main.c") == [2, "end of file"]


def test_an_emission_that_cannot_go_on_says_why_and_the_others_go_on(packed_tiny: str) -> None:
    assert node("emitFaults", model=packed_tiny, path="linux/init/main.c") == {
        "long path": "The path is too long for the model's window of 48 tokens.",
        "half a pair": "The text holds half a surrogate pair, and so is no Unicode text.",
        "no source": "There is no source to continue.",
        "temperature": "The temperature is outside 0 to 1.5.",
        "top-k": "Top-k is no whole number from 0 on.",
        "listener": "the page's own",
        "goes on": "end of file",
        "closed": "The model was closed.",
        "after": "The model was closed.",
        "worker": "It broke.",
    }


def test_a_worker_reports_what_it_meets() -> None:
    assert node("workerFault")["fault"].startswith("The model stopped: ")
