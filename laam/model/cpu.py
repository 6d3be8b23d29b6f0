"""What the processor of this machine computes without an error."""

import os
import platform
from functools import cache
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
LIMIT = "ONEDNN_MAX_CPU_ISA"
"""The environment's limit on the instructions that oneDNN uses, which multiplies CTranslate2's int8 matrices."""
LIMITS_WITHOUT_VNNI = frozenset({"SSE41", "AVX", "AVX2", "AVX512_CORE"})


@cache
def sums_int8_exactly(cpu_info: Path = CPU_INFO) -> bool:
    """Whether products of int8 numbers are summed here without an overflow.

    On x86 that takes VNNI instructions. Without them pairs of products are summed in 16 bits, which saturate, and a greedy text may
    come out otherwise. If an x86 processor can't be asked, or the environment keeps oneDNN from those instructions, the answer is no.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return True
    if os.environ.get(LIMIT, "").upper() in LIMITS_WITHOUT_VNNI:
        return False
    try:
        flags = cpu_info.read_text("utf-8").split()
    except OSError:
        return False
    return "avx512_vnni" in flags or "avx_vnni" in flags
