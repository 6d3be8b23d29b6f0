import gzip
import io
import lzma
import tarfile
from itertools import pairwise

import pytest

from laam.measure.packing import ORDERS, PERCENTS, gz_bytes, kept_files, pack_steps, pack_tar, xz_bytes

SIZES = {"linux/b": 20, "linux/a": 20, "linux/c": 1, "linux/d": 300}
TREE = {path: (path.encode() * size)[:size] for path, size in SIZES.items()}


def test_a_share_of_the_files_is_dropped_rounded_down() -> None:
    assert [len(kept_files(SIZES, "smallest", percent, 0)) for percent in (0, 24, 25, 50, 99, 100)] == [4, 4, 3, 2, 1, 0]
    assert kept_files(SIZES, "smallest", 25, 0) == ["linux/a", "linux/b", "linux/d"]
    assert kept_files(SIZES, "largest", 25, 0) == ["linux/a", "linux/b", "linux/c"]
    assert kept_files(SIZES, "largest", 50, 0) == ["linux/b", "linux/c"]  # of two of one size, the first by path goes first


def test_the_random_order_drops_what_the_step_before_dropped_and_more() -> None:
    sizes = {f"linux/{number}": number for number in range(50)}
    steps = [set(kept_files(sizes, "random", percent, 7)) for percent in PERCENTS]
    assert all(later < earlier for earlier, later in pairwise(steps))
    assert steps[3] != set(kept_files(sizes, "random", PERCENTS[3], 8))


@pytest.mark.parametrize("order", ORDERS)
def test_the_sizes_are_those_of_archives_that_give_the_files_back(order: str) -> None:
    for step in pack_steps(TREE, order, 7, (0, 50, 100)):
        kept = kept_files(SIZES, order, step.percent, 7)
        tar = pack_tar({path: TREE[path] for path in kept})
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            back = {member.name: archive.extractfile(member).read() for member in archive.getmembers()}  # type: ignore[union-attr]
        assert back == {path: TREE[path] for path in kept}
        assert (step.files, step.characters, step.tar) == (len(kept), sum(SIZES[path] for path in kept), len(tar))
        assert (step.gz, step.xz) == (gz_bytes(tar), xz_bytes(tar))


def test_the_same_files_give_the_same_bytes_and_both_packers_take_all_of_them() -> None:
    data = pack_tar(TREE)
    assert data == pack_tar(dict(TREE))
    assert gz_bytes(data) == len(gzip.compress(data, 9, mtime=0)) < len(data)
    assert xz_bytes(data) == len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)) < len(data)
