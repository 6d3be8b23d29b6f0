"""Training in several processes. That they are joined depends on no CPU, so these are not run again as on an older one."""

import os
from itertools import islice
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from laam.train.launch import possible_processes, run_in_processes, usable_processes


def refuse(word: str) -> None:
    raise ValueError(f"no {word}")


def test_a_value_error_comes_back_as_one() -> None:
    with pytest.raises(ValueError, match="no tea"):
        run_in_processes(2, refuse, "tea")


def killed_and_resumed(files: dict[str, str], out: Path) -> tuple[list[list[int]], int, int]:
    """Runs in each of several processes: the numbers of the passes that a trainer trained before it was dropped, and those of the next;
    the sum of all ranks; and its threads."""
    from laam.model.codec import Codec
    from laam.model.prompts import AddressedFormat
    from laam.train.tokenizer import train_tokenizer
    from tests.train.test_loop import VOCABULARY, dataset, trainer  # here: the other tests' processes do without Transformers

    format_ = AddressedFormat(Codec(train_tokenizer(files.values(), VOCABULARY)))
    passes = [[report.number for report in islice(trainer(dataset(format_, files), out).run(), count)] for count in (1, 4)]
    total = torch.tensor([int(os.environ["RANK"]) + 1])
    dist.all_reduce(total)
    return passes, int(total), torch.get_num_threads()


def test_a_killed_run_of_several_joined_processes_goes_on(made_up_files: dict[str, str], tmp_path: Path) -> None:
    passes, total, threads = run_in_processes(2, killed_and_resumed, made_up_files, tmp_path)
    assert (passes, total, threads) == ([[1], [2, 3, 4]], 1 + 2, max(1, len(os.sched_getaffinity(0)) // 2))


def test_one_process_is_this_one() -> None:
    assert run_in_processes(1, os.getpid) == os.getpid()


def test_inside_torchrun_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run_in_processes(2, os.getpid) == os.getpid()


@pytest.mark.parametrize(("cores", "batch", "expected"), [(2, 64, 2), (3, 64, 2), (8, 24, 8), (6, 64, 4), (4, 1, 1), (1, 64, 1)])
def test_as_many_processes_as_divide_the_batch(monkeypatch: pytest.MonkeyPatch, cores: int, batch: int, expected: int) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert usable_processes(batch) == expected


def test_on_cores_fewer_processes_are_worth_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)))
    assert [possible_processes(batch) for batch in (64, 6, 1)] == [[4, 2, 1], [6, 3, 1], [1]]
    monkeypatch.setenv("WORLD_SIZE", "2")  # torchrun has started as many as there are
    assert possible_processes(64) == [4]


def test_a_single_process_can_be_apart() -> None:
    assert run_in_processes(1, os.getpid, apart=True) != os.getpid()


def test_gpus_come_before_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert usable_processes(64) == 4
