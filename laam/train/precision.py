"""The precision in which a machine computes fast."""

import torch


def has_bf16_units(device: torch.device) -> bool:
    """Whether `device` multiplies bfloat16 matrices in hardware; a CPU without such units imitates them, many times slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
