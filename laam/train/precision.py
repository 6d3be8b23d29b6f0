"""The precisions in which a machine may compute fast."""

import torch

from laam.train.recipe import PRECISIONS, Precision


def possible_precisions(device: torch.device) -> tuple[Precision, ...]:
    """Those in which `device` may be fast. One without units for bfloat16 imitates it, many times slower than float32; one that has them
    need not be faster for it."""
    if device.type == "cuda":
        has_units = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has_units = device.type == "cpu" and (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return PRECISIONS if has_units else ("float32",)
