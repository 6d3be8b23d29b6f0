"""Tokens a second of a training step: the plain one, and the one that `laam train` takes, in turn in one run.

python -m tests.bench_train [STEPS]

Plain: one process with a thread for each core, the head at every position, full logits, batches of 24. Both on made-up ids, in the
default recipe's shape and in the precision that `laam train` would take here. Prints the largest resident set of a process as well.
"""

import os
import resource
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

import torch
from accelerate import Accelerator
from torch.nn import functional

from laam.model.segments import Sample
from laam.train.dataset import IGNORE, SampleDataset
from laam.train.launch import run_in_processes, usable_processes
from laam.train.loop import Trainer, build_model
from laam.train.muon import Muon
from laam.train.precision import has_bf16_units
from laam.train.recipe import Recipe

PLAIN_BATCH = 24
HEADER = 20  # positions of a segment that carry no label


def made_up_data(recipe: Recipe, steps: int) -> SampleDataset:
    draw = torch.Generator().manual_seed(recipe.seed)
    rows = torch.randint(6, recipe.vocab_size, (steps * recipe.batch_size, recipe.window), generator=draw).tolist()
    return SampleDataset([Sample(row, HEADER) for row in rows], [], recipe.window, pad=4, headerless=0, seed=0)


def fresh_trainer(recipe: Recipe, steps: int) -> Trainer:
    model = build_model(recipe, recipe.vocab_size, bos=0, eos=1, pad=4)
    return Trainer(recipe, model, made_up_data(recipe, steps), Path(mkdtemp()), compile_model=True)


def shared_speed(recipe: Recipe, steps: int) -> tuple[float, int]:
    """Labelled tokens a second of the trainer's own pass, the first step left out; and MiB of this process."""
    trainer = fresh_trainer(recipe, steps + 1)
    first, *rest = trainer.batches(0)
    in_bf16 = trainer.has_bf16_units
    trainer.updates.step(first, recipe.lr, in_bf16=in_bf16)
    began = time.perf_counter()
    tokens = sum(trainer.updates.step(numbers, recipe.lr, in_bf16=in_bf16)[2] for numbers in rest)
    return tokens / (time.perf_counter() - began), resident()


def plain_speed(recipe: Recipe, steps: int) -> tuple[float, int]:
    """The same of a step that computes the whole of the logits, in one process."""
    model = build_model(recipe, recipe.vocab_size, bos=0, eos=1, pad=4)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    model = accelerator.prepare(model)
    data = made_up_data(recipe, steps + 1)
    matrices = [weight for name, weight in model.named_parameters() if weight.ndim == 2 and "embed" not in name]
    others = [weight for name, weight in model.named_parameters() if weight.ndim != 2 or "embed" in name]
    optimizers = [Muon(matrices, lr=recipe.lr), torch.optim.AdamW(others, lr=recipe.lr, weight_decay=0.0)]

    def loss_of(ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
        return functional.cross_entropy(logits.flatten(0, 1).float(), labels[:, 1:].flatten(), ignore_index=IGNORE)

    compiled = torch.compile(loss_of)
    began, tokens = 0.0, 0
    for number in range(steps + 1):
        ids, labels = data.batch(range(number * PLAIN_BATCH, (number + 1) * PLAIN_BATCH))
        with torch.autocast(accelerator.device.type, torch.bfloat16, enabled=has_bf16_units(accelerator.device)):
            loss = compiled(ids.to(accelerator.device), labels.to(accelerator.device))
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        if number == 0:  # it was compiled in this one
            began = time.perf_counter()
        else:
            tokens += int((labels[:, 1:] != IGNORE).sum())
    return tokens / (time.perf_counter() - began), resident()


def resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(steps: int) -> None:
    recipe = Recipe()
    processes = usable_processes(recipe.batch_size)
    plain, plain_memory = run_in_processes(1, plain_speed, recipe, steps)
    shared, memory = run_in_processes(processes, shared_speed, recipe, steps)
    print(f"load {os.getloadavg()[0]:.1f}, {len(os.sched_getaffinity(0))} cores, bfloat16 units: {has_bf16_units(torch.device('cpu'))}")
    print(f"plain step {plain:,.0f} tokens/s ({plain_memory:,} MiB); {processes} processes {shared:,.0f} tokens/s ({memory:,} MiB each)")
    print(f"{shared / plain:.2f} times as fast")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
