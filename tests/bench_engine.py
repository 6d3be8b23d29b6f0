"""Tokens a second on the same weights in one run: `transformers.generate`, one stream of CTranslate2, and the scheduler with a crowd.

    python -m tests.bench_engine [VISITORS …]

VISITORS: how many at once, 1 8 32 100 unless given. Each asks for another file and is served its first SEGMENTS segments, 1 visitor for a
whole file. Prints processor seconds beside the wall's: on a machine that others use as well, only their ratio says something.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Ended, Event, emit
from laam.emission.question import Question
from laam.model.model import Model, open_model
from laam.serving.scheduler import Scheduler
from laam.settings import read_settings

VISITORS = (1, 8, 32, 100)
SEGMENTS = 3
GENERATED = 2  # segments that transformers generates; its speed does not change over a file
WHOLE = "linux/kernel/sched.c"


def main(crowds: list[int]) -> None:
    model = open_model("embedded", read_settings())
    began = time.perf_counter()
    _ = model.engine
    print(f"engine ready after {time.perf_counter() - began:.2f} s (with conversion, where it was the first time)")
    base = measured("transformers.generate", lambda: generate(model), 0.0)
    whole = Question(Ask(WHOLE))
    measured(f"one stream, {WHOLE}", lambda: tokens_of(list(emit(whole, model))), base)
    paths = sorted(model.trained_tokens)
    for crowd in crowds:
        limit = SEGMENTS * model.window
        asked = [Question(Ask(paths[number % len(paths)], max_tokens=limit)) for number in range(crowd)] if crowd > 1 else [whole]
        measured(f"scheduler, {len(asked)} visitors", partial(serve, asked, model, Scheduler()), base)


def measured(what: str, work: Callable[[], int], base: float) -> float:
    """Print tokens a second of `work`, which returns how many it made; `base`: of what it is compared with. Returns them."""
    wall, processor = time.perf_counter(), time.process_time()
    tokens = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    times = f", {tokens / wall / base:.1f} times transformers" if base else ""
    print(f"{what}: {tokens:,} tokens, {tokens / wall:,.0f}/s, {tokens / processor:,.0f} a processor second{times}", flush=True)
    return tokens / wall


def generate(model: Model) -> int:
    """Let transformers write some segments of a file."""
    reference: Any = AutoModelForCausalLM.from_pretrained(model.folder, dtype=torch.float32)
    generated = 0
    for segment in range(GENERATED):
        prompt = torch.tensor([model.format.path_prompt(WHOLE, segment).ids])
        output = reference.generate(prompt, max_length=model.window, do_sample=False, eos_token_id=list(model.format.stop))
        generated += output.shape[1] - prompt.shape[1]
    return generated


def serve(asked: list[Question], model: Model, scheduler: Scheduler) -> int:
    """Serve them all at once; how many tokens they got. Says when the first text came to the last of them."""
    began = time.perf_counter()

    def visit(question: Question) -> tuple[int, float]:
        first, events = 0.0, list[Event]()
        for event in scheduler.emit(question, model):
            events.append(event)
            if isinstance(event, Emitted) and not first:
                first = time.perf_counter() - began
        return tokens_of(events), first

    with ThreadPoolExecutor(len(asked)) as pool:
        visits = list(pool.map(visit, asked))
    print(f"  first text to everybody after {max(first for _, first in visits):.2f} s")
    return sum(tokens for tokens, _ in visits)


def tokens_of(events: list[Event]) -> int:
    return sum(event.tokens for event in events if isinstance(event, Ended))


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or list(VISITORS))
