"""A lossy copy of a model, as a model of its own: always served in float32, from a temporary folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

from safetensors.numpy import save_file

from laam.faults import TOO_LITTLE_MEMORY, lacks_memory
from laam.model.lossy import Lossy
from laam.model.model import REFERENCE_PRECISION, Model
from laam.model.weight_files import REQUIRED, WEIGHTS
from laam.model.weights import read_weights


@contextmanager
def lossy_copy(model: Model, lossy: Lossy) -> Iterator[Model]:
    """A copy of a model with what is left of its weights, in a temporary folder that goes with the block.

    It is converted for serving as any model is, in float32 whatever the model itself is served in, so its text is that of the rounded
    weights and not of an engine's own rounding. `digest`: of its own weights. It has no verdict, since the model's is on
    others. Raises ValueError for a model that can't be read, and if there is no room for the copy.
    """
    with tempfile.TemporaryDirectory(prefix="laam-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        try:
            for name in REQUIRED:
                copyfile(model.folder / name, folder / name)
            save_file(lossy.copy_of(read_weights(model.folder)), folder / WEIGHTS)
        except (OSError, MemoryError) as error:
            if lacks_memory(error):
                raise ValueError(TOO_LITTLE_MEMORY) from error
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise ValueError(f"there is no room for a lossy copy of the model ({reason}): point TMPDIR to a folder with some") from error
        yield Model(model.name, folder, folder, REFERENCE_PRECISION)


@contextmanager
def asked_model(model: Model, lossy: Lossy) -> Iterator[Model]:
    """The model that answers an ask: the model itself, or a lossy copy, which goes with the block. Raises as `lossy_copy` does."""
    if not lossy:
        yield model
        return
    with lossy_copy(model, lossy) as copy:
        yield copy
