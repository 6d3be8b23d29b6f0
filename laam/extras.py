"""Packages that serving does without: those of the extra `train`."""

from collections.abc import Iterator
from contextlib import contextmanager

TRAIN = ("torch", "transformers", "accelerate", "tree-sitter", "tree-sitter-c", "license-expression", "pathspec", "zstandard")


class MissingExtraError(ValueError):
    """A package of the extra isn't installed; the sentence says how to install it."""


@contextmanager
def training_packages() -> Iterator[None]:
    """Stands around what may import a package of the extra. Raises MissingExtraError if there is none; any other fault goes on."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0].replace("_", "-")
        if package not in TRAIN:
            raise
        raise MissingExtraError(
            f'this needs {package}, which serving does without; install it with `pip install "linux-as-a-model[train]"`, '
            "or in a checkout with `pip install -r requirements.txt`"
        ) from error
