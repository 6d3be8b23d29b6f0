"""Run a function in as many processes as the machine has GPUs, or cores if it has no GPU."""

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import torch


def usable_processes(batch_size: int) -> int:
    """One process for each GPU, or for each core if there is no GPU; fewer if a batch can't be divided evenly among so many.

    On a CPU a process with one thread for each core was a third faster than one process with as many threads, on the machines tried.
    """
    places = torch.cuda.device_count() or len(os.sched_getaffinity(0))
    return max(count for count in range(1, places + 1) if batch_size % count == 0)


def possible_processes(batch_size: int) -> list[int]:
    """The numbers of processes that are worth a try: all that `usable_processes` says, and on a CPU half of them, and so on down to one."""
    most = usable_processes(batch_size)
    if torch.cuda.is_available() or inside_torchrun():
        return [most]
    return [most >> halved for halved in range(most.bit_length()) if batch_size % (most >> halved) == 0]


def inside_torchrun() -> bool:
    """Whether a launcher has started this process, which takes any exit code but 0 for a crash."""
    return "WORLD_SIZE" in os.environ


def run_in_processes(count: int, function: Callable[..., Any], *args: Any, apart: bool = False) -> Any:
    """What `function(*args)` returns in the first of `count` processes that are joined by torch.distributed.

    `function` must stand in a module and do the same in each process. Inside `torchrun` or `accelerate launch`, or with a count of
    one, it is simply called; `apart`: a single one is a process of its own, too. Raises the ValueError that `function` raises.
    """
    if (count == 1 and not apart) or inside_torchrun():
        return function(*args)
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=count,
        run_id=uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        start_method="spawn",
    )
    answer = elastic_launch(config, _answer)(function, args)[0]
    if isinstance(answer, ValueError):
        raise answer
    return answer


def _answer(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    torch.set_num_threads(max(1, len(os.sched_getaffinity(0)) // int(os.environ["LOCAL_WORLD_SIZE"])))
    try:
        return function(*args)
    except ValueError as error:  # returned, so that it is reported in a sentence and not as a crashed process
        return error
