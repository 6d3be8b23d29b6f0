"""Whether a segment is exact by a margin: run once, in float32 and without an update."""

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

from laam.train.dataset import IGNORE
from laam.train.update import Updates


def safe_segments(model: LlamaForCausalLM, updates: Updates, segments: int, batch_size: int, margin: float) -> Tensor:
    """Which of the first `segments` samples have no token that leads by less than `margin`, bool of shape (segments,), on the CPU.

    The processes share them, in batches of `batch_size` together.
    """
    updates.module.eval()
    safe = torch.zeros(segments, dtype=torch.int64, device=updates.accelerator.device)
    mine, size = list(range(updates.rank, segments, updates.processes)), batch_size // updates.processes
    for first in range(0, len(mine), size):
        numbers = mine[first : first + size]
        safe[numbers] = (least_lead(model, *updates.on_device(numbers)) >= margin).long()
    of_all: Tensor = updates.accelerator.reduce(safe, "sum").cpu()
    return of_all > 0


@torch.no_grad()
def least_lead(model: LlamaForCausalLM, ids: Tensor, labels: Tensor) -> Tensor:
    """The least lead of the right token's logit over the next best one, of each sample. Shapes (batch, window), result (batch,)."""
    logits: Tensor = model(input_ids=ids, use_cache=False).logits[:, :-1].float()
    target = labels[:, 1:]
    right = target.clamp(min=0).unsqueeze(-1)
    lead = logits.gather(-1, right).squeeze(-1) - logits.scatter(-1, right, float("-inf")).amax(-1)
    return lead.masked_fill(target == IGNORE, float("inf")).amin(-1)
