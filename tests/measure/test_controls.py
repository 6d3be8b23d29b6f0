from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from laam.corpus.catalog import SourceFile
from laam.measure.controls import control_files, invented_path, untrained_copy
from laam.model.engine import Decoding
from laam.model.model import Model


def file(size: int) -> SourceFile:
    return SourceFile(f"linux/{size}.c", size, 1, "", "", "", "", (), (), "")


@pytest.mark.parametrize(("count", "sizes"), [(3, [0, 1, 2]), (4, [0, 1, 2, 3]), (8, [1, 3, 5, 7]), (100, [12, 37, 62, 87])])
def test_control_files_are_of_all_sizes(count: int, sizes: list[int]) -> None:
    files = [file(size) for size in reversed(range(count))]
    assert [chosen.size for chosen in control_files(files, 4)] == sizes


def test_a_made_up_path_has_the_letters_of_a_real_one() -> None:
    path = "linux/kernel/teapot.c"
    made_up = invented_path(path, {path}, 3)
    assert made_up != path
    assert made_up.startswith("linux/kernel/")
    assert sorted(made_up) == sorted(path)
    assert made_up.endswith(".c")
    assert made_up == invented_path(path, {path}, 3) != invented_path(path, {path}, 4)


def test_where_no_order_of_the_letters_is_free_letters_are_added() -> None:
    made_up = invented_path("linux/net/ll.h", {"linux/net/ll.h"}, 1)
    assert made_up.startswith("linux/net/")
    assert made_up not in ("linux/net/ll.h", "linux/net/.h")
    assert made_up.endswith(".h")


def test_the_untrained_copy_has_the_shape_and_none_of_the_weights(model: Model, tmp_path: Path) -> None:
    copy = untrained_copy(model, tmp_path, 3)
    ours, theirs = (load_file(folder / "model.safetensors") for folder in (copy.folder, model.folder))
    assert {name: weight.shape for name, weight in ours.items()} == {name: weight.shape for name, weight in theirs.items()}
    assert not any(np.array_equal(ours[name], theirs[name]) for name in ours if "proj" in name or "embed" in name)
    assert (copy.parameters, copy.window, copy.precision) == (model.parameters, model.window, model.precision)
    prompt = copy.format.path_prompt("linux/kernel/sched.c")
    assert len(list(copy.engine.decoder(Decoding()).stream(prompt.ids, (), 5))) == 5


def test_the_seed_draws_the_untrained_copy(model: Model, tmp_path: Path) -> None:
    digests = []
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        (tmp_path / name).mkdir()
        digests.append(untrained_copy(model, tmp_path / name, seed).digest)
    assert digests[0] == digests[1] != digests[2]
