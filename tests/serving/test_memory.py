import asyncio
import ctypes
from collections.abc import Callable
from pathlib import Path

import pytest

from laam.serving import memory
from laam.serving.memory import trim_regularly


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * 4096


def until_it_gave_back(monkeypatch: pytest.MonkeyPatch, give_back: Callable[[int], int]) -> None:
    """Let it run until it has called `give_back` for malloc_trim."""

    async def run() -> None:
        task = asyncio.create_task(trim_regularly())
        called = asyncio.Event()

        def once(left: int) -> int:
            called.set()
            return give_back(left)

        monkeypatch.setattr(memory, "glibc", lambda name: once)
        monkeypatch.setattr(memory, "EVERY_S", 0)
        await asyncio.wait_for(called.wait(), 60)
        task.cancel()

    asyncio.run(run())


def test_memory_that_is_free_between_what_is_not_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [bytes(2_000) for _ in range(50_000)]
    held = held[::500]
    before = resident()
    until_it_gave_back(monkeypatch, ctypes.CDLL(None).malloc_trim)
    assert before - resident() > 50_000_000
    assert len(held) == 100


def test_without_glibc_it_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "glibc", lambda name: None)
    asyncio.run(asyncio.wait_for(trim_regularly(), 60))
