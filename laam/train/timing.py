"""How fast this machine makes a step, in each precision and number of processes: measured before a run, since no flag tells."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from accelerate.utils import broadcast_object_list

from laam.model.segments import Sample
from laam.train.dataset import SampleDataset
from laam.train.launch import run_in_processes
from laam.train.loop import build_model
from laam.train.precision import possible_precisions
from laam.train.recipe import Precision, Recipe
from laam.train.update import Updates

STEPS = 3  # that are timed, after one in which the model is compiled; the fastest counts, since a machine may do other work, too
HEADER = 20  # positions of a made-up segment that carry no label


@dataclass(frozen=True)
class Timing:
    """A step by `processes` processes of so many threads each: labelled tokens a second."""

    processes: int
    threads: int
    precision: Precision
    tokens_a_second: float

    def __str__(self) -> str:
        processes = "one process" if self.processes == 1 else f"{self.processes} processes"
        threads = "one thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{processes} of {threads} in {self.precision}: {self.tokens_a_second:,.0f} tokens/s"


def time_steps(recipe: Recipe, processes: Sequence[int], precisions: Sequence[Precision], *, compile_model: bool) -> list[Timing]:
    """A step of the recipe's shape and batch, on made-up ids, by each of these numbers of processes and in each precision that may be
    fast here; the fastest first. Where numbers are compared, each is started anew, with as many threads as a run would have."""
    timings = [
        timing
        for count in processes
        for timing in run_in_processes(count, _time_here, recipe, tuple(precisions), compile_model, STEPS, apart=len(processes) > 1)
    ]
    return sorted(timings, key=lambda timing: -timing.tokens_a_second)


def made_up_data(recipe: Recipe) -> SampleDataset:
    """A batch of made-up ids."""
    draw = torch.Generator().manual_seed(recipe.seed)
    rows = torch.randint(6, recipe.vocab_size, (recipe.batch_size, recipe.window), generator=draw).tolist()
    return SampleDataset([Sample(row, min(HEADER, recipe.window - 1)) for row in rows], [], recipe.window, pad=4, headerless=0, seed=0)


def _time_here(recipe: Recipe, precisions: Sequence[Precision], compile_model: bool, steps: int) -> list[Timing]:
    """Runs in each of the processes; all return what the first one measured."""
    data, timings = made_up_data(recipe), []
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    for precision in (precision for precision in precisions if precision in possible_precisions(device)):
        model = build_model(recipe, recipe.vocab_size, bos=0, eos=1, pad=4)
        if compile_model:
            model.model.compile()
        updates = Updates(recipe, model, data, precision)
        seconds = []
        for _ in range(1 + steps):
            began = time.perf_counter()
            _, _, tokens = updates.step(list(range(recipe.batch_size)), recipe.lr, in_bf16=precision == "bfloat16")
            seconds.append(time.perf_counter() - began)
        timings.append(Timing(updates.processes, torch.get_num_threads(), precision, tokens / min(seconds[1:])))
    found: list[Timing] = broadcast_object_list(timings)
    return found
