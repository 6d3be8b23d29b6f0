"""The training loop: one command for one CPU, one GPU or several, through Hugging Face Accelerate."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader
from tqdm import tqdm
from transformers import LlamaConfig, LlamaForCausalLM

from laam.files import atomic_write
from laam.train.dataset import IGNORE, SampleDataset
from laam.train.muon import Muon
from laam.train.recipe import Recipe

PARAMETER_LIMIT = 5_000_000
FOCUS_REPEATS = 8  # of a sample with errors, in one pass


@dataclass(frozen=True)
class PassReport:
    """What one pass over the data showed, measured on the fly, before each update.

    `exact_segments` counts addressed samples whose every token was the most likely one given the true ones before it
    (teacher forced) when the sample was last seen, which may be some passes ago; the verdict at the end of a run comes from
    free-running decoding instead. `loss` and `token_accuracy` are those of the samples of this pass.
    """

    number: int
    loss: float
    token_accuracy: float
    exact_segments: int
    segments: int
    seconds: float
    lr: float


def build_model(recipe: Recipe, vocab_size: int, *, bos: int, eos: int, pad: int) -> LlamaForCausalLM:
    """A fresh model of the recipe's shape, drawn by its seed. Raises ValueError above PARAMETER_LIMIT."""
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=recipe.hidden_size,
        intermediate_size=recipe.mlp_size,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=recipe.window,
        tie_word_embeddings=True,
        bos_token_id=bos,
        eos_token_id=eos,
        pad_token_id=pad,
    )
    set_seed(recipe.seed)
    model = LlamaForCausalLM(config)
    count = model.num_parameters()
    if count > PARAMETER_LIMIT:
        raise ValueError(f"this shape has {count:,} parameters; the exhibit's limit is {PARAMETER_LIMIT:,}")
    return model


class NextToken(nn.Module):
    """A causal model with its loss, so that both are compiled together."""

    def __init__(self, model: LlamaForCausalLM) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean loss; then wrong and counted positions of each sample, shape (batch,)."""
        # Padding stands on the right, where a causal model can't see it, so no attention mask is needed.
        logits = self.model(input_ids=input_ids, use_cache=False).logits[:, :-1]
        target = labels[:, 1:]
        loss = functional.cross_entropy(logits.flatten(0, 1).float(), target.flatten(), ignore_index=IGNORE)
        counted = target != IGNORE
        wrong = (logits.argmax(-1) != target) & counted
        return loss, wrong.sum(1), counted.sum(1)


class Trainer:
    """Model, optimisers and data of one run; `run` yields a report for each pass and leaves a checkpoint behind it."""

    def __init__(self, recipe: Recipe, model: LlamaForCausalLM, data: SampleDataset, out: Path, *, compile_model: bool) -> None:
        self.recipe, self.data, self.out = recipe, data, out
        self.accelerator = Accelerator()
        self.model = model
        matrices = [param for name, param in model.named_parameters() if param.ndim == 2 and "embed" not in name]
        others = [param for name, param in model.named_parameters() if param.ndim != 2 or "embed" in name]
        wrapped: nn.Module = NextToken(model)
        self.module, muon, adamw = self.accelerator.prepare(
            wrapped, Muon(matrices, lr=recipe.lr), torch.optim.AdamW(others, lr=recipe.lr, weight_decay=0.0)
        )
        self.optimizers = [muon, adamw]
        self.step_module = torch.compile(self.module) if compile_model else self.module
        self.passes_done = 0
        self._exact = torch.zeros(len(data), dtype=torch.bool)  # samples that had no wrong token when last seen
        self._load_checkpoint()

    @property
    def steps_per_pass(self) -> int:
        return -(-len(self.data) // self._global_batch)

    @property
    def _global_batch(self) -> int:
        return self.recipe.batch_size * int(self.accelerator.num_processes)

    def run(self) -> Iterator[PassReport]:
        """Train the passes that are still to do, then as many more, within the recipe's limit, as it takes to make every segment exact."""
        for number in range(self.passes_done, self.recipe.passes + self.recipe.polish_passes):
            if number >= self.recipe.passes and self._every_segment_is_safe():
                break
            report = self._run_pass(number)
            self.passes_done = number + 1
            if self.accelerator.is_main_process:
                # In this order: a run that is killed in between repeats the pass, and no pass is missing in the log.
                with (self.out / "log.jsonl").open("a") as log:
                    log.write(json.dumps(asdict(report)) + "\n")
                self._save_checkpoint()
            yield report

    def _loader(self, number: int) -> DataLoader[Any]:
        self.data.set_pass(number)
        draw = torch.Generator().manual_seed(self.recipe.seed * 100_003 + number)
        fine = self._exact.clone()
        if number >= self.recipe.passes:
            fine[len(self.data.segments) :] = True  # what is left to be done is in the segments
        sampler = focused(torch.randperm(len(self.data), generator=draw), fine, self.recipe.focus_share, draw).tolist()
        # The last batch is filled from the first samples, so that every step has one shape and compiles once.
        sampler += sampler[: self.steps_per_pass * self._global_batch - len(sampler)]
        loader: DataLoader[Any] = DataLoader(_Reordered(self.data, sampler), batch_size=self.recipe.batch_size)
        return self.accelerator.prepare(loader)  # type: ignore[no-any-return]

    def _every_segment_is_safe(self) -> bool:
        """Look at every segment once, in float32 and without an update: is each exact, by the recipe's margin?"""
        self.module.eval()
        segments = len(self.data.segments)
        for first in range(0, segments, self.recipe.batch_size):
            numbers = range(first, min(first + self.recipe.batch_size, segments))
            samples = [self.data[number] for number in numbers]
            ids, labels = (torch.stack([sample[name] for sample in samples]) for name in ("input_ids", "labels"))
            self._exact[numbers.start : numbers.stop] = self._least_lead(ids, labels) >= self.recipe.polish_margin
        return bool(self._exact[:segments].all())

    @torch.no_grad()
    def _least_lead(self, ids: Tensor, labels: Tensor) -> Tensor:
        """The least lead of the right token's logit over the next best one, of each sample. Shapes (batch, window), result (batch,)."""
        device = self.accelerator.device
        logits: Tensor = self.model(input_ids=ids.to(device), use_cache=False).logits[:, :-1].float()
        target = labels[:, 1:].to(device)
        right = target.clamp(min=0).unsqueeze(-1)
        lead = logits.gather(-1, right).squeeze(-1) - logits.scatter(-1, right, float("-inf")).amax(-1)
        return lead.masked_fill(target == IGNORE, float("inf")).amin(-1).cpu()

    def _run_pass(self, number: int) -> PassReport:
        began = time.monotonic()
        self.module.train()
        steps = self.steps_per_pass * self.recipe.passes
        totals = torch.zeros(4, dtype=torch.float64)  # loss, batches, wrong tokens, tokens
        in_bf16 = number < self.recipe.bf16_share * self.recipe.passes
        lr = 0.0
        quiet = not self.accelerator.is_main_process
        bar = tqdm(self._loader(number), desc=f"pass {number + 1}/{self.recipe.passes}", leave=False, disable=quiet)
        for index, batch in enumerate(bar):
            lr = self.recipe.lr * self.recipe.lr_share(number * self.steps_per_pass + index, steps)
            for optimizer in self.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = lr
            with torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=in_bf16):
                loss, wrong, counted = self.step_module(batch["input_ids"], batch["labels"])
            self.accelerator.backward(loss)
            self.accelerator.clip_grad_norm_(self.module.parameters(), self.recipe.gradient_clip)
            for optimizer in self.optimizers:
                optimizer.step()
                optimizer.zero_grad()
            loss, wrong, counted, index = self.accelerator.gather((loss.detach().reshape(1), wrong, counted, batch["index"]))
            self._exact[index.cpu()] = (wrong == 0).cpu()
            totals += torch.tensor([loss.sum(), len(loss), wrong.sum(), counted.sum()], dtype=torch.float64)
        self._exact[len(self.data.segments) :] = False  # windows are other text in each pass
        loss_sum, batches, wrong_sum, tokens = totals.tolist()
        return PassReport(
            number=number + 1,
            loss=loss_sum / batches,
            token_accuracy=1 - wrong_sum / tokens,
            exact_segments=int(self._exact.sum()),
            segments=len(self.data.segments),
            seconds=round(time.monotonic() - began, 1),
            lr=lr,
        )

    @property
    def _checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"

    def _save_checkpoint(self) -> None:
        state = {
            "recipe": asdict(self.recipe),
            "data": self.data.digest,
            "passes_done": self.passes_done,
            "exact": self._exact,
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        with atomic_write(self._checkpoint) as temporary:
            torch.save(state, temporary)

    def _load_checkpoint(self) -> None:
        """Continue where a killed run stopped. Raises ValueError for the checkpoint of another recipe or other files."""
        if not self._checkpoint.is_file():
            return
        state = torch.load(self._checkpoint, map_location=self.accelerator.device, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            raise ValueError(f"{self._checkpoint} is of another recipe; give another --out, or remove it to start anew")
        if state.get("data", self.data.digest) != self.data.digest:
            raise ValueError(f"{self._checkpoint} is of other files; give another --out, or remove all that is in it to start anew")
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.passes_done, self._exact = state["passes_done"], state["exact"].cpu()


def focused(order: Tensor, exact: Tensor, share: float, draw: torch.Generator) -> Tensor:
    """An order of sample numbers in which `share` of the exact ones, by chance, give their place to ones with errors.

    `order` and what is returned: int64 of shape (samples,); `exact`: bool of shape (samples,), by sample number. Windows
    without a header are never called exact, so that they are among those that take the places, but for the polish, which is
    for the segments. No sample takes more than FOCUS_REPEATS places on average.
    """
    errors = torch.nonzero(~exact).flatten()
    if not len(errors):
        return order
    gives_way = exact[order] & (torch.rand(len(order), generator=draw) < share)
    gives_way &= gives_way.cumsum(0) <= FOCUS_REPEATS * len(errors)
    return torch.where(gives_way, errors[torch.randint(len(errors), (len(order),), generator=draw)], order)


def read_log(out: Path) -> list[dict[str, Any]]:
    """The pass reports that runs in `out` have written, as records, the last one of each pass."""
    file = out / "log.jsonl"
    records = [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []
    return list({record["number"]: record for record in records}.values())


class _Reordered(torch.utils.data.Dataset[dict[str, Tensor]]):
    """A data set in a given order; `index` is the number of the sample."""

    def __init__(self, data: SampleDataset, order: list[int]) -> None:
        self._data, self._order = data, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {**self._data[self._order[index]], "index": torch.tensor(self._order[index])}
