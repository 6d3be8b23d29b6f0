"""Tokens for a second of processor by the engine, of one core, in batches of several sizes.

    python -m tests.bench_batches [int8|float32] [SIZE …]

The prompts are PROMPTS segments of the shipped model, all of one length. Each size is measured ROUNDS times, in turn.
"""

import os
import sys
import time
from collections import Counter
from dataclasses import replace

from laam.emission.emit import expected_segments
from laam.model.engine import CTranslate2Engine
from laam.model.model import open_model
from laam.settings import read_settings

SIZES = (8, 16, 32, 64)
PROMPTS, ROUNDS = 96, 2


def main(precision: str, sizes: list[int]) -> None:
    model = replace(open_model("embedded", read_settings()), wanted_precision=precision)
    format_, engine = model.format, model.engine
    assert isinstance(engine, CTranslate2Engine)
    known = [
        format_.path_prompt(path, segment).ids
        for path, tokens in sorted(model.trained_tokens.items())
        for segment in range(expected_segments(tokens, format_.path_prompt(path), model.window))
    ]
    [(length, count)] = Counter(map(len, known)).most_common(1)
    prompts = [prompt for prompt in known if len(prompt) == length][:: max(1, count // PROMPTS)][:PROMPTS]
    for _ in range(ROUNDS):
        for size in sizes:
            engine.batch_size = size
            wall, processor = time.perf_counter(), time.process_time()
            tokens = sum(map(len, engine.batch(prompts, format_.stop, model.window - length)))
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            print(f"batches of {size}: {tokens / processor:,.0f} for a second of processor, {tokens / wall:,.0f} a second", flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "int8", [int(size) for size in sys.argv[2:]] or list(SIZES))
