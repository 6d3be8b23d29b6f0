"""The forward half of a training step: a causal model with its loss, computed only at positions with a label."""

from math import log

import torch
from torch import Tensor, nn
from torch.nn import LinearCrossEntropyOptions, functional
from transformers import LlamaForCausalLM

from laam.train.dataset import IGNORE

ROWS = 1024  # the head sees a multiple of so many positions: oneDNN keeps a cache for every shape that it meets
# PyTorch's own choice for bfloat16 on a CPU multiplies in float32, which takes twice as long as these where the CPU has bfloat16 units.
HEAD = LinearCrossEntropyOptions(chunking_method=None, batch_chunk_size=ROWS, acc_policy="balanced")


class NextToken(nn.Module):
    """A causal model with its loss. It has the model's parameters and no others."""

    def __init__(self, model: LlamaForCausalLM) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, labels: Tensor, sure: float = 1.0) -> tuple[Tensor, Tensor]:
        """The summed loss in nats, a float32 scalar; and the number of *unsure* labelled tokens in each sample, int64 of shape (batch,).

        `input_ids`, `labels`: int64 of shape (batch, window); label IGNORE carries no loss, nor does a token that the model gave at
        least `sure` of the probability. A token is unsure if the model gave it half of the probability or less; any other one is the
        most likely token, so a sample without an unsure token is exact.
        """
        # Padding stands on the right, where a causal model can't see it, so no attention mask is needed.
        hidden = self.model.model(input_ids=input_ids, use_cache=False).last_hidden_state[:, :-1]
        targets = labels[:, 1:]
        sample, place = torch.nonzero(targets != IGNORE, as_tuple=True)
        rows = functional.pad(hidden[sample, place], (0, 0, 0, -len(sample) % ROWS))
        if torch.is_autocast_enabled(rows.device.type):  # it doesn't cast for this loss
            rows = rows.to(torch.get_autocast_dtype(rows.device.type))
        wanted = functional.pad(targets[sample, place], (0, -len(sample) % ROWS), value=IGNORE)
        weight = self.model.lm_head.weight.to(rows.dtype)
        losses = functional.linear_cross_entropy(rows, weight, wanted, reduction="none", ignore_index=IGNORE, options=HEAD)
        losses = losses[: len(sample)].float()
        unsure = torch.zeros(len(labels), dtype=torch.int64, device=labels.device)
        counted = losses * (losses.detach() > -log(sure))
        return counted.sum(), unsure.index_add_(0, sample, (losses.detach() >= log(2)).long())
