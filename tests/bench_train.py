"""Tokens a second of a training step: in each number of processes and each precision, as `laam train` times them, and of a plain step.

python -m tests.bench_train

Plain: one process with a thread for each core, the head at every position, full logits, batches of 24, in the precision that was the
fastest. All on made-up ids, in the default recipe's shape.
"""

import os
import time

import torch
from accelerate import Accelerator
from torch.nn import functional

from laam.train.dataset import IGNORE
from laam.train.launch import possible_processes, run_in_processes
from laam.train.loop import build_model
from laam.train.muon import Muon
from laam.train.recipe import PRECISIONS, Precision, Recipe
from laam.train.timing import STEPS, made_up_data, time_steps

PLAIN_BATCH = 24


def plain_speed(recipe: Recipe, precision: Precision, steps: int) -> float:
    """Labelled tokens a second of a step that computes the whole of the logits, in one process; the fastest of `steps`."""
    model = build_model(recipe, recipe.vocab_size, bos=0, eos=1, pad=4)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    model = accelerator.prepare(model)
    data = made_up_data(recipe)
    matrices = [weight for name, weight in model.named_parameters() if weight.ndim == 2 and "embed" not in name]
    others = [weight for name, weight in model.named_parameters() if weight.ndim != 2 or "embed" in name]
    optimizers = [Muon(matrices, lr=recipe.lr, precision=precision), torch.optim.AdamW(others, lr=recipe.lr, weight_decay=0.0)]

    def loss_of(ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
        return functional.cross_entropy(logits.flatten(0, 1).float(), labels[:, 1:].flatten(), ignore_index=IGNORE)

    compiled = torch.compile(loss_of)
    seconds = []
    ids, labels = data.batch(range(PLAIN_BATCH))
    for _ in range(1 + steps):  # in the first one the model is compiled
        began = time.perf_counter()
        with torch.autocast(accelerator.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            loss = compiled(ids.to(accelerator.device), labels.to(accelerator.device))
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        seconds.append(time.perf_counter() - began)
    return int((labels[:, 1:] != IGNORE).sum()) / min(seconds[1:])


def main() -> None:
    recipe = Recipe()
    print(f"load {os.getloadavg()[0]:.1f}, {len(os.sched_getaffinity(0))} cores")
    timings = time_steps(recipe, possible_processes(recipe.batch_size), PRECISIONS, compile_model=True)
    for timing in timings:
        print(timing, flush=True)
    best = timings[0]
    plain = run_in_processes(1, plain_speed, recipe, best.precision, STEPS, apart=True)
    print(f"plain step in {best.precision}: {plain:,.0f} tokens/s; the fastest is {best.tokens_a_second / plain:.2f} times as fast")


if __name__ == "__main__":
    main()
