"""The updates that a run makes, each from a batch that its processes share, through Hugging Face Accelerate."""

import torch
from accelerate import Accelerator
from torch import Tensor
from transformers import LlamaForCausalLM

from laam.train.dataset import IGNORE, SampleDataset
from laam.train.muon import Muon
from laam.train.recipe import Precision, Recipe
from laam.train.step import NextToken

POLISH_SURE = 0.9  # of the probability: in the polish a token that has more carries no loss, unless the recipe says another share
_POLISH_RATE, _POLISHED_WIDTH = 1e-5, 256  # of gradient descent from the sum of the losses
_HALF_RATE = 8  # passes of the polish, in which its rate falls by half


def polish_rate(recipe: Recipe, number: int = 0) -> float:
    """The rate of pass `number` of the polish, from 0: a narrower model takes a higher one, as its fewer numbers move a logit less; and it
    falls, or the last segments are spoiled as often as they are mended."""
    return _POLISH_RATE * _POLISHED_WIDTH / recipe.hidden_size * float(0.5 ** (number / _HALF_RATE))


class Updates:
    """A model with its optimisers; `step` makes an update. `module`: the model with its loss, as Accelerate prepared it."""

    def __init__(self, recipe: Recipe, model: LlamaForCausalLM, data: SampleDataset, precision: Precision) -> None:
        """`precision`: of the optimiser of the matrices. Raises ValueError if the processes can't share the recipe's batch evenly."""
        self.accelerator = Accelerator(cpu=not torch.cuda.is_available())
        self.rank, self.processes = int(self.accelerator.process_index), int(self.accelerator.num_processes)
        if recipe.batch_size % self.processes:
            raise ValueError(f"a batch of {recipe.batch_size} can't be shared evenly by {self.processes} processes; change --batch-size")
        matrices = [param for name, param in model.named_parameters() if param.ndim == 2 and "embed" not in name]
        others = [param for name, param in model.named_parameters() if param.ndim != 2 or "embed" in name]
        self.module, muon, adamw = self.accelerator.prepare(
            NextToken(model), Muon(matrices, lr=recipe.lr, precision=precision), torch.optim.AdamW(others, lr=recipe.lr, weight_decay=0.0)
        )
        self.optimizers = [muon, adamw]
        self._descent = torch.optim.SGD(model.parameters(), lr=polish_rate(recipe))
        self._data, self._gradient_clip, self._sure = data, recipe.gradient_clip, recipe.sure

    def on_device(self, numbers: list[int]) -> tuple[Tensor, Tensor]:
        """The ids and labels of some samples, int64 of shape (samples, window), where the model is."""
        ids, labels = self._data.batch(numbers)
        return ids.to(self.accelerator.device), labels.to(self.accelerator.device)

    def step(self, numbers: list[int], lr: float, *, in_bf16: bool, polish: bool = False) -> tuple[float, Tensor, int]:
        """One update at rate `lr`, from a batch that the processes share.

        `polish`: by plain gradient descent from the summed loss of the tokens that aren't sure. Muon and AdamW take a step of the same size
        in each direction, however little there is to mend, and spoil as much as they mend.
        Returns, for the whole batch, the summed loss in nats, the number of unsure tokens of each sample (int64, on the CPU), and the
        number of labelled tokens.
        """
        ids, labels = self.on_device(numbers[self.rank :: self.processes])
        with torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=in_bf16):
            loss, unsure = self.module(ids, labels, POLISH_SURE if polish and self._sure == 1 else self._sure)
        counted = (labels[:, 1:] != IGNORE).sum()
        loss_sum, tokens = self.accelerator.reduce(torch.stack([loss.detach().double(), counted.double()]), "sum").tolist()
        self.accelerator.backward(loss * self.processes / (1 if polish else tokens))  # gradients are averaged over the processes
        if not polish:
            self.accelerator.clip_grad_norm_(self.module.parameters(), self._gradient_clip)
        for optimizer in [self._descent] if polish else self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr
            optimizer.step()
            optimizer.zero_grad()
        # Gathered process after process; sample i of the batch was sample i // processes of process i % processes.
        by_process = self.accelerator.gather(unsure).cpu().reshape(self.processes, -1)
        return loss_sum, by_process.T.flatten(), int(tokens)
