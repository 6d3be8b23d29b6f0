"""Muon (Jordan et al. 2024), batched over matrices of one shape.

`torch.optim.Muon` orthogonalises one matrix after the other, in bfloat16. On a CPU without bfloat16 units that takes some thirty
times as long as the forward and backward pass together. This one uses the precision of the run.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor

from laam.train.recipe import Precision

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # quintic coefficients of Jordan's Muon
NEWTON_SCHULZ_STEPS = 5


class Muon(torch.optim.Optimizer):
    """Momentum, then orthogonalised updates, scaled to the root mean square of AdamW's (0.2 * sqrt(longer side))."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, precision: Precision = "float32") -> None:
        self._dtype: torch.dtype = getattr(torch, precision)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for param in group["params"]:
                if param.grad is not None:
                    by_shape[param.shape].append(param)
            for shape, params in by_shape.items():
                momenta = torch.stack([self._momentum(param, group["momentum"]) for param in params])
                updates = orthogonalise(momenta, self._dtype).to(momenta.dtype)
                scale = 0.2 * max(shape) ** 0.5
                for param, update in zip(params, updates, strict=True):
                    param.add_(update, alpha=-group["lr"] * scale)

    def _momentum(self, param: Tensor, momentum: float) -> Tensor:
        """The Nesterov momentum of the gradient, same shape as the parameter."""
        assert param.grad is not None
        buffer = self.state[param].setdefault("momentum", torch.zeros_like(param))
        buffer.lerp_(param.grad, 1 - momentum)
        return param.grad.lerp(buffer, momentum)


def orthogonalise(matrices: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Push all singular values of each matrix towards 1, computed and given in `dtype`. Shape (count, rows, columns), kept."""
    tall = matrices.size(-2) > matrices.size(-1)
    x = matrices.mT if tall else matrices
    x = (x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)).to(dtype)
    a, b, c = NEWTON_SCHULZ
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x
