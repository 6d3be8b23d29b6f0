"""The controls, which show what chance looks like: an untrained copy of a model, and paths that don't exist in the kernel."""

from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path
from random import Random
from shutil import copyfile

from laam.corpus.catalog import SourceFile
from laam.model.model import Model
from laam.model.weight_files import REQUIRED

CONTROL_FILES = 16
UNTRAINED, INVENTED = "untrained copy", "made-up path"
_SHUFFLES = 20


def control_files(files: Sequence[SourceFile], limit: int = CONTROL_FILES) -> list[SourceFile]:
    """At most `limit` files, evenly from the smallest to the largest."""
    by_size = sorted(files, key=lambda file: (file.size, file.path))
    if len(by_size) <= limit:
        return by_size
    return [by_size[(2 * number + 1) * len(by_size) // (2 * limit)] for number in range(limit)]


def invented_path(path: str, known: Collection[str], seed: int) -> str:
    """A path that is not in `known`: the letters of the file's name shuffled, its folder and its ending kept.

    If no order of the letters gives a new name, as for `ll.c`, letters are added.
    """
    folder, _, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    draw = Random(f"{seed}/{path}")
    letters = list(stem)
    for tries in count():
        draw.shuffle(letters)
        made_up = f"{folder}/{''.join(letters)}{dot}{ending}"
        if made_up not in known:
            return made_up
        if tries >= _SHUFFLES:
            letters.append("x")
    raise AssertionError("unreachable")


def untrained_copy(model: Model, folder: Path, seed: int) -> Model:
    """A model of the same configuration and tokenizer, whose weights were drawn by `seed`, written into `folder` in float16."""
    import torch
    from accelerate.utils import set_seed
    from transformers import AutoConfig, AutoModelForCausalLM

    set_seed(seed)
    config = AutoConfig.from_pretrained(model.folder)
    drawn = AutoModelForCausalLM.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    drawn.half().save_pretrained(folder, max_shard_size="1TB")
    for name in REQUIRED:
        copyfile(model.folder / name, folder / name)
    return Model(f"{model.name}, untrained", folder, model.cache, model.precision)
