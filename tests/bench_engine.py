"""Tokens per second of the serving engine against `transformers.generate`, on the same weights in one run.

python -m tests.bench_engine [PATH]
"""

import sys
import time
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from laam.emission.ask import Ask
from laam.emission.question import Question
from laam.emission.run import Emitted, emit
from laam.model.model import open_model
from laam.settings import read_settings

SEGMENTS = 4  # what generate is given; its speed does not change over a file


def main(path: str) -> None:
    settings = read_settings()
    model = open_model(settings.model, settings)
    began = time.perf_counter()
    _ = model.engine
    print(f"engine ready after {time.perf_counter() - began:.2f} s (with conversion, where it was the first time)")

    tokens, first = 0, 0.0
    began = time.perf_counter()
    for event in emit(Question(Ask(path)), model):
        if isinstance(event, Emitted):
            tokens += 1
            first = first or time.perf_counter() - began
    served = tokens / (time.perf_counter() - began)

    reference: Any = AutoModelForCausalLM.from_pretrained(model.folder, dtype=torch.float32)
    generated, began = 0, time.perf_counter()
    for segment in range(SEGMENTS):
        prompt = torch.tensor([model.format.path_prompt(path, segment).ids])
        stop = list(model.format.stop)
        output = reference.generate(prompt, max_length=model.window, do_sample=False, eos_token_id=stop)
        generated += output.shape[1] - prompt.shape[1]
    reference_speed = generated / (time.perf_counter() - began)
    print(f"first token after {first * 1000:.0f} ms; {path}: {tokens:,} tokens")
    print(f"CTranslate2 int8 {served:,.0f} tokens/s, transformers.generate {reference_speed:,.0f} tokens/s")
    print(f"{served / reference_speed:.1f} times as fast")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "linux/kernel/sched.c")
