"""Functions of the C library by which Linux hands out memory."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as malloc.h has them
KEEP_BYTES = 256 << 20
LARGEST_KEPT = 32 << 20  # the most that glibc takes


def glibc(name: str) -> Callable[..., int] | None:
    """A function of glibc; None where there is another library, or none of that name."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


@cache
def keep_freed_memory() -> None:
    """Let this process use memory again that it freed, instead of giving it back at once and getting it anew, page by page.

    CTranslate2 lays out keys and values anew for each token. glibc takes what is larger than 128 kB from the system, and gives it back,
    until it has seen such sizes. Of the first files that a process wrote this took 15 to 40 % of the processor's time.
    """
    if mallopt := glibc("mallopt"):
        mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)
        mallopt(M_TRIM_THRESHOLD, KEEP_BYTES)
