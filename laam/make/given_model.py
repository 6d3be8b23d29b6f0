"""A model that is trained already, as an exhibit's own: copied, and proven anew."""

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from laam.model.model import VERDICT, Model, open_model
from laam.settings import Settings
from laam.train.verdict import judge, write_verdict


def check_given(folder: Path, settings: Settings, files: Collection[str]) -> Model:
    """The model in `folder`, which was trained on `files`, as far as its verdict says so. Raises ValueError."""
    model = open_model(str(folder), settings)
    if model.trained_on and set(model.trained_on) != set(files):
        raise ValueError(f"--model {folder}: its verdict is on other files than these; name those that it was trained on with --select")
    return model


def take_model(model: Model, files: Mapping[str, bytes], folder: Path, settings: Settings) -> None:
    """Copy a model's files into `folder`, with a verdict on `files` (bytes by path) that is made now.

    Raises ValueError for a model that can't be asked for files, and OSError.
    """
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was stopped
    folder.mkdir(parents=True)
    for file in sorted(model.folder.iterdir()):
        if file.is_file() and file.name != VERDICT and not file.name.startswith("."):
            shutil.copyfile(file, folder / file.name)
    write_verdict(judge(open_model(str(folder), settings), files), folder)
