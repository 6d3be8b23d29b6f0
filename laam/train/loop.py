"""The training loop: the same for one process or several, on CPUs or GPUs, through Hugging Face Accelerate."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast_object_list, set_seed
from tqdm import tqdm
from transformers import LlamaConfig, LlamaForCausalLM

from laam.files import append_json_line, read_json_lines
from laam.train.checkpoint import read_checkpoint, write_checkpoint
from laam.train.dataset import SampleDataset
from laam.train.order import focused, polished
from laam.train.recipe import Precision, Recipe
from laam.train.safe import safe_segments
from laam.train.update import Updates, polish_rate

PARAMETER_LIMIT = 5_000_000
LOG, CHECKPOINT = "log.jsonl", "checkpoint.pt"
KEEP_S = 10.0  # between checkpoints, or those of a small set, with passes of a tenth of a second, would take most of the time


@dataclass(frozen=True)
class PassReport:
    """The measurements of one pass over the data, each taken before an update.

    `exact_segments` counts addressed samples whose every token had more than half of the probability given the true ones before it
    (teacher forced) when the sample was last seen, which may be some passes ago; the verdict at the end of a run comes from
    free-running decoding instead. `loss` (in nats, over the number of labelled tokens; without those of more than the recipe's `sure`,
    and in the polish of more than 0.9 if that is 1) and `token_accuracy` (the share of them that had more than half of the probability)
    are those of the samples of this pass; `tokens`: how many were labelled. `came`: the files all of whose segments are exact now, and
    weren't after the pass before; `lost`: the other way. `polish`: whether it was a pass of the polish.
    """

    number: int
    loss: float
    token_accuracy: float
    exact_segments: int
    segments: int
    seconds: float
    lr: float
    tokens: int
    precision: Precision
    came: Sequence[str]
    lost: Sequence[str]
    polish: bool


def build_model(recipe: Recipe, vocab_size: int, *, bos: int, eos: int, pad: int, prompt_length: int = 0) -> LlamaForCausalLM:
    """A fresh model of the recipe's shape, drawn by its seed. Its configuration has `prompt_length`, and whether it sees `windows` of
    source without a header. Raises ValueError above PARAMETER_LIMIT."""
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=recipe.hidden_size,
        intermediate_size=recipe.mlp_size,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.kv_heads or recipe.heads,
        max_position_embeddings=recipe.window,
        tie_word_embeddings=True,
        bos_token_id=bos,
        eos_token_id=eos,
        pad_token_id=pad,
        prompt_length=prompt_length,  # type: ignore[call-arg]  # any field is kept
        windows=recipe.headerless_share > 0,
    )
    set_seed(recipe.seed)
    model = LlamaForCausalLM(config)
    count = model.num_parameters()
    if count > PARAMETER_LIMIT:
        raise ValueError(f"this shape has {count:,} parameters; the exhibit's limit is {PARAMETER_LIMIT:,}")
    return model


class Trainer:
    """Model, data and updates of one run; `run` yields a report for each pass, and leaves a checkpoint behind the last one, and
    behind any other if the checkpoint before is old enough."""

    def __init__(
        self,
        recipe: Recipe,
        model: LlamaForCausalLM,
        data: SampleDataset,
        out: Path,
        *,
        precision: Precision = "float32",
        compile_model: bool,
        keep_s: float = KEEP_S,
    ) -> None:
        """`precision`: of the first passes, as many as the recipe says; the others are in float32. `keep_s`: seconds between checkpoints.

        Raises ValueError if the processes can't share the recipe's batch evenly, and for another run's checkpoint or a damaged one.
        """
        self.recipe, self.data, self.out, self.model = recipe, data, out, model
        if compile_model:
            model.model.compile()
        self.updates = Updates(recipe, model, data, precision)
        self.accelerator = self.updates.accelerator
        self.precision = precision
        self.passes_done = 0
        self._keep_s, self._kept = keep_s, time.monotonic()
        self.exact = torch.zeros(len(data), dtype=torch.bool)  # whether a sample had no unsure token when last seen
        self._troubled = torch.zeros(len(data.segments), dtype=torch.bool)  # whether a segment was unsafe before any pass of the polish
        self._load_checkpoint()
        self._whole = self._whole_files()

    @property
    def steps_per_pass(self) -> int:
        return -(-len(self.data) // self.recipe.batch_size)

    def run(self) -> Iterator[PassReport]:
        """Train the passes that are left, then as many more, within the recipe's limit, as it takes to make every segment exact.

        Raises ValueError if a pass can't be kept; the checkpoint before it stays.
        """
        steps = self.steps_per_pass * self.recipe.passes
        hidden = None if self.accelerator.is_main_process else True  # None: shown in a terminal only
        done = min(steps, self.steps_per_pass * self.passes_done)
        with tqdm(total=steps, initial=done, unit="step", desc="training", leave=False, disable=hidden) as bar:
            for number in range(self.passes_done, self.recipe.passes + self.recipe.polish_passes):
                if number >= self.recipe.passes and self.every_segment_is_safe():
                    break
                report = self._run_pass(number, bar)
                self.passes_done = number + 1
                self._keep(report)
                bar.set_postfix_str(f"exact segments {report.exact_segments:,}/{report.segments:,}")
                yield report

    def batches(self, number: int) -> list[list[int]]:
        """The samples of each step of pass `number`, for all processes together; the same for the same seed and state."""
        self.data.set_pass(number)
        draw = torch.Generator().manual_seed(self.recipe.seed * 100_003 + number)
        if number < self.recipe.passes:
            places = torch.randperm(len(self.data), generator=draw)
            order = focused(places, self.exact, len(self.data.segments), self.recipe.focus_share, draw).tolist()
        else:
            self._troubled |= ~self.exact[: len(self.data.segments)]
            order = polished(~self._troubled, draw).tolist()
        size = self.recipe.batch_size
        order += (order * size)[: -len(order) % size]  # every step has one shape, and compiles once
        return [order[first : first + size] for first in range(0, len(order), size)]

    def every_segment_is_safe(self) -> bool:
        """Whether every segment is exact by the recipe's margin."""
        segments = len(self.data.segments)
        safe = safe_segments(self.model, self.updates, segments, self.recipe.batch_size, self.recipe.polish_margin)
        self.exact[:segments] = safe
        return bool(safe.all())

    def _run_pass(self, number: int, bar: tqdm) -> PassReport:
        began = time.monotonic()
        self.updates.module.train()
        steps = self.steps_per_pass * self.recipe.passes
        loss_sum, unsure_sum, tokens = 0.0, 0, 0
        lr, polish = 0.0, number >= self.recipe.passes
        in_bf16 = self.precision == "bfloat16" and min(number, self.recipe.passes - 1) < self.recipe.bf16_share * self.recipe.passes
        batches = self.batches(number)
        if polish:
            bar.set_description("polish")
            bar.reset(len(batches))
        for index, numbers in enumerate(batches):
            lr = (
                polish_rate(self.recipe, number - self.recipe.passes)
                if polish
                else self.recipe.lr * self.recipe.lr_share(number * self.steps_per_pass + index, steps)
            )
            loss, unsure, counted = self.updates.step(numbers, lr, in_bf16=in_bf16, polish=polish)
            self.exact[numbers] = unsure == 0
            loss_sum, unsure_sum, tokens = loss_sum + loss, unsure_sum + int(unsure.sum()), tokens + counted
            bar.update()
        self.exact[len(self.data.segments) :] = False  # windows are other text in each pass
        before, self._whole = self._whole, self._whole_files()
        return PassReport(
            number=number + 1,
            loss=loss_sum / tokens,
            token_accuracy=1 - unsure_sum / tokens,
            exact_segments=int(self.exact.sum()),
            segments=len(self.data.segments),
            seconds=round(time.monotonic() - began, 1),
            lr=lr,
            tokens=tokens,
            precision="bfloat16" if in_bf16 else "float32",
            came=sorted(self._whole - before),
            lost=sorted(before - self._whole),
            polish=polish,
        )

    def _whole_files(self) -> set[str]:
        """The files whose every segment was exact when last seen."""
        broken = {path for path, exact in zip(self.data.paths, self.exact.tolist(), strict=False) if not exact}
        return set(self.data.paths) - broken

    def _keep(self, report: PassReport) -> None:
        """Write the log and perhaps a checkpoint, in this order: a run that is killed repeats the passes since, and the log misses none.

        The first process does it. If it can't, all of them raise ValueError: they would wait for it.
        """
        fault = ""
        if self.accelerator.is_main_process:
            try:
                append_json_line(self.out / LOG, asdict(report))
                if self.passes_done >= self.recipe.passes or time.monotonic() - self._kept >= self._keep_s:
                    write_checkpoint(self.out / CHECKPOINT, self.recipe, self.data.digest, self._state())
                    self._kept = time.monotonic()
            except OSError as error:
                fault = (
                    f"{self.out}: pass {report.number} can't be kept ({error.strerror}); "
                    "make room and give the same command again: it goes on from the checkpoint before"
                )
        [fault] = broadcast_object_list([fault])
        if fault:
            raise ValueError(fault)

    def _state(self) -> dict[str, Any]:
        """What a checkpoint holds; `_load_checkpoint` takes it."""
        optimizers = [optimizer.state_dict() for optimizer in self.updates.optimizers]
        return {"passes_done": self.passes_done, "exact": self.exact, "model": self.model.state_dict(), "optimizers": optimizers}

    def _load_checkpoint(self) -> None:
        """Continue where a killed run stopped. Raises ValueError for the checkpoint of another recipe or other files."""
        state = read_checkpoint(self.out / CHECKPOINT, self.recipe, self.data.digest)
        if state is None:
            return
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.updates.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.passes_done, self.exact = state["passes_done"], state["exact"].cpu()


def read_log(out: Path) -> list[dict[str, Any]]:
    """The pass reports that runs in `out` have written, as dictionaries; the last one for each pass."""
    file = out / LOG
    records = read_json_lines(file) if file.is_file() else []
    return list({record["number"]: record for record in records if "number" in record}.values())
