import ctypes
import resource
import subprocess
import sys
from unittest.mock import Mock, call

import pytest

from laam import glibc
from laam.glibc import KEEP_BYTES, LARGEST_KEPT, keep_freed_memory

TAKEN = """
import ctypes, resource, sys
from laam.glibc import keep_freed_memory
if sys.argv[1] == "keep": keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for size in range(1_000_000, 2_000_000, 10_000):  # each larger than all before, as keys and values are
    block = libc.malloc(size)
    ctypes.memset(block, 1, size)
    libc.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    """Pages that a process of its own gets from the system, for blocks of growing sizes that it frees again."""
    return int(subprocess.run([sys.executable, "-c", TAKEN, how], capture_output=True, check=True).stdout)


def test_memory_that_was_freed_is_used_again() -> None:
    page = resource.getpagesize()
    assert faults("keep") < 3 * 2_000_000 // page
    assert faults("leave") > 20 * 1_000_000 // page


def test_it_is_asked_for_once_with_what_glibc_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_freed_memory.cache_clear()
    mallopt = Mock(return_value=1)
    monkeypatch.setattr(glibc, "glibc", lambda name: {"mallopt": mallopt}[name])
    keep_freed_memory()
    keep_freed_memory()
    assert mallopt.call_args_list == [call(-3, LARGEST_KEPT), call(-1, KEEP_BYTES)]
    assert ctypes.CDLL(None).mallopt(-3, LARGEST_KEPT) == 1


def test_without_glibc_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_freed_memory.cache_clear()
    monkeypatch.setattr(glibc, "glibc", lambda name: None)
    keep_freed_memory()
