"""The settings of a training run, in one frozen dataclass that is written into the checkpoint and the model card."""

from dataclasses import dataclass
from typing import Literal, get_args

Precision = Literal["float32", "bfloat16"]
"""Of matrix products; weights are float32 in either."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class Recipe:
    """The defaults are for all source files of the shipped release. Lengths are in tokens, `passes` are over the selected files."""

    vocab_size: int = 8192
    hidden_size: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 0  # heads of keys and values, which the others share; 0: as many as `heads`
    mlp_size: int = 576
    window: int = 256
    passes: int = 58
    batch_size: int = 64  # of all processes together
    lr: float = 4e-3
    warmup_steps: int = 100
    constant_share: float = 0.4  # of all steps; then linear
    final_lr_share: float = 0.02  # of `lr`, at the end of the last step
    gradient_clip: float = 1.0
    headerless_share: float = 0.125  # windows without a header for each segment
    bf16_share: float = 1.0  # of the passes, the first ones, in bfloat16 if that is the faster one; the polish is like the last
    sure: float = 1.0  # of the probability: a token with more carries no loss; below 1, few parameters hold more tokens, less surely
    focus_share: float = 0.5  # of the segments that were exact when last seen: their places in a pass go to samples with errors
    polish_passes: int = 16  # at most so many more, by gradient descent, until every segment is safely exact
    polish_margin: float = 1.0  # by how much the right token's logit must lead, so that float16 and int8 can't change the token
    seed: int = 1994

    def lr_share(self, step: int, steps: int) -> float:
        """The learning rate at `step` of `steps`, as a share of `lr`: warm-up, constant, linear decay."""
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        constant = self.constant_share * steps
        decayed = (step - constant) / (steps - constant) if step > constant else 0.0
        return 1 - decayed * (1 - self.final_lr_share)
